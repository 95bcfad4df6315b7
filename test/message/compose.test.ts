import fc from 'fast-check';
import { simpleParser, type ParsedMail as Parsed } from 'mailparser';
import { AmbiguousSenderError, InvalidAddressError, MissingSenderError } from '../../src/errors.js';
import { bindMessageEnvironment, type MessageEnvironment } from '../../src/message/environment.js';
import { parseHeaderBlock } from '../../src/message/header-block.js';
import type { Attachment, MessageFields } from '../../src/message/message-fields.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

/** Like the fixed one, but no two draws are the same. */
function countingEnvironment(): MessageEnvironment {
  let draws = 0;
  return {
    ...fixedEnvironment,
    randomBytes: (sizeBytes) => {
      draws += 1;
      return Buffer.from(String(draws).padStart(sizeBytes, '0').slice(-sizeBytes));
    },
  };
}

beforeEach(() => {
  bindMessageEnvironment(countingEnvironment());
});

const minimal = { from: 'alice@example.org', to: 'bob@example.com', subject: 'Hi', text: 'Hello' } as const;

async function sent(fields: MessageFields): Promise<string> {
  return Buffer.from(await Message.compose(fields).toBytes()).toString('latin1');
}

function codes(fields: MessageFields): string[] {
  return Message.compose(fields).warnings.map(({ code }) => code);
}

/** The shape of the tree: `mixed(plain, pdf)`. */
function structure(octets: string): string {
  const [, boundary] = /^[^]*?\nContent-Type: multipart\/\w+;[^]*?boundary="([^"]+)"/i.exec(`\n${octets}`) ?? [];
  const type = /(?:^|\n)Content-Type: \w+\/([^;\s]+)/i.exec(octets)?.[1] ?? 'none';
  const head = octets.slice(0, octets.indexOf('\r\n\r\n'));
  if (boundary === undefined || !head.includes(boundary)) return type;
  const parts = octets.split(`--${boundary}`).slice(1, -1);
  return `${type}(${parts.map((part) => structure(part.replace(/^\r\n/, ''))).join(', ')})`;
}

