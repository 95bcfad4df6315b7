/**
 * Parameters of Content-Type and Content-Disposition. One rule: a value is written in the plainest form that every reader
 * reads back as the same value: a token, a quoted string, or the encoding and continuations of RFC 2231.
 */

export type MimeParameter = readonly [name: string, value: string];

/** RFC 2045 section 5.1, but without what RFC 2231 gave a meaning: some readers look for it in values without quotes too. */
const TOKEN = /^[!#$&+\-.0-9A-Z^_`a-z{|}~]+$/;
/** Without quote and backslash, which need escapes that not every reader undoes. */
const QUOTABLE = /^[ !#-[\]-~]*$/;
/** RFC 2231 section 7: `attribute-char`. */
const ATTRIBUTE_CHARACTER = /^[!#$&+\-.0-9A-Z^_`a-z{|}~]$/;

/** A line has 78 octets, one of them the fold's space, one the semicolon. */
const MAX_PARAMETER_OCTETS = 76;
const CHARSET = "UTF-8''";

/** A value with parameters, in the pieces that a field is folded between. */
export function formatParameters(value: string, parameters: readonly MimeParameter[]): string[] {
  const pieces: string[] = [];
  let last = value;
  for (const [name, text] of parameters) {
    for (const piece of formatParameter(name, text)) {
      pieces.push(`${last};`);
      last = piece;
    }
  }
  pieces.push(last);
  return pieces;
}

function formatParameter(name: string, value: string): string[] {
  const isPlain = QUOTABLE.test(value) && value.trim() === value && !value.includes('=?');
  const plain = `${name}=${TOKEN.test(value) ? value : `"${value}"`}`;
  if (isPlain && plain.length <= MAX_PARAMETER_OCTETS) return [plain];
  const whole = `${name}*=${CHARSET}${percentEncoded(value).join('')}`;
  return whole.length <= MAX_PARAMETER_OCTETS ? [whole] : continuations(name, value);
}

/** RFC 2231 section 4.1. Each holds whole characters, for readers that decode them one by one. */
function continuations(name: string, value: string): string[] {
  const pieces: string[] = [];
  let piece = `${name}*0*=${CHARSET}`;
  for (const character of percentEncoded(value)) {
    if (piece.length + character.length > MAX_PARAMETER_OCTETS) {
      pieces.push(piece);
      piece = `${name}*${String(pieces.length)}*=`;
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** Each character in the form of RFC 2231. */
function percentEncoded(value: string): string[] {
  return Array.from(value, (character) => {
    if (ATTRIBUTE_CHARACTER.test(character)) return character;
    const octets = Array.from(Buffer.from(character, 'utf8'));
    return octets.map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
}
