import fc from 'fast-check';
import { Message, type Attachment, type MessageFields } from '../../src/index.js';
import { inspect, InspectError } from '../../src/inspect/index.js';
import { failure } from '../message/failure.js';
import { runs } from '../message/runs.js';

const octets = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, '\r\n'));

describe('what was composed', () => {
  it('is read as the same fields, texts and attachments', async () => {
    const fields: MessageFields = {
      from: { name: 'Jörg, Dr.', address: 'j@x.example' },
      sender: 'k@x.example',
      replyTo: 'l@x.example',
      to: 'Team: a@x.example, "B, C" <b@x.example>;, d@x.example',
      cc: 'e@x.example',
      bcc: 'f@x.example',
      subject: 'Grüße an alle =?utf-8?Q?a?=',
      text: 'Zeile ü\n',
      html: '<p>ü<img src="cid:logo@x"><script src="http://127.0.0.1/"></script>',
      date: new Date(Date.UTC(2024, 1, 29, 12, 30, 1)),
      messageId: '<1@x.example>',
      inReplyTo: '<0@x.example>',
      references: ['<a@x.example>', '<0@x.example>'],
      headers: { 'X-Note': 'für dich', 'X-Tag': ['1', '2'] },
      alternatives: [{ content: 'BEGIN:VCALENDAR', contentType: 'text/calendar; method=REQUEST' }],
      attachments: [
        { content: Buffer.from([0, 13, 10, 255]), filename: 'ä ../b.bin' },
        { content: 'png', filename: 'l.png', cid: 'logo@x' },
        { content: '', filename: 'empty.txt' },
        { content: 'Subject: inner\r\n\r\nText\r\n', contentType: 'message/rfc822' },
      ],
    };
    const message = Message.compose(fields);
    for (const given of [message, await message.toBytes()]) {
      const { headers, ...read } = await inspect(given);
      expect(read).toEqual({
        subject: fields.subject,
        from: [{ name: 'Jörg, Dr.', address: 'j@x.example', localPart: 'j', domain: 'x.example' }],
        sender: [expect.objectContaining({ address: 'k@x.example' })],
        replyTo: [expect.objectContaining({ address: 'l@x.example' })],
        to: [
          {
            name: 'Team',
            members: [
              expect.objectContaining({ name: '', address: 'a@x.example' }),
              expect.objectContaining({ name: 'B, C', address: 'b@x.example' }),
            ],
          },
          expect.objectContaining({ address: 'd@x.example' }),
        ],
        cc: [expect.objectContaining({ address: 'e@x.example' })],
        bcc: given === message ? [expect.objectContaining({ address: 'f@x.example' })] : [],
        date: fields.date,
        messageId: '<1@x.example>',
        inReplyTo: ['<0@x.example>'],
        references: ['<a@x.example>', '<0@x.example>'],
        text: 'Zeile ü\n',
        html: fields.html,
        deliveryStatus: undefined,
        warnings: [],
        attachments: [
          expect.objectContaining({
            contentType: 'image/png',
            disposition: 'inline',
            cid: 'logo@x',
            filename: 'l.png',
          }),
          expect.objectContaining({ contentType: 'text/calendar', filename: undefined, cid: undefined }),
          expect.objectContaining({ contentType: 'application/octet-stream', filename: 'ä ../b.bin' }),
          expect.objectContaining({ contentType: 'text/plain', filename: 'empty.txt', disposition: 'attachment' }),
          expect.objectContaining({ contentType: 'message/rfc822', disposition: 'attachment' }),
        ],
      });
      expect(read.attachments.map(({ content }) => Buffer.from(content).toString('latin1'))).toEqual([
        'png',
        'BEGIN:VCALENDAR',
        '\0\r\n\xff',
        '',
        'Subject: inner\r\n\r\nText\r\n',
      ]);
      expect(read.attachments[1]?.parameters).toEqual(
        new Map([
          ['method', 'REQUEST'],
          ['charset', 'utf-8'],
        ]),
      );
      expect(headers.get('x-note')).toEqual(['für dich']);
      expect(headers.get('x-tag')).toEqual(['1', '2']);
    }
  });

  it('is the same for any text and any octets', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'ü', '😀', '\n', ' ', '=', '.', 'From ', '\t', '--', 'a longer piece '), {
        maxLength: 40,
      })
      .map((pieces) => `x${pieces.join('')}.`);
    const attachment: fc.Arbitrary<Attachment> = fc.record({
      content: fc.uint8Array({ maxLength: 200 }),
      filename: fc.stringMatching(/^[A-Za-zäöü0-9 ';%]{1,40}\.x$/).map((name) => `n${name}`),
    });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.option(text, { nil: undefined }),
        fc.array(attachment, { maxLength: 3 }),
        fc.constantFrom('auto', '8bit'),
        async (plain, html, attachments, textEncoding) => {
          const subject = plain.replace(/\s+/g, ' ');
          const to = { name: subject.slice(0, 40).replace(/\p{Surrogate}/gu, ''), address: 'b@x.example' };
          const given = { from: 'a@x.example', to, subject, text: plain, attachments, textEncoding } as const;
          const read = await inspect(Message.compose(html === undefined ? given : { ...given, html }));
          // The last line of a message has a line end.
          const text = plain.endsWith('\n') ? read.text : read.text?.replace(/\n$/, '');
          expect([read.subject, text, read.html]).toEqual([subject, plain, html]);
          expect(read.to).toEqual([expect.objectContaining(to)]);
          expect(read.attachments.map(({ content, filename }) => [filename, [...content]])).toEqual(
            attachments.map(({ content, filename }) => [filename, [...(content as Uint8Array)]]),
          );
        },
      ),
      runs(60),
    );
  });
});

