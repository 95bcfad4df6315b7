import fc from 'fast-check';
import { MessageError, MultipleResentSetsError } from '../../src/errors.js';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import type { SerializeOptions } from '../../src/types.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';
import { fixture } from './fixture.js';

async function sent(raw: string | Uint8Array, options?: SerializeOptions): Promise<string> {
  return latin1(await Message.parse(raw).toBytes(options));
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

describe('parse', () => {
  it('keeps the octets it was given', async () => {
    const raw = fixture('new-mail-with-bcc');
    const before = Buffer.from(raw);
    const parsed = Message.parse(raw);
    parsed.headers.set('Subject', 'other');
    await parsed.toBytes();
    expect(raw.equals(before)).toBe(true);
  });

  it('takes a string as UTF-8, and a plain Uint8Array', () => {
    expect(Message.parse('Subject: Grüße\n\n').headers.get('Subject')).toBe('Grüße');
    const view = new Uint8Array(new TextEncoder().encode('xxA: 1\n\n')).subarray(2);
    expect(Message.parse(view).headers.get('A')).toBe('1');
  });

  it.each<[what: string, raw: string]>([
    ['no octets', ''],
    ['a BOM alone', '\ufeff'],
    ['an mbox line alone', 'From a@b Fri Nov 21\n'],
    ['an empty line alone', '\r\n'],
  ])('refuses %s as empty', (_what, raw) => {
    expect(() => Message.parse(raw)).toThrow(failure({ code: 'ERR_MESSAGE_EMPTY', hint: expect.any(String) }));
  });

  it.each([undefined, null, 7, { raw: '' }, ['A: 1']])('refuses %j', (raw) => {
    expect(() => Message.parse(raw as unknown as string)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE' }));
  });

  it('refuses a header block over 1 MiB', () => {
    expect(() => Message.parse('x'.repeat(1_100_000))).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });

  it('takes a message of only a body', async () => {
    expect(await sent('\r\nText')).toBe('\r\nText\r\n');
  });

  it('can be sent again', () => {
    expect(Message.parse('A: 1\n\n').replayable).toBe(true);
  });
});

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

describe('edited fields', () => {
  it('leave where they stand, and the others stay as they are', async () => {
    const parsed = Message.parse('A:  1\nB: 2\nC :3\n\nText\n');
    parsed.headers.set('B', 'two');
    parsed.headers.append('D', '4');
    parsed.headers.prepend('E', '5');
    expect(latin1(await parsed.toBytes())).toBe('E: 5\r\nA:  1\r\nB: two\r\nC :3\r\nD: 4\r\n\r\nText\r\n');
  });

  it('stand on lines of their own behind a last line without end', async () => {
    const parsed = Message.parse('A: 1');
    parsed.headers.append('B', '2');
    expect(latin1(await parsed.toBytes())).toBe('A: 1\r\nB: 2\r\n');
  });

  it('change the envelope', () => {
    const parsed = Message.parse('From: a@x\nTo: b@x\nBcc: c@x\n\n');
    parsed.headers.delete('Bcc');
    parsed.headers.append('Cc', 'd@x');
    expect(parsed.envelope().to).toEqual(['b@x', 'd@x']);
  });

  it('are removed when they are blind copies', async () => {
    const parsed = Message.parse('A: 1\r\n\r\n');
    parsed.headers.append('Bcc', 'a@b');
    parsed.headers.prepend('RESENT-BCC', 'a@b');
    expect(latin1(await parsed.toBytes())).toBe('A: 1\r\n\r\n');
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
      { numRuns: 2000 },
    );
  });

  it('never has a blind copy above the first empty line', async () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', 'Bcc', 'resent-bcc', ':', ' ', 'A: 1', 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 40 }), async (pieces) => {
        const parsed = Message.parse(`A: 1\r\n${pieces.join('')}`);
        const octets = latin1(await parsed.toBytes({ lineEndings: 'normalize-all' }));
        const [header = ''] = octets.split('\r\n\r\n');
        expect(header).not.toMatch(/^(resent-)?bcc[ \t]*:/im);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('warnings', () => {
  it.each<[fact: string, codes: string[]]>([
    ['new-mail-with-bcc', []],
    ['bcc-in-every-form', ['WARN_MALFORMED_HEADER']],
    ['latin-1-header', ['WARN_HEADER_CHARSET']],
    ['utf-8-header', ['WARN_HEADER_UTF8']],
  ])('%s', (fact, codes) => {
    expect(Message.parse(fixture(fact)).warnings.map(({ code }) => code)).toEqual(codes);
  });
});

describe('resend', () => {
  beforeAll(() => {
    bindMessageEnvironment(fixedEnvironment);
  });
  const fields = { from: 'Bob <bob@example.com>', to: 'carol@example.net' };
  const block = [
    'Resent-Date: Sat, 22 Nov 2025 08:12:05 +0000',
    'Resent-From: Bob <bob@example.com>',
    'Resent-To: carol@example.net',
    `Resent-Message-ID: <${'ab'.repeat(16)}@host.example>`,
    '',
  ].join('\r\n');

  it('puts a complete block in front, and leaves every other octet alone', async () => {
    const raw =
      'Received: x\r\nDKIM-Signature:  a=b;\r\n\tc=d\r\nFrom :  alice@example.org\r\nTo: x@y\r\n\r\nText \r\n\r\n';
    expect(latin1(await Message.parse(raw).resend(fields).toBytes())).toBe(block + raw);
  });

  it('stands behind a dropped BOM and mbox line', async () => {
    const raw = '\ufeffFrom x\nFrom: a@x\n\nText\n';
    expect(latin1(await Message.parse(raw).resend(fields).toBytes())).toBe(`${block}From: a@x\r\n\r\nText\r\n`);
  });

  it('gives the envelope, with blind copies that do not show', async () => {
    const resent = Message.parse(fixture('new-mail-with-bcc')).resend({
      from: [{ name: 'Bob', address: 'bob@example.com' }, 'eve@example.com'],
      sender: 'agent@example.com',
      to: ['g: carol@example.net, dan@example.net;', { address: 'root@example.net' }],
      cc: 'erin@example.net',
      bcc: 'frank@example.net',
    });
    expect(resent.envelope()).toEqual({
      from: 'agent@example.com',
      to: ['carol@example.net', 'dan@example.net', 'root@example.net', 'erin@example.net', 'frank@example.net'],
    });
    expect(resent.headers.get('Resent-To')).toBe('g: carol@example.net, dan@example.net;, root@example.net');
    expect(resent.headers.get('Resent-From')).toBe('Bob <bob@example.com>, eve@example.com');
    expect(resent.explainEnvelope().removed.map(({ header }) => header)).toEqual(['Resent-Bcc', 'Bcc']);
    expect(latin1(await resent.toBytes())).not.toMatch(/frank|dave/);
  });

  it('leaves the original alone', async () => {
    const original = Message.parse(fixture('new-mail-with-bcc'));
    const before = await original.toBytes();
    original.resend(fields).headers.set('Subject', 'other');
    expect(await original.toBytes()).toEqual(before);
    expect(original.headers.has('Resent-From')).toBe(false);
  });

  it('works again on what was resent, while the same octets parsed anew are unclear', async () => {
    const once = Message.parse(fixture('resent-once')).resend(fields);
    const twice = once.resend({ from: 'carol@example.net', bcc: 'dan@example.net' });
    expect(once.envelope()).toEqual({ from: 'bob@example.com', to: ['carol@example.net'] });
    expect(twice.envelope()).toEqual({ from: 'carol@example.net', to: ['dan@example.net'] });
    expect(twice.envelope({ resent: 'latest', conformance: 'rfc5322' })).toEqual(twice.envelope());
    expect(twice.envelope({ resent: 'ignore' }).from).toBe('alice@example.org');
    expect(() => Message.parse('A: 1\n\n').envelope({ resent: 'ignore' })).toThrow(MessageError);
    const anew = Message.parse(await twice.toBytes());
    expect(() => anew.envelope()).toThrow(MultipleResentSetsError);
    expect(() => anew.resend(fields).envelope()).not.toThrow();
  });

  it('remembers its block when that is edited', () => {
    const resent = Message.parse(fixture('resent-once')).resend(fields);
    resent.headers.set('Resent-To', 'dan@example.net');
    expect(resent.envelope().to).toEqual(['dan@example.net']);
  });

  it('leaves out a sender who is the only author', () => {
    const resent = Message.parse('A: 1\n\n').resend({ ...fields, sender: 'bob@EXAMPLE.com' });
    expect(resent.headers.has('Resent-Sender')).toBe(false);
  });

  it('takes a date and an identifier', () => {
    const { headers } = Message.parse('A: 1\n\n').resend({ ...fields, date: new Date(0), messageId: 'x@y' });
    expect(headers.get('Resent-Date')).toBe('Thu, 01 Jan 1970 00:00:00 +0000');
    expect(headers.get('Resent-Message-ID')).toBe('<x@y>');
  });

  it('encodes names beyond ASCII, and names that look encoded', async () => {
    const resent = Message.parse('A: 1\n\n').resend({
      from: { name: 'Jörg', address: 'j@x' },
      to: ['Jörg <j@x>', { name: '=?utf-8?Q?x?=', address: 'k@x' }, '=?utf-8?Q?y?= <l@x>'],
    });
    expect(resent.headers.get('Resent-From')).toBe('=?UTF-8?B?SsO2cmc=?= <j@x>');
    expect(resent.headers.get('Resent-To')).toBe(
      '=?UTF-8?B?SsO2cmc=?= <j@x>, =?UTF-8?B?PT91dGYtOD9RP3g/PQ==?= <k@x>, =?utf-8?Q?y?= <l@x>',
    );
    expect(serializeMessage(resent).headerCharset).toBe('ascii');
    expect(latin1(await resent.toBytes())).toMatch(/\r\n =\?utf-8\?Q\?y\?= <l@x>\r\n/);
  });

  it.each<[fact: string, given: object, expected: Record<string, unknown>]>([
    ['no author', { from: '', to: 'a@x' }, { name: 'MissingSenderError', header: 'Resent-From' }],
    ['no author at all', { to: 'a@x' }, { name: 'MissingSenderError', header: 'Resent-From' }],
    [
      'several authors without a sender',
      { from: 'a@x, b@x', to: 'c@x' },
      { name: 'MissingSenderError', header: 'Resent-Sender' },
    ],
    [
      'several senders',
      { from: 'a@x', sender: 'b@x, c@x', to: 'd@x' },
      { name: 'AmbiguousSenderError', header: 'Resent-Sender' },
    ],
    ['no recipient', { from: 'a@x', to: [], cc: 'g:;' }, { name: 'MissingRecipientsError', header: 'Resent-To' }],
    ['a bad address', { from: 'a@x', to: 'b b@x' }, { name: 'InvalidAddressError', header: 'Resent-To', position: 2 }],
    [
      'a bad address in an object',
      { from: 'a@x', cc: { address: 'B <b@x>' } },
      { name: 'InvalidAddressError', header: 'Resent-Cc' },
    ],
    [
      'an address of the wrong type',
      { from: 'a@x', to: 7 },
      { code: 'ERR_INVALID_ADDRESS_INPUT', header: 'Resent-To' },
    ],
    [
      'a name of the wrong type',
      { from: { name: 7, address: 'a@x' }, to: 'b@x' },
      { code: 'ERR_INVALID_ADDRESS_INPUT' },
    ],
    [
      'a local user beside other addresses',
      { from: 'a@x', to: ['root', 'b@x'] },
      { name: 'InvalidAddressError', header: 'Resent-To' },
    ],
    [
      'a line end in an address',
      { from: 'a@x', to: 'b@x,\r\n c@x' },
      { code: 'ERR_INVALID_HEADER_VALUE', header: 'Resent-To' },
    ],
    [
      'a line end in a name',
      { from: { name: 'a\r\nBcc: v@x', address: 'a@x' }, to: 'b@x' },
      { code: 'ERR_INVALID_NAME' },
    ],
    ['a bad date', { from: 'a@x', to: 'b@x', date: new Date(NaN) }, { code: 'ERR_INVALID_DATE' }],
    ['a bad identifier', { from: 'a@x', to: 'b@x', messageId: '<a b@x>' }, { code: 'ERR_INVALID_MESSAGE_ID' }],
    [
      'a line end in an identifier',
      { from: 'a@x', to: 'b@x', messageId: '<a@x>\r\nBcc: v@x' },
      { code: 'ERR_INVALID_MESSAGE_ID' },
    ],
  ])('refuses %s', (_fact, given, expected) => {
    const parsed = Message.parse('From: a@x\r\nTo: b@x\r\n\r\n');
    expect(() => parsed.resend(given as Parameters<Message['resend']>[0])).toThrow(failure(expected));
  });

  it('refuses a message that goes in circles', () => {
    expect(() => Message.parse(fixture('one-hundred-and-one-hops')).resend(fields)).toThrow(
      failure({ code: 'ERR_MAIL_LOOP' }),
    );
  });

  it('refuses to stand in front of a continuation line', () => {
    expect(() => Message.parse(' x\r\nFrom: a@x\r\n\r\n').resend(fields)).toThrow(
      failure({ code: 'ERR_MALFORMED_HEADER' }),
    );
  });
});
