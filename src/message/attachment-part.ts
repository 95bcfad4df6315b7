/**
 * Texts and attachments as parts. One rule: octets that are given arrive as the same octets, and a string as the same text; only the
 * line ends of text become CRLF.
 */
import { isAscii } from 'node:buffer';
import { MessageError } from '../errors.js';
import { isAsyncIterable, isOctets } from '../octets/content-of.js';
import { asBuffer, LineEndEncoder } from '../octets/line-ends.js';
import { isOfWholeMessage } from './carried-fields.js';
import { writeField, writeFieldOfPieces, type FieldText } from './header-field.js';
import { guessMediaType, parseMediaType, type MediaType } from './media-type.js';
import { checkAttachment, type Attachment, type MessageFields } from './message-fields.js';
import type { LeafPart } from './mime-part.js';
import { formatParameters } from './mime-parameters.js';
import { writeTextField } from './text-field.js';
import { encodeText, encodeWhole, fits8Bit } from './transfer-encoding.js';

/** What a part is to the message. */
export type PartRole = 'alternative' | 'related' | 'attachment';

type TextEncoding = NonNullable<MessageFields['textEncoding']>;

/** `text` or `html`. */
export function textPart(
  text: string,
  subtype: 'plain' | 'html',
  where: string,
  textEncoding: TextEncoding = 'auto',
): LeafPart {
  return encodedText(text, TEXT_FIELDS[subtype], where, textEncoding);
}

const TEXT_FIELDS = {
  plain: [writeField('Content-Type', 'text/plain; charset=utf-8')],
  html: [writeField('Content-Type', 'text/html; charset=utf-8')],
};

/**
 * @param where what the attachment is called in errors: `attachments[0]`.
 * @throws MessageError: `ERR_UNKNOWN_MESSAGE_FIELD`, `ERR_INVALID_MESSAGE_FIELD`, `ERR_INVALID_CONTENT`,
 *   `ERR_INVALID_CONTENT_TYPE`, `ERR_INVALID_FILE_NAME`, `ERR_INVALID_CONTENT_ID`, `ERR_RESERVED_HEADER`, and those of fields.
 */
export function attachmentPart(
  attachment: Attachment,
  role: PartRole,
  where: string,
  textEncoding: TextEncoding = 'auto',
): LeafPart {
  checkAttachment(attachment, where);
  const { filename } = attachment;
  if (filename !== undefined) checkFileName(filename, where);
  const mediaType = mediaTypeOf(attachment, role, where);
  const headers = [...dispositionField(attachment, role, where), ...otherFields(attachment, where)];
  const content = contentOf(attachment, where);
  if (isEmbedded(mediaType)) return embeddedPart(content, mediaType, headers);
  if (typeof content === 'string') {
    const type = { type: mediaType.type, parameters: withCharset(mediaType, content, where) };
    if (role === 'alternative') {
      return encodedText(content, [typeField(type), ...headers], where, textEncoding);
    }
    return leaf(type, headers, Buffer.from(wellFormed(content, where), 'utf8'));
  }
  return leaf(mediaType, headers, content);
}

type Content = string | Buffer | Exclude<Attachment['content'], string | Uint8Array>;

/** Octets that must arrive as they are, whatever they are. */
function leaf(type: MediaType, headers: readonly FieldText[], content: Exclude<Content, string>): LeafPart {
  return {
    kind: 'leaf',
    headers: [typeField(type), ...headers],
    encoding: 'base64',
    content: Buffer.isBuffer(content) ? encodeWhole('base64', content) : { source: content, literal: false },
  };
}

function encodedText(text: string, headers: readonly FieldText[], where: string, textEncoding: TextEncoding): LeafPart {
  const octets = Buffer.from(withCrlf(wellFormed(text, where)), 'utf8');
  if (textEncoding === 'auto' || !fits8Bit(octets)) return sevenBitText(octets, headers);
  return { kind: 'leaf', headers, encoding: '8bit', content: octets, sevenBit: () => sevenBitText(octets, headers) };
}

function sevenBitText(octets: Buffer, headers: readonly FieldText[]): LeafPart {
  const { encoding, content } = encodeText(octets);
  return { kind: 'leaf', headers, encoding, content };
}