describe('what came from elsewhere', () => {
  it('is read in its charsets and encodings', async () => {
    const read = await inspect(
      Buffer.concat([
        octets(
          'From: =?iso-8859-1?Q?J=F6rg?= <j@x.example>\nSubject: \xfc\nContent-Type: text/plain; charset=iso-8859-15\n\n',
        ),
        Buffer.from('\xa4 \xfc', 'latin1'),
      ]),
    );
    expect([read.from, read.text]).toEqual([[expect.objectContaining({ name: 'Jörg' })], '€ ü']);
  });

  it('may have lone line ends, NULs, a BOM, a line between messages of a file, and no end', async () => {
    const read = await inspect(
      Buffer.from('\xef\xbb\xbfFrom x\nFrom: a@x.example\rSubject: s\n\nText\0 here', 'latin1'),
    );
    expect([read.subject, read.text, read.from.length]).toEqual(['s', 'Text\0 here', 1]);
  });

  it('keeps the texts that stand beside each other', async () => {
    const read = await inspect(
      octets(
        'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nOne\n--b\nContent-Type: text/html\n\n<p>Two\n--b\n\nThree\n--b--\n',
      ),
    );
    expect(read.text?.split('\n').filter((line) => line !== '')).toEqual(['One', 'Three']);
    expect(read.html).toContain('<p>Two');
  });

  it('leaves an attached message closed', async () => {
    const read = await inspect(
      octets(
        'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\nContent-Disposition: inline\n\nSubject: inner\n\nText\n--b--\n',
      ),
    );
    expect(read.text).toBeUndefined();
    expect(read.attachments.map(({ content }) => Buffer.from(content).toString())).toEqual([
      'Subject: inner\r\n\r\nText',
    ]);
  });

  it('shows no address that is not one, and no date that is none', async () => {
    const read = await inspect(octets('From: a@b.c <d@e.f>x\nTo: a@b@c\nDate: yesterday\n\n'));
    expect(read).toMatchObject({ from: [], to: [], date: undefined });
    expect(read.warnings.map(({ code, header }) => [code, header])).toEqual([
      ['WARN_UNREADABLE_DATE', 'Date'],
      ['WARN_UNREADABLE_ADDRESSES', 'From'],
      ['WARN_UNREADABLE_ADDRESSES', 'To'],
    ]);
  });

  it('with an edited header is read as edited', async () => {
    const message = Message.parse('From: a@x.example\nSubject: before\nTo: b@x.example\n\nText\n');
    message.headers.set('Subject', 'after');
    message.headers.delete('To');
    expect(await inspect(message)).toMatchObject({ subject: 'after', to: [], text: 'Text\n' });
  });
});

