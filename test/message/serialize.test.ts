import fc from 'fast-check';
import { MessageError } from '../../src/errors.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import type { SerializeOptions } from '../../src/types.js';
import { failure } from './failure.js';
import { fixture } from './fixture.js';
import { runs } from './runs.js';

async function sent(raw: string | Uint8Array, options?: SerializeOptions): Promise<string> {
  return latin1(await Message.parse(raw).toBytes(options));
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

describe('what is sent', () => {
  it.each<[fact: string, raw: string, octets: string]>([
    [
      'nothing changes in a clean message',
      'A: 1\r\nB:  2 \r\n\t3\r\n\r\n.dot\r\n\r\n',
      'A: 1\r\nB:  2 \r\n\t3\r\n\r\n.dot\r\n\r\n',
    ],
    ['LF becomes CRLF', 'A: 1\n 2\n\nText\n', 'A: 1\r\n 2\r\n\r\nText\r\n'],
    ['a lone CR in the body becomes CRLF', 'A: 1\n\na\rb\r\r\nc\n', 'A: 1\r\n\r\na\r\nb\r\n\r\nc\r\n'],
    ['the last line gets its line end', 'A: 1\r\n\r\nText', 'A: 1\r\n\r\nText\r\n'],
    ['a header without line end gets one', 'A: 1', 'A: 1\r\n'],
    ['a BOM and an mbox line are dropped', '\ufeffFrom a@b\nA: 1\n\nFrom here\n', 'A: 1\r\n\r\nFrom here\r\n'],
    ['a quoted mbox line is dropped', '>From a@b\nA: 1\n\n', 'A: 1\r\n\r\n'],
    ['Bcc is removed with its folds', 'Bcc: a@b,\r\n c@d\r\n\te@f\r\nA: 1\r\n\r\n', 'A: 1\r\n\r\n'],
    [
      'Bcc is removed each time',
      'Bcc: a\r\nA: 1\r\nbcc:b\r\nBCC \t : c\r\nB: 2\r\nResent-Bcc: d\r\n\r\n',
      'A: 1\r\nB: 2\r\n\r\n',
    ],
    ['Bcc is removed behind a line that is no field', 'A: 1\r\nno field\r\nBcc: b\r\n\r\n', 'A: 1\r\nno field\r\n\r\n'],
    ['Bcc is removed as the last line', 'A: 1\r\nBcc: b', 'A: 1\r\n'],
    ['Return-Path is removed', 'Return-Path: <a@b>\r\nA: 1\r\n\r\n', 'A: 1\r\n\r\n'],
    [
      'Bcc is removed when its colon stands on a folded line',
      'Bcc\r\n : a@b\r\nA: 1\r\nResent-Bcc \n\t\n : c\r\n\r\n',
      'A: 1\r\n\r\n',
    ],
    ['a colon at the beginning of a line is none of Bcc', 'A: 1\r\nBcc\r\n: x\r\n\r\n', 'A: 1\r\nBcc\r\n: x\r\n\r\n'],
    [
      'names that only look like it stay',
      'X-Bcc: a\r\nBcc2: b\r\nA: Bcc: c\r\n\r\n',
      'X-Bcc: a\r\nBcc2: b\r\nA: Bcc: c\r\n\r\n',
    ],
    ['Bcc in the body stays', 'A: 1\r\n\r\nBcc: a\r\n', 'A: 1\r\n\r\nBcc: a\r\n'],
    ['a body alone is left when every field was removed', 'Bcc: a\r\n\r\nText\r\n', '\r\nText\r\n'],
    ['8-bit octets stay', 'A: \xff\r\n\r\n\xfe\r\n', 'A: \xff\r\n\r\n\xfe\r\n'],
    ['a line of 998 octets stays', `A: ${'x'.repeat(995)}\r\n`, `A: ${'x'.repeat(995)}\r\n`],
  ])('%s', async (_fact, raw, octets) => {
    const bytes = Buffer.from(raw, raw.startsWith('\ufeff') ? 'utf8' : 'latin1');
    expect(await sent(bytes)).toBe(octets);
  });

  it.each<[fact: string, raw: string, code: string]>([
    ['NUL in the body', 'A: 1\r\n\r\n\0', 'ERR_NUL_OCTET'],
    ['NUL in the header block', 'A: \0\r\n\r\n', 'ERR_NUL_OCTET'],
    ['a lone CR in the header block', 'A: 1\rB: 2\r\n\r\n', 'ERR_BARE_CR_IN_HEADER'],
    ['a lone CR that ends a field which is removed', 'A: 1\r\nBcc: a\rB: 2\r\n\r\n', 'ERR_BARE_CR_IN_HEADER'],
    ['a lone CR as the empty line', 'A: 1\r\n\rText', 'ERR_BARE_CR_IN_HEADER'],
    ['CR CR LF', 'A: 1\r\r\nText', 'ERR_BARE_CR_IN_HEADER'],
    ['a line of 999 octets', `A: 1\r\n\r\n${'x'.repeat(999)}`, 'ERR_LINE_TOO_LONG'],
    ['a header line of 999 octets', `A: ${'x'.repeat(996)}`, 'ERR_LINE_TOO_LONG'],
    ['nothing but fields that are removed', 'Bcc: a@b\r\n', 'ERR_MESSAGE_EMPTY'],
  ])('%s is refused', async (_fact, raw, code) => {
    await expect(sent(raw)).rejects.toThrow(failure({ code, hint: expect.any(String) }));
    expect(() => serializeMessage(Message.parse(raw))).toThrow(MessageError);
  });

  it('keepReturnPath keeps Return-Path', async () => {
    expect(await sent('Return-Path: <a@b>\r\nBcc: c\r\n\r\n', { keepReturnPath: true })).toBe(
      'Return-Path: <a@b>\r\n\r\n',
    );
  });

  it('allowLongLines lets long lines pass', async () => {
    expect(await sent(`A: 1\n\n${'x'.repeat(5000)}`, { allowLongLines: true })).toHaveLength(8 + 5002);
  });

  it("'normalize-all' takes a lone CR for a line end, so that a field behind it is a field", async () => {
    const raw = fixture('lone-cr-hides-a-bcc');
    await expect(sent(raw)).rejects.toThrow(failure({ code: 'ERR_BARE_CR_IN_HEADER' }));
    const octets = await sent(raw, { lineEndings: 'normalize-all' });
    expect(octets).toBe('From: alice@example.org\r\nTo: bob@example.com\r\nSubject: hi\r\n\r\nText\r\n');
  });

  it.each(['A: 1\n\n', 'A: 1\rB: 2\r\n\r\n', 'A: 1\r\n\r\na\nb\r\n', 'A: 1\r\n\r\na\rb\r\n', 'Bcc: a\rA: 1\r\n\r\n'])(
    "'reject' refuses %j",
    async (raw) => {
      await expect(sent(raw, { lineEndings: 'reject' })).rejects.toThrow(failure({ code: 'ERR_BARE_LINE_END' }));
    },
  );

  it("'reject' takes CRLF, and a last line without end", async () => {
    expect(await sent('A: 1\r\n\r\nText', { lineEndings: 'reject' })).toBe('A: 1\r\n\r\nText\r\n');
  });

  it('more than 100 Received fields are a loop', async () => {
    const raw = latin1(fixture('one-hundred-and-one-hops'));
    await expect(sent(raw)).rejects.toThrow(failure({ code: 'ERR_MAIL_LOOP', header: 'Received' }));
    expect(await sent(raw.replace(/^Received.*\r\n/, ''))).toContain('h100.example');
  });

  it('Bcc in every form goes, and what is inside the body stays', async () => {
    const octets = await sent(fixture('bcc-in-every-form'));
    const [header, ...body] = octets.split('\r\n\r\n');
    expect(header).toBe(
      [
        'From: Alice Example <alice@example.org>',
        'To: Bob <bob@example.com>',
        'X-Bcc: stays',
        'this line is no field',
        'MIME-Version: 1.0',
        'Content-Type: message/rfc822',
        'Subject: Lunch',
        'Date: Fri, 21 Nov 2025 10:00:00 +0000',
        'Message-ID: <lunch.1@example.org>',
      ].join('\r\n'),
    );
    expect(body.join('\r\n\r\n')).toBe('Bcc: embedded@example.com\r\nSubject: inside\r\n\r\nBcc: this is text\r\n');
  });
});

describe('the content', () => {
  it('is made of views of the octets where nothing changes', () => {
    const raw = Buffer.from(`A: 1\r\nBcc: x\r\nB: 2\r\n\r\n${'line\r\n'.repeat(100_000)}`);
    const { segments = [] } = serializeMessage(Message.parse(raw));
    for (const segment of segments) expect(segment.buffer).toBe(raw.buffer);
    expect(segments.length).toBeLessThan(20);
  });

  it.each<[fixture: string, headerCharset: string, eightBit: boolean]>([
    ['new-mail-with-bcc', 'ascii', false],
    ['utf-8-header', 'utf-8', true],
    ['latin-1-header', 'other', true],
  ])('%s has a header block in %s', (fact, headerCharset, eightBit) => {
    expect(serializeMessage(Message.parse(fixture(fact)))).toMatchObject({ headerCharset, eightBit, replayable: true });
  });

  it('does not count what is removed', () => {
    const content = serializeMessage(Message.parse('Bcc: ü@b\r\nA: 1\r\n\r\n.\r\n..\r\n'));
    expect(content).toMatchObject({ headerCharset: 'ascii', eightBit: false, sizeBytes: 15, dotLines: 2 });
  });

  it('is canonical, of the size that was told, and stays as it is when it is parsed and sent again', async () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', '.', 'a', ':', ' ', 'Bcc', 'Return-Path:', 'From ', '\xff');
    const octets = fc
      .array(piece, { minLength: 1, maxLength: 60 })
      .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
    await fc.assert(
      fc.asyncProperty(octets, async (raw) => {
        const options = { lineEndings: 'normalize-all' } as const;
        let content;
        try {
          content = serializeMessage(Message.parse(raw), options);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_MESSAGE_EMPTY' });
          return;
        }
        const once = Buffer.concat(content.segments ?? []);
        expect(once.toString('latin1')).toMatch(/^(?:[^\r\n]*\r\n)+$/);
        expect(content.sizeBytes).toBe(once.length);
        expect(content.eightBit).toBe(once.some((octet) => octet > 127));
        expect(content.dotLines).toBe(
          once
            .toString('latin1')
            .split('\r\n')
            .filter((line) => line.startsWith('.')).length,
        );
        // What was in the middle before may be the first line now, and read as an mbox line.
        if (/^>?From /.test(once.toString('latin1'))) return;
        expect(latin1(await Message.parse(once).toBytes({ lineEndings: 'reject' }))).toBe(once.toString('latin1'));
      }),
      runs(2000),
    );
  });

  it('keeps the empty line behind a lone CR and a field that is removed', async () => {
    const octets = await Message.parse('A: 1\rBcc: x\n\nBcc: text\n').toBytes({ lineEndings: 'normalize-all' });
    expect(latin1(octets)).toBe('A: 1\r\n\r\nBcc: text\r\n');
  });

  it('never has a blind copy above the first empty line', async () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', 'Bcc', 'resent-bcc', ':', ' ', '\r\n ', 'A: 1', 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 40 }), async (pieces) => {
        const parsed = Message.parse(`A: 1\r\n${pieces.join('')}`);
        const octets = latin1(await parsed.toBytes({ lineEndings: 'normalize-all' }));
        const [header = ''] = octets.split('\r\n\r\n');
        expect(header.replace(/\r\n(?=[ \t])/g, '')).not.toMatch(/^(resent-)?bcc[ \t]*:/im);
      }),
      runs(2000),
    );
  });
});