describe('the fields of a message', () => {
  it('are in the order of the standard, with what was not given made', async () => {
    bindMessageEnvironment(fixedEnvironment);
    expect(
      await sent({ ...minimal, cc: { name: 'Carol, C.', address: 'carol@example.com' }, bcc: 'dan@example.com' }),
    ).toBe(
      [
        'Date: Sat, 22 Nov 2025 08:12:05 +0000',
        'From: alice@example.org',
        'To: bob@example.com',
        'Cc: "Carol, C." <carol@example.com>',
        `Message-ID: <${'ab'.repeat(16)}@host.example>`,
        'Subject: Hi',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'Hello',
        '',
      ].join('\r\n'),
    );
  });

  it('give the envelope, blind copies too, which never leave', async () => {
    const message = Message.compose({
      ...minimal,
      sender: 'agent@example.org',
      cc: 'c@x.example',
      bcc: ['d@x.example', 'e@x.example'],
    });
    expect(message.envelope()).toEqual({
      from: 'agent@example.org',
      to: ['bob@example.com', 'c@x.example', 'd@x.example', 'e@x.example'],
    });
    const octets = Buffer.from(await message.toBytes()).toString('latin1');
    expect(octets).not.toMatch(/bcc|d@x|e@x/i);
    expect(octets).toContain('Sender: agent@example.org\r\n');
  });

  it('are those that were given', async () => {
    const octets = await sent({
      ...minimal,
      replyTo: 'list@example.org',
      date: new Date(Date.UTC(2020, 0, 2, 3, 4, 5)),
      messageId: 'one@example.org',
      inReplyTo: '<two@example.org>',
      references: ['<three@example.org> four@example.org', '<two@example.org>'],
      headers: { 'X-Many': ['a', 'b'], 'X-Text': 'Ünicode' },
    });
    expect(octets).toContain('Reply-To: list@example.org\r\n');
    expect(octets).toContain('Date: Thu, 02 Jan 2020 03:04:05 +0000\r\n');
    expect(octets).toContain('Message-ID: <one@example.org>\r\nIn-Reply-To: <two@example.org>\r\n');
    expect(octets).toContain('References: <three@example.org> <four@example.org> <two@example.org>\r\n');
    expect(octets).toContain('X-Many: a\r\nX-Many: b\r\nX-Text: =?UTF-8?B?w5xuaWNvZGU=?=\r\n');
  });

  it('need a sender when there are several authors, and say it once when it is the author', async () => {
    const from = ['a@x.example', 'b@x.example'];
    expect(() => Message.compose({ ...minimal, from })).toThrow(MissingSenderError);
    expect(() => Message.compose({ ...minimal, from: [] })).toThrow(MissingSenderError);
    expect(() => Message.compose({ ...minimal, sender: from })).toThrow(AmbiguousSenderError);
    expect(() => Message.compose({ ...minimal, sender: 'a b@x' })).toThrow('Sender: ');
    expect(await sent({ ...minimal, from, sender: 'b@x.example' })).toContain('Sender: b@x.example\r\n');
    expect(await sent({ ...minimal, sender: 'alice@EXAMPLE.org' })).not.toContain('Sender');
    expect(Message.compose({ ...minimal, from, sender: 'b@x.example' }).envelope({ conformance: 'rfc5322' }).from).toBe(
      'b@x.example',
    );
  });

  it('name an internationalized domain in ASCII where the local part is ASCII', async () => {
    const octets = await sent({ ...minimal, to: ['x@bücher.example', { name: 'Y', address: 'y@bücher.example' }] });
    expect(octets).toContain('To: x@xn--bcher-kva.example, Y <y@xn--bcher-kva.example>\r\n');
    expect(serializeMessage(Message.compose({ ...minimal, to: 'ü@bücher.example' })).headerCharset).toBe('utf-8');
  });

  it('keep every line below 998 octets, whatever the name', async () => {
    const octets = await sent({ ...minimal, from: { name: 'x'.repeat(5000), address: 'a@b.example' } });
    for (const line of octets.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    const tooLong = failure({ code: 'ERR_LINE_TOO_LONG', hint: expect.any(String) as string });
    const contentType = `text/${'x'.repeat(1200)}`;
    expect(() => Message.compose({ ...minimal, headers: { ['X'.repeat(1200)]: 'a' } })).toThrow(tooLong);
    expect(() => Message.compose({ ...minimal, attachments: [{ content: '', contentType }] })).toThrow(tooLong);
  });

  it('are refused when they would be too many octets', () => {
    const to = Array.from({ length: 40_000 }, (_, index) => `recipient-number-${String(index)}@example.com`);
    expect(() => Message.compose({ ...minimal, to })).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
    expect(Message.compose({ ...minimal, to: [], bcc: to }).envelope().to).toHaveLength(40_000);
  });
});

describe('what is refused', () => {
  const evil = 'a\r\nBcc: victim@example.com';
  it.each<[what: string, fields: Record<string, unknown>]>([
    ['subject', { subject: evil }],
    ['subject with a lone CR', { subject: 'a\rBcc: v@x' }],
    ['subject with a lone LF', { subject: 'a\nBcc: v@x' }],
    ['subject with NUL', { subject: 'a\0' }],
    ['from', { from: `x@y.z\r\nBcc: v@x` }],
    ['a name', { from: { name: evil, address: 'a@b.c' } }],
    ['an address', { to: { address: evil } }],
    ['replyTo', { replyTo: evil }],
    ['messageId', { messageId: `<a@b>\r\nBcc: v@x` }],
    ['inReplyTo', { inReplyTo: `<a@b>\r\nBcc: v@x` }],
    ['references', { references: [`<a@b>\nBcc: v@x`] }],
    ['the value of a header', { headers: { 'X-A': evil } }],
    ['one value of a header', { headers: { 'X-A': ['ok', evil] } }],
    ['the name of a header', { headers: { 'X-A: 1\r\nBcc': 'v@x' } }],
    ['a header without name', { headers: { '': 'x' } }],
    ['a file name', { attachments: [{ content: '', filename: evil }] }],
    ['a content type', { attachments: [{ content: '', contentType: `text/plain\r\nBcc: v@x` }] }],
    ['a cid', { html: '', attachments: [{ content: '', cid: evil }] }],
    ['the header of a part', { attachments: [{ content: '', headers: { 'Content-Description': evil } }] }],
    ['the name of a header of a part', { attachments: [{ content: '', headers: { [evil]: 'x' } }] }],
    ['disposition', { attachments: [{ content: '', disposition: evil }] }],
  ])('a line end in %s', (_what, fields) => {
    expect(() => Message.compose({ ...minimal, ...fields })).toThrow(failure({ delivery: 'not-sent' }));
  });

  it.each([
    'From',
    'sender',
    'REPLY-TO',
    'To',
    'cc',
    'Bcc',
    'Subject',
    'Date',
    'Message-Id',
    'In-Reply-To',
    'References',
    'MIME-Version',
    'Content-Type',
    'content-transfer-encoding',
    'Content-X',
    'Return-Path',
    'Resent-To',
    'resent-bcc',
  ])('%s among the custom headers', (name) => {
    expect(() => Message.compose({ ...minimal, headers: { [name]: 'a@b.c' } })).toThrow(
      failure({ code: 'ERR_RESERVED_HEADER', header: name, hint: expect.any(String) as string }),
    );
  });

  it.each(['To', 'cc', 'BCC', 'From', 'Sender', 'Resent-To', 'Resent-From', 'Return-Path', 'Subject', 'Message-ID'])(
    '%s among the fields of a part, which is in the header block of the message when it stands alone',
    (name) => {
      const invitation = { contentType: 'text/calendar', content: 'BEGIN:VCALENDAR', headers: { [name]: 'v@x.test' } };
      expect(() => Message.compose({ from: 'a@x.test', to: 'b@x.test', alternatives: [invitation] })).toThrow(
        failure({ code: 'ERR_RESERVED_HEADER', header: name }),
      );
    },
  );

  it('an address that is none', () => {
    expect(() => Message.compose({ ...minimal, to: 'a b@c.d' })).toThrow(InvalidAddressError);
  });

  it('text with half a character', () => {
    expect(() => Message.compose({ ...minimal, text: 'a\ud83d' })).toThrow(failure({ code: 'ERR_INVALID_TEXT' }));
  });
});

describe('the tree of parts', () => {
  const pdf = { content: 'x', filename: 'a.pdf' };
  const logo = { content: 'x', filename: 'logo.png', cid: 'logo' };
  const calendar = { content: 'BEGIN:VCALENDAR', contentType: 'text/calendar; method=REQUEST' };
  const amp = { content: '<html amp4email>', contentType: 'text/x-amp-html' };
  const html = '<img src="cid:logo">';
  const base = { from: 'a@x.example', to: 'b@x.example', subject: 'S' };
  it.each<[shape: string, fields: Partial<MessageFields>]>([
    ['plain', {}],
    ['plain', { text: 'a' }],
    ['html', { html }],
    ['alternative(plain, html)', { text: 'a', html }],
    ['related(html, png)', { html, attachments: [logo] }],
    ['alternative(plain, related(html, png))', { text: 'a', html, attachments: [logo] }],
    ['mixed(plain, pdf)', { text: 'a', attachments: [pdf] }],
    ['mixed(pdf)', { attachments: [pdf] }],
    ['mixed(plain, png)', { text: 'a', attachments: [logo] }],
    [
      'mixed(alternative(plain, html), png)',
      { text: 'a', html, attachments: [{ ...logo, disposition: 'attachment' }] },
    ],
    [
      'mixed(alternative(plain, related(html, png), calendar), pdf)',
      { text: 'a', html, alternatives: [calendar], attachments: [pdf, logo] },
    ],
    ['alternative(plain, x-amp-html, html, calendar)', { text: 'a', html, alternatives: [calendar, amp] }],
    ['calendar', { alternatives: [calendar] }],
    ['mixed(plain, rfc822)', { text: 'a', attachments: [{ content: 'Subject: x\r\n\r\ny', filename: 'x.eml' }] }],
  ])('is %s', async (shape, fields) => {
    expect(structure(await sent({ ...base, ...fields }))).toBe(shape);
  });
});

describe('warnings', () => {
  it.each<[warned: string[], fields: Partial<MessageFields>]>([
    [[], {}],
    [[], { html: '<b>' }],
    [['WARN_NO_SUBJECT'], { subject: ' ' }],
    [[], { html: '<img src="cid:a">cid:b', attachments: [{ content: '', cid: '<a>' }] }],
    // A URL is decoded (RFC 2392 section 2).
    [[], { html: '<img src="cid:a%2Bb">', attachments: [{ content: '', cid: 'a+b' }] }],
    [['WARN_MISSING_INLINE_IMAGE'], { html: '<img src=cid:a>', attachments: [{ content: '', cid: 'b' }] }],
    [['WARN_MISSING_INLINE_IMAGE'], { html: '<p style="background:url(cid:100%)">' }],
  ])('%j for %j', (warned, fields) => {
    expect(codes({ ...minimal, ...fields })).toEqual(warned);
  });

  it('say that there is no text beside the HTML, and that there is nothing at all', () => {
    expect(codes({ from: 'a@x.example', subject: 'S', html: '<b>' })).toEqual(['WARN_HTML_WITHOUT_TEXT']);
    expect(codes({ from: 'a@x.example' })).toEqual(['WARN_NO_SUBJECT', 'WARN_NO_CONTENT']);
    expect(codes({ from: 'a@x.example', subject: 'S', attachments: [{ content: '' }] })).toEqual([]);
  });
});

describe('sending again', () => {
  it('gives the same octets, whatever happened to the bytes that were given', async () => {
    const content = Buffer.from('before');
    const message = Message.compose({ ...minimal, html: '<b>', attachments: [{ content }] });
    const first = await message.toBytes();
    content.fill(0);
    bindMessageEnvironment({ ...countingEnvironment(), now: () => new Date(0) });
    expect(await message.toBytes()).toEqual(first);
    expect(message.replayable).toBe(true);
  });

  it('differs between two messages of the same fields', async () => {
    expect(await sent(minimal)).not.toBe(await sent(minimal));
  });

  it('is possible for a resent message, with the blind copies of the resending alone', async () => {
    const resent = Message.compose({ ...minimal, bcc: 'c@x.example' }).resend({
      from: 'bob@example.com',
      to: 'd@x.example',
    });
    expect(resent.envelope().to).toEqual(['d@x.example']);
    expect(Buffer.from(await resent.toBytes()).toString()).not.toContain('c@x.example');
  });
});

describe('the content', () => {
  it('in memory has its exact size, and nothing above 7 bits', () => {
    const content = serializeMessage(
      Message.compose({ ...minimal, text: 'Ünicode 😀', attachments: [{ content: Buffer.alloc(999, 0xff) }] }),
    );
    const octets = Buffer.concat(content.segments ?? []);
    expect(content).toMatchObject({
      sizeBytes: octets.length,
      eightBit: false,
      headerCharset: 'ascii',
      replayable: true,
    });
  });

  it('that is streamed is known to be 7-bit before it is read', () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10, 0xff);
    }
    const content = serializeMessage(Message.compose({ ...minimal, attachments: [{ content: source }] }));
    expect(content).toMatchObject({ segments: undefined, eightBit: false, replayable: true });
    const embedded = { content: source, contentType: 'message/rfc822' };
    expect(serializeMessage(Message.compose({ ...minimal, attachments: [embedded] })).eightBit).toBeUndefined();
  });
});

