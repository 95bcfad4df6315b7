/** `data:` URLs (RFC 2397). They hold their content themselves, so nothing has to be opened for them. */
import { mailError } from './nodemailer-error.js';

export interface DataUrl {
  readonly contentType: string;
  readonly octets: Buffer;
}

export function isDataUrl(value: unknown): value is string {
  return typeof value === 'string' && /^data:/i.test(value);
}

/** @throws NodemailerError: `EMESSAGE`. */
export function readDataUrl(text: string, where: string): DataUrl {
  const comma = text.indexOf(',');
  if (comma === -1) throw notOne(where);
  const words = text
    .slice('data:'.length, comma)
    .split(';')
    .map((word) => word.trim());
  const isBase64 = words.length > 1 && words.at(-1)?.toLowerCase() === 'base64';
  const type = (isBase64 ? words.slice(0, -1) : words).join('; ');
  // RFC 2397 section 2: what is said without a type is about text/plain.
  const contentType = type === '' ? 'text/plain; charset=us-ascii' : type.startsWith(';') ? `text/plain${type}` : type;
  const data = unescaped(text.slice(comma + 1), where);
  if (!isBase64) return { contentType, octets: data };
  const digits = data.toString('latin1').replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(digits)) throw notOne(where);
  return { contentType, octets: Buffer.from(digits, 'base64') };
}

/** As octets: a percent sign may stand for half a character of UTF-8. */
function unescaped(text: string, where: string): Buffer {
  if (!text.includes('%')) return Buffer.from(text, 'utf8');
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw notOne(where);
  const octets = Buffer.from(text, 'utf8');
  const result = Buffer.alloc(octets.length);
  let length = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    if (octet === 0x25) {
      result[length] = Number.parseInt(octets.toString('latin1', at + 1, at + 3), 16);
      at += 2;
    } else result[length] = octet;
    length += 1;
  }
  return result.subarray(0, length);
}

function notOne(where: string): Error {
  return mailError(`${where} is no data: URL that can be read`, 'Give the octets as content.');
}
