import { attachmentPart, textPart, type PartRole } from '../../src/message/attachment-part.js';
import type { Attachment } from '../../src/message/message-fields.js';
import type { LeafPart } from '../../src/message/mime-part.js';
import { failure } from './failure.js';

function fieldsOf(part: LeafPart): string {
  return part.headers.map(({ text }) => text).join('');
}

function contentOf(part: LeafPart): string {
  if (!Buffer.isBuffer(part.content)) throw new Error('the content is not in memory');
  return part.content.toString('latin1');
}

function part(attachment: Attachment, role: PartRole = 'attachment'): LeafPart {
  return attachmentPart(attachment, role, 'attachments[0]');
}

async function* source(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

describe('an attachment', () => {
  it.each<[attachment: Attachment, role: PartRole, fields: string[]]>([
    [{ content: '' }, 'attachment', ['Content-Type: application/octet-stream', 'Content-Disposition: attachment']],
    [
      { content: '', filename: 'a.csv' },
      'attachment',
      ['Content-Type: text/csv; charset=utf-8', 'Content-Disposition: attachment; filename=a.csv'],
    ],
    [
      { content: Buffer.from(''), filename: 'a.csv' },
      'attachment',
      ['Content-Type: text/csv', 'Content-Disposition: attachment; filename=a.csv'],
    ],
    [
      { content: '', filename: 'a.png', cid: 'logo' },
      'related',
      ['Content-Type: image/png', 'Content-ID: <logo>', 'Content-Disposition: inline; filename=a.png'],
    ],
    [
      { content: '', cid: '<logo@x>', disposition: 'inline', contentType: 'image/png; x=1' },
      'attachment',
      ['Content-Type: image/png; x=1', 'Content-ID: <logo@x>', 'Content-Disposition: inline'],
    ],
    [{ content: '', contentType: 'text/calendar' }, 'alternative', ['Content-Type: text/calendar; charset=utf-8']],
    [
      { content: 'é', contentType: 'text/x; charset=utf8' },
      'attachment',
      ['Content-Type: text/x; charset=utf8', 'Content-Disposition: attachment'],
    ],
    [
      { content: 'plain', contentType: 'text/x; format=flowed; charset=ISO-8859-1' },
      'attachment',
      ['Content-Type: text/x; format=flowed; charset=ISO-8859-1', 'Content-Disposition: attachment'],
    ],
    [
      { content: 'é', contentType: 'application/text' },
      'attachment',
      ['Content-Type: application/text', 'Content-Disposition: attachment'],
    ],
    [
      { content: 'é', contentType: 'text/x; charset=UTF-8', headers: { 'Content-Description': 'Ü' } },
      'attachment',
      [
        'Content-Type: text/x; charset=UTF-8',
        'Content-Disposition: attachment',
        'Content-Description: =?UTF-8?B?w5w=?=',
      ],
    ],
  ])('%j as %s', (attachment, role, fields) => {
    expect(fieldsOf(part(attachment, role))).toBe(fields.map((field) => `${field}\r\n`).join(''));
  });

  it('is base64, so that its line ends stay as they are', () => {
    const csv = part({ content: 'a\nb\r\n', filename: 'a.csv' });
    expect(csv.encoding).toBe('base64');
    expect(Buffer.from(contentOf(csv), 'base64').toString()).toBe('a\nb\r\n');
  });

  it.each([
    ['utf-8', 'é', 'é'],
    ['utf8', 'é', 'é'],
    ['base64', 'w6k=\r\n', 'é'],
    ['hex', 'C3a9', 'é'],
  ] as const)('of a string in %s', (encoding, content, text) => {
    expect(Buffer.from(contentOf(part({ content, encoding })), 'base64').toString()).toBe(text);
  });

  it.each<[attachment: unknown, code: string]>([
    [{ content: 'a', encoding: 'base64' }, 'ERR_INVALID_CONTENT'],
    [{ content: 'a===', encoding: 'base64' }, 'ERR_INVALID_CONTENT'],
    [{ content: 'abc', encoding: 'hex' }, 'ERR_INVALID_CONTENT'],
    [{ content: 'abc', encoding: 'latin1' }, 'ERR_INVALID_CONTENT'],
    [{ content: Buffer.from(''), encoding: 'base64' }, 'ERR_INVALID_CONTENT'],
    [{ content: { path: '/etc/passwd' } }, 'ERR_INVALID_CONTENT'],
    [{ content: { type: 'Buffer', data: [1] } }, 'ERR_INVALID_CONTENT'],
    [{ content: 7 }, 'ERR_INVALID_CONTENT'],
    [{}, 'ERR_INVALID_CONTENT'],
    [{ content: '\udc00' }, 'ERR_INVALID_TEXT'],
    [{ content: 'é', contentType: 'text/plain; charset=iso-8859-1' }, 'ERR_INVALID_CONTENT_TYPE'],
    [{ content: '', contentType: 'multipart/mixed' }, 'ERR_INVALID_CONTENT_TYPE'],
    [{ content: '', contentType: 'x' }, 'ERR_INVALID_CONTENT_TYPE'],
    [{ content: '', filename: '' }, 'ERR_INVALID_FILE_NAME'],
    [{ content: '', filename: 'a\u0085b' }, 'ERR_INVALID_FILE_NAME'],
    [{ content: '', filename: 'x'.repeat(1001) }, 'ERR_INVALID_FILE_NAME'],
    [{ content: '', cid: '' }, 'ERR_INVALID_CONTENT_ID'],
    [{ content: '', cid: 'a b' }, 'ERR_INVALID_CONTENT_ID'],
    [{ content: '', cid: 'a><b' }, 'ERR_INVALID_CONTENT_ID'],
    [{ content: '', disposition: 'form-data' }, 'ERR_INVALID_MESSAGE_FIELD'],
    [{ content: '', headers: { 'content-TYPE': 'text/html' } }, 'ERR_RESERVED_HEADER'],
    [{ content: '', headers: { 'Content-Transfer-Encoding': '7bit' } }, 'ERR_RESERVED_HEADER'],
    [{ content: '', headers: { BCC: 'v@x' } }, 'ERR_RESERVED_HEADER'],
    [{ content: '', headers: { 'X-A': 1 } }, 'ERR_INVALID_HEADER_VALUE'],
  ])('%j is refused', (attachment, code) => {
    expect(() => part(attachment as Attachment)).toThrow(failure({ code }));
  });

  it('as another form of the text needs to say which', () => {
    expect(() => part({ content: 'x' }, 'alternative')).toThrow(failure({ code: 'ERR_INVALID_CONTENT_TYPE' }));
  });
});

describe('text', () => {
  it.each([
    ['a\nb\rc\r\nd', '7bit', 'a\r\nb\r\nc\r\nd'],
    [`Grüße an ${'alle '.repeat(10)}\n`, 'quoted-printable', `Gr=C3=BC=C3=9Fe an ${'alle '.repeat(9)}alle=20\r\n`],
    ['Ελλάδα', 'base64', 'zpXOu867zqzOtM6x'],
  ])('%j is sent as %s', (text, encoding, content) => {
    const made = textPart(text, 'plain', 'text');
    expect(made.encoding).toBe(encoding);
    expect(contentOf(made)).toBe(content);
    expect(fieldsOf(made)).toBe('Content-Type: text/plain; charset=utf-8\r\n');
  });
});

describe('a message in a message', () => {
  it.each([
    ['Subject: x\n\nText', '7bit', 'Subject: x\r\n\r\nText\r\n'],
    ['Subject: \xfc\r\n\r\n', '8bit', 'Subject: \xfc\r\n\r\n'],
  ])('%j is %s, never base64', (raw, encoding, content) => {
    const made = part({ content: Buffer.from(raw, 'latin1'), contentType: 'message/rfc822' });
    expect(made.encoding).toBe(encoding);
    expect(contentOf(made)).toBe(content);
  });

  it('that is streamed may be 8-bit', () => {
    const made = part({ content: source, filename: 'a.eml' });
    expect(made.encoding).toBe('8bit');
    expect(made.content).toEqual({ source, literal: true });
  });

  it('with a NUL cannot be sent', () => {
    expect(() => part({ content: 'A: 1\n\n\0', filename: 'a.eml' })).toThrow(failure({ code: 'ERR_NUL_OCTET' }));
  });
});