/** CRLF, CR and LF are a line end each. */
function withCrlf(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n|\r|\n/g, '\r\n') : text.replaceAll('\n', '\r\n');
}

/** RFC 2046 section 5.2: nothing but 7bit and 8bit, so that what is inside can be read without undoing anything. */
function isEmbedded({ type }: MediaType): boolean {
  return type.startsWith('message/') && !type.startsWith('message/global');
}

function embeddedPart(content: Content, type: MediaType, headers: readonly FieldText[]): LeafPart {
  const fields = [typeField(type), ...headers];
  if (typeof content !== 'string' && !Buffer.isBuffer(content)) {
    // What is in it is known when it is read: 8bit is true of any.
    return { kind: 'leaf', headers: fields, encoding: '8bit', content: { source: content, literal: true } };
  }
  const encoder = new LineEndEncoder({ bodyOnly: true, allowLongLines: true });
  const octets = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const canonical = Buffer.concat([...encoder.push(octets), ...encoder.end()]);
  return { kind: 'leaf', headers: fields, encoding: isAscii(canonical) ? '7bit' : '8bit', content: canonical };
}

function typeField({ type, parameters }: MediaType): FieldText {
  return writeFieldOfPieces('Content-Type', formatParameters(type, parameters));
}

function mediaTypeOf({ contentType, filename }: Attachment, role: PartRole, where: string): MediaType {
  if (contentType === undefined && filename === undefined && role === 'alternative') {
    throw new MessageError(`${where} has no contentType`, {
      code: 'ERR_INVALID_CONTENT_TYPE',
      hint: "Say what form of the text it is, such as contentType: 'text/calendar; method=REQUEST'.",
    });
  }
  const mediaType = parseMediaType(contentType ?? guessMediaType(filename ?? ''));
  if (!mediaType.type.startsWith('multipart/')) return mediaType;
  throw new MessageError(`${where} cannot be ${mediaType.type}: parts are put together here`, {
    code: 'ERR_INVALID_CONTENT_TYPE',
    header: 'Content-Type',
    hint: 'Give its parts as text, html, alternatives and attachments.',
  });
}

/** A string is UTF-8 on the wire, and a text says so. */
function withCharset({ type, parameters }: MediaType, text: string, where: string): MediaType['parameters'] {
  const charset = parameters.find(([name]) => name === 'charset')?.[1].toLowerCase();
  if (charset === undefined) return type.startsWith('text/') ? [...parameters, ['charset', 'utf-8']] : parameters;
  if (charset === 'utf-8' || charset === 'utf8' || isAscii(Buffer.from(text, 'utf8'))) return parameters;
  throw new MessageError(`${where} is a string, which is sent in UTF-8 and not in ${charset}`, {
    code: 'ERR_INVALID_CONTENT_TYPE',
    header: 'Content-Type',
    hint: 'Leave the charset out, or give the content as bytes in that charset.',
  });
}

function dispositionField({ disposition, filename, cid }: Attachment, role: PartRole, where: string): FieldText[] {
  if (disposition !== undefined && !['attachment', 'inline'].includes(disposition)) {
    throw new MessageError(`${where}.disposition cannot be ${JSON.stringify(disposition)}`, {
      code: 'ERR_INVALID_MESSAGE_FIELD',
      header: 'Content-Disposition',
      hint: "Choose 'attachment' or 'inline'.",
    });
  }
  const value = disposition ?? (role === 'attachment' ? 'attachment' : 'inline');
  const isSaid = role !== 'alternative' || disposition !== undefined || filename !== undefined;
  return [
    ...(cid === undefined ? [] : [writeField('Content-ID', contentId(cid, where))]),
    ...(isSaid
      ? [
          writeFieldOfPieces(
            'Content-Disposition',
            formatParameters(value, filename === undefined ? [] : [['filename', filename]]),
          ),
        ]
      : []),
  ];
}

/** What HTML can name in a URL (RFC 2392), with or without `@`. */
const CONTENT_ID = /^[!-;=?-~]{1,200}$/;