function normal(text: string | false | undefined): string | undefined {
  return text === undefined || text === false ? undefined : text.replace(/\r\n|\r/g, '\n').replace(/\n+$/, '');
}

const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((name) => `n${name.trim()}`);
// U+FEFF in front is taken for a byte order mark by readers; line ends become one kind.
const anyBody = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 120 }),
      fc.constantFrom('\n', '\r\n', 'From x', '.', '--=_', 'ü'.repeat(90), 'a b '.repeat(40)),
    ),
  )
  .map((pieces) => `t${pieces.join('\n')}e`);
const anyAttachment = fc.record({
  content: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 100 })),
  filename: anyName,
});

describe('a reader of the message', () => {
  it('sees the same fields, texts and attachments, in 7-bit lines that are short', async () => {
    const anyMailbox = fc.record({
      name: fc.oneof(anyName, fc.constantFrom('', 'Doe, J.', '=?utf-8?Q?x?=', '"q" \\')),
      address: fc.constantFrom('a@example.org', 'b.c@example.org', '"q q"@example.org'),
    });
    const anyFields = fc.record({
      from: anyMailbox,
      to: fc.array(anyMailbox, { minLength: 1, maxLength: 4 }),
      subject: fc.string({ unit: 'grapheme', maxLength: 150 }),
      text: anyBody,
      html: fc.option(
        anyBody.map((body) => `<p>${body}</p>`),
        { nil: undefined },
      ),
      attachments: fc.array(anyAttachment, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(anyFields, async ({ html, ...fields }) => {
        const octets = Buffer.from(await Message.compose(html === undefined ? fields : { ...fields, html }).toBytes());
        const text = octets.toString('latin1');
        // eslint-disable-next-line no-control-regex -- this is the range of ASCII without NUL
        expect(text).toMatch(/^[\x01-\x7f]*$/);
        for (const line of text.split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(78);
          expect(line).not.toMatch(/[\r\n]/);
        }
        const mail: Parsed = await simpleParser(octets, {
          skipTextToHtml: true,
          skipHtmlToText: true,
          keepCidLinks: true,
        });
        expect(mail.subject ?? '').toBe(fields.subject);
        expect(mail.from?.value).toEqual([fields.from]);
        expect(Array.isArray(mail.to) ? [] : mail.to?.value).toEqual(fields.to);
        expect(normal(mail.text)).toBe(normal(fields.text));
        expect(normal(mail.html)).toBe(normal(html));
        expect(
          mail.attachments.map(({ filename, content }) => ({ filename, content: content.toString('hex') })),
        ).toEqual(
          fields.attachments.map(({ filename, content }) => ({
            filename,
            content: Buffer.from(content).toString('hex'),
          })),
        );
      }),
    );
  }, 60_000);
});

describe('parsing what was composed', () => {
  it('gives the same octets and the same envelope', async () => {
    const message = Message.compose({
      ...minimal,
      html: '<b>',
      cc: ['g: a@x.example, b@x.example;'],
      attachments: [{ content: 'x' }],
    });
    const octets = await message.toBytes();
    const parsed = Message.parse(octets);
    expect(await parsed.toBytes({ lineEndings: 'reject' })).toEqual(octets);
    expect(parsed.envelope({ conformance: 'rfc5322' })).toEqual(message.envelope());
    expect(parsed.warnings).toEqual([]);
    expect(parseHeaderBlock(Buffer.from(octets)).spans.every(({ key }) => key !== '')).toBe(true);
  });
});

describe('a composed message with a source', () => {
  const octets = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < octets.length; start += 97) yield octets.subarray(start, start + 97);
  }
  async function bytesWith(content: Attachment['content']): Promise<Buffer> {
    bindMessageEnvironment(fixedEnvironment);
    return Buffer.from(await Message.compose({ ...minimal, attachments: [{ content, filename: 'a.bin' }] }).toBytes());
  }

  it('is the same as one with the octets', async () => {
    expect(await bytesWith(source)).toEqual(await bytesWith(octets));
    expect(await bytesWith(source())).toEqual(await bytesWith(octets));
  });

  it('can be sent again when it is a function, and once when it is an iterable', async () => {
    const again = Message.compose({ ...minimal, attachments: [{ content: source }] });
    expect(again.replayable).toBe(true);
    expect(await again.toBytes()).toEqual(await again.toBytes());
    const once = Message.compose({ ...minimal, attachments: [{ content: source() }] });
    expect(once.replayable).toBe(false);
    await once.toBytes();
    await expect(once.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CONSUMED' }));
  });
});
