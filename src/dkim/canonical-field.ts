/**
 * Header canonicalization (RFC 6376 sections 3.4.1 and 3.4.2). One rule: a field is octets. Text is read as Latin-1 and written
 * as such, so that what is no ASCII passes unchanged.
 */
import type { CanonicalForm } from './canonical-body.js';

/** A field as it is hashed. `octets` and the result end in CRLF. */
export function canonicalField(octets: Buffer, form: CanonicalForm): Buffer {
  if (form === 'simple') return octets;
  const text = octets.toString('latin1').replaceAll('\r\n', '');
  const colon = text.indexOf(':');
  const name = trimBlanks(text.slice(0, colon)).toLowerCase();
  const value = trimBlanks(text.slice(colon + 1).replace(/[ \t]+/g, ' '));
  return Buffer.from(`${name}:${value}\r\n`, 'latin1');
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