describe('what is refused', () => {
  const nested = (levels: number): Buffer =>
    octets(
      `Content-Type: multipart/mixed; boundary=b0\n\n${Array.from(
        { length: levels - 1 },
        (_, index) => `--b${String(index)}\nContent-Type: multipart/mixed; boundary=b${String(index + 1)}\n\n`,
      ).join('')}--b${String(levels - 1)}\n\nText\n`,
    );
  const parts = (count: number): Buffer =>
    octets(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(count - 1)}--b--\n`);
  const part = (header: string): Buffer =>
    octets(`Content-Type: multipart/mixed; boundary=b\n\n--b\n${header}\n\nx\n--b--\n`);

  it.each<[fact: string, message: Buffer, code: string]>([
    ['101 levels', nested(101), 'ERR_NESTING_TOO_DEEP'],
    ['1,001 parts', parts(1001), 'ERR_TOO_MANY_PARTS'],
    ['10,001 fields in a part', part('A: 1\n'.repeat(10_001)), 'ERR_TOO_MANY_HEADER_FIELDS'],
    ['10,001 lines in a field of a part', part(`A: 1${'\n 2'.repeat(10_001)}`), 'ERR_TOO_MANY_FIELD_LINES'],
    ['over 1 MiB in the fields of a part', part(`A: ${'x'.repeat(1_048_577)}`), 'ERR_HEADER_BLOCK_TOO_LARGE'],
    ['over 1 MiB in the header block', octets(`A: ${'x'.repeat(1_048_577)}\n\n`), 'ERR_HEADER_BLOCK_TOO_LARGE'],
    ['10,001 fields in the header block', octets(`${'A: 1\n'.repeat(10_001)}\n`), 'ERR_TOO_MANY_HEADER_FIELDS'],
  ])('%s', async (_fact, message, code) => {
    await expect(inspect(message)).rejects.toThrow(failure({ code, hint: expect.any(String) }));
  });

  it('not what is at the limits', async () => {
    expect((await inspect(nested(100))).text).toBe('Text\n');
    expect((await inspect(parts(1000))).text).toBe(Array.from({ length: 999 }, () => 'x').join('\n'));
    expect(await inspect(nested(3), { maxNesting: 3, maxParts: 4 })).toMatchObject({ text: 'Text\n' });
    await expect(inspect(nested(3), { maxNesting: 2 })).rejects.toThrow(failure({ code: 'ERR_NESTING_TOO_DEEP' }));
    await expect(inspect(nested(3), { maxParts: 2 })).rejects.toThrow(failure({ code: 'ERR_TOO_MANY_PARTS' }));
  });

  it('a message over the size that is allowed, in memory or streamed, read no further', async () => {
    const raw = Buffer.from('A: 1\r\n\r\n12345\r\n');
    expect(await inspect(raw, { maxSizeBytes: raw.length })).toMatchObject({ text: '12345\n' });
    const refusal = failure({ code: 'ERR_MESSAGE_TOO_LARGE' });
    await expect(inspect(raw, { maxSizeBytes: raw.length - 1 })).rejects.toThrow(refusal);
    await expect(inspect(Message.parse(raw), { maxSizeBytes: raw.length - 1 })).rejects.toThrow(refusal);
    let taken = 0;
    const endless = Message.compose({
      from: 'a@x.example',
      attachments: [{ content: () => zeros((octetsTaken) => (taken += octetsTaken)) }],
    });
    await expect(inspect(endless, { maxSizeBytes: 100_000 })).rejects.toThrow(refusal);
    expect(taken).toBeLessThan(400_000);
  });

  it.each([null, undefined, 'From: a@x', 7, {}, new Uint16Array(2)])('%p, which is no message', async (given) => {
    await expect(inspect(given as Uint8Array)).rejects.toThrow(failure({ code: 'ERR_INVALID_MESSAGE' }));
    await expect(inspect(given as Uint8Array)).rejects.toBeInstanceOf(InspectError);
  });

  it('nothing at all', async () => {
    await expect(inspect(new Uint8Array())).rejects.toThrow(failure({ code: 'ERR_MESSAGE_EMPTY' }));
  });
});

describe('an inspection ends', () => {
  const raw = octets('A: 1\n\nText\n');

  it('before it begins, when its signal has fired', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(inspect(raw, { signal })).rejects.toThrow(
      failure({ name: 'AbortError', code: 'ERR_ABORTED', cause: signal.reason as Error }),
    );
  });

  it('while the source of a message hangs, by its signal or its deadline', async () => {
    const hanging = (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    });
    const message = (): Message => Message.compose({ from: 'a@x.example', attachments: [{ content: hanging }] });
    const controller = new AbortController();
    const aborted = inspect(message(), { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toThrow(failure({ code: 'ERR_ABORTED' }));
    await expect(inspect(message(), { deadlineMs: 1 })).rejects.toThrow(failure({ code: 'ERR_TIMEOUT' }));
  });

  it('in the middle of a large body', async () => {
    const controller = new AbortController();
    const large = Buffer.concat([
      octets('Content-Type: text/plain\n\n'),
      Buffer.alloc(20_000_000, 'a line of text\r\n'),
    ]);
    const reading = inspect(large, { signal: controller.signal });
    setImmediate(() => {
      controller.abort();
    });
    await expect(reading).rejects.toThrow(failure({ code: 'ERR_ABORTED' }));
  });

  it('with no listener left on the signal', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    };
    await inspect(raw, { signal, deadlineMs: 60_000 });
    expect(listeners).toBe(0);
  });
});

it('any octets are read, or refused by a named error', async () => {
  const piece = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '--b',
    '--',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: base64',
    'Content-Type: text/html; charset=utf-7',
    'From: a@b',
    ' ',
    'eA==',
    '=?utf-8?Q?=00?=',
    '\0',
    '\xff',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const raw = Buffer.from(pieces.join(''), 'latin1');
      try {
        await inspect(raw);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_MESSAGE_EMPTY' });
      }
    }),
    runs(300),
  );
});

async function* zeros(count: (octets: number) => void): AsyncGenerator<Uint8Array> {
  for (;;) {
    count(10_000);
    yield await Promise.resolve(new Uint8Array(10_000));
  }
}