/** @throws MessageError: `ERR_INVALID_CONTENT_ID`. */
export function contentId(cid: string, where: string): string {
  const bare = cid.startsWith('<') && cid.endsWith('>') ? cid.slice(1, -1) : cid;
  if (CONTENT_ID.test(bare)) return `<${bare}>`;
  throw new MessageError(`${where}.cid is no content identifier`, {
    code: 'ERR_INVALID_CONTENT_ID',
    header: 'Content-ID',
    hint: 'Give 1 to 200 characters of ASCII without spaces and angle brackets.',
  });
}

/** Fields that say what a part is: they are made here. */
const OWN_FIELDS = ['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id', 'mime-version'];

function otherFields({ headers = {} }: Attachment, where: string): FieldText[] {
  return Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const key = name.toLowerCase();
    // The fields of a part that stands alone are in the header block of the message, where these would say who gets it.
    const isOfMessage = isOfWholeMessage(key);
    if (isOfMessage || OWN_FIELDS.includes(key)) {
      throw new MessageError(`${where}.headers cannot have ${name}`, {
        code: 'ERR_RESERVED_HEADER',
        header: name,
        hint: isOfMessage
          ? 'It speaks of the whole message: give it as a field of that.'
          : 'Give contentType, disposition, filename and cid; the encoding is chosen here.',
      });
    }
    if (typeof value === 'string') return writeTextField(name, value);
    throw new MessageError(`${where}.headers: the value of ${name} is no string`, {
      code: 'ERR_INVALID_HEADER_VALUE',
      header: name,
    });
  });
}

function contentOf({ content, encoding }: Attachment, where: string): Content {
  if (typeof content === 'string') return decoded(content, encoding ?? 'utf-8', where);
  if (encoding !== undefined) {
    throw new MessageError(`${where}.encoding says how a string is to be read, and the content is none`, {
      code: 'ERR_INVALID_CONTENT',
      hint: 'Leave it out: the transfer encoding is chosen here.',
    });
  }
  if (isOctets(content)) return asBuffer(content);
  if (typeof content === 'function' || isAsyncIterable(content)) return content;
  throw new MessageError(`${where}.content is neither a string, nor bytes, nor a source of bytes`, {
    code: 'ERR_INVALID_CONTENT',
    hint: 'Give a string, a Uint8Array, () => createReadStream(path), or use fileAttachment(path).',
  });
}

const NOT_BASE64 = /[^A-Za-z0-9+/]/;
const NOT_HEX = /[^0-9A-Fa-f]/;

function decoded(text: string, encoding: string, where: string): string | Buffer {
  if (encoding === 'utf-8' || encoding === 'utf8') return text;
  const digits = text.replace(/[ \t\r\n]/g, '');
  const isBase64 = digits.length % 4 === 0 && !NOT_BASE64.test(digits.replace(/={1,2}$/, ''));
  if (encoding === 'base64' && isBase64) return Buffer.from(digits, 'base64');
  if (encoding === 'hex' && digits.length % 2 === 0 && !NOT_HEX.test(digits)) return Buffer.from(digits, 'hex');
  throw new MessageError(`${where}.content is not what its encoding ${JSON.stringify(encoding)} says`, {
    code: 'ERR_INVALID_CONTENT',
    hint: "The encoding of a string can be 'utf-8', 'base64' or 'hex'.",
  });
}

const NOT_IN_A_FILE_NAME = /[\p{Cc}\p{Surrogate}]/u;
const MAX_FILE_NAME_LENGTH = 1000;

function checkFileName(filename: string, where: string): void {
  if (filename !== '' && filename.length <= MAX_FILE_NAME_LENGTH && !NOT_IN_A_FILE_NAME.test(filename)) return;
  throw new MessageError(`${where}.filename is no name of a file`, {
    code: 'ERR_INVALID_FILE_NAME',
    header: 'Content-Disposition',
    hint: `Give 1 to ${String(MAX_FILE_NAME_LENGTH)} characters, none of them a line end or another control.`,
  });
}

const HALF_A_PAIR = /\p{Surrogate}/u;

/** Half a surrogate pair has no UTF-8: it would arrive as another character. */
function wellFormed(text: string, where: string): string {
  if (!HALF_A_PAIR.test(text)) return text;
  throw new MessageError(`${where} holds half a surrogate pair at position ${String(text.search(HALF_A_PAIR))}`, {
    code: 'ERR_INVALID_TEXT',
    hint: 'The text was cut inside of a character: cut between characters.',
  });
}
