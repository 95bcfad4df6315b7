/**
 * One header field: its octets as text, and text as its octets. One rule: reading a field that was written gives the value that
 * was given. Folding (RFC 5322 section 2.2.3) only puts line ends in front of white space that is there already.
 */
import { isUtf8 } from 'node:buffer';
import { MessageError } from '../errors.js';
import { CR, LF } from '../octets/line-ends.js';
import { kindOf } from './check-argument.js';
import type { HeaderSpan } from './header-block.js';

/** RFC 5322 section 2.1.1: the octets that a line should not exceed. */
const PREFERRED_LINE_OCTETS = 78;

const TAB = 0x09;
const SPACE = 0x20;

/** RFC 5322 section 3.6.8: printable ASCII but the colon. */
const FIELD_NAME = /^[!-9;-~]+$/;
// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/;
const NOT_IN_A_VALUE = /[\r\n\0\p{Surrogate}]/u;

/** The unfolded value: line ends removed, outer white space trimmed, octets read as UTF-8, else as Latin-1. */
export function fieldValue(span: HeaderSpan): string {
  return readField(span).value;
}

/** The value, and whether it is neither ASCII nor UTF-8, so that what it says beyond ASCII is a guess. */
export function readField(span: HeaderSpan): { readonly value: string; readonly isGuess: boolean } {
  const { octets } = span;
  let start = span.valueStart;
  let end = span.end;
  while (start < end && isWhiteSpace(octets[start])) start += 1;
  while (end > start && isWhiteSpace(octets[end - 1])) end -= 1;
  let text = octets.toString('latin1', start, end);
  let isGuess = false;
  if (BEYOND_ASCII.test(text)) {
    isGuess = !isUtf8(octets.subarray(start, end));
    if (!isGuess) text = octets.toString('utf8', start, end);
  }
  return { value: text.replace(/[\r\n]/g, ''), isGuess };
}

function isWhiteSpace(octet: number | undefined): boolean {
  return isBlank(octet) || octet === CR || octet === LF;
}

/**
 * A new field, in UTF-8, folded at 78 octets where white space allows it.
 *
 * @throws MessageError: `ERR_INVALID_HEADER_NAME`, `ERR_INVALID_HEADER_VALUE`.
 */
export function makeField(name: string, value: string, resending?: symbol): HeaderSpan {
  checkField(name, value);
  return { ...fieldOf(name, wordsOf(value)), resending };
}

/** A field whose value is folded between its pieces only, with a space between them. Throws as `makeField` does. */
export function makeFieldOfPieces(name: string, pieces: readonly string[]): HeaderSpan {
  checkField(name, pieces.join(' '));
  return fieldOf(
    name,
    pieces.map((piece) => ` ${piece}`),
  );
}

function checkField(name: string, value: string): void {
  if (typeof name !== 'string' || !FIELD_NAME.test(name)) {
    const shown = typeof name === 'string' ? JSON.stringify(name) : kindOf(name);
    throw new MessageError(`${shown} is no name of a header field`, {
      code: 'ERR_INVALID_HEADER_NAME',
      hint: 'A name is printable ASCII without spaces and colons (RFC 5322 section 3.6.8).',
    });
  }
  if (typeof value !== 'string') {
    throw new MessageError(`the value of ${name} is no text`, {
      code: 'ERR_INVALID_HEADER_VALUE',
      header: name,
      hint: 'Give a string.',
    });
  }
  const forbidden = NOT_IN_A_VALUE.exec(value);
  if (forbidden !== null) {
    const found = (forbidden[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new MessageError(`the value of ${name} holds U+${found} at position ${String(forbidden.index)}`, {
      code: 'ERR_INVALID_HEADER_VALUE',
      header: name,
      hint: 'Remove it where the value comes from: a line end could begin another header field. Folding is done here.',
    });
  }
}

/** @param pieces each with the white space in front of it. */
function fieldOf(name: string, pieces: readonly string[]): HeaderSpan {
  const octets = Buffer.from(`${fold(name, pieces)}\r\n`, 'utf8');
  return { name, key: name.toLowerCase(), octets, start: 0, valueStart: name.length + 1, end: octets.length };
}

/**
 * Each word with the white space in front of it. White space behind the last one is cut off first: looking for a word in it from
 * each of its places would take the square of its length.
 */
function wordsOf(value: string): string[] {
  return ` ${trimBlanks(value)}`.match(/[ \t]*[^ \t]+/g) ?? [];
}

function fold(name: string, pieces: readonly string[]): string {
  let text = `${name}:`;
  let lineOctets = text.length;
  for (const [index, piece] of pieces.entries()) {
    const pieceOctets = Buffer.byteLength(piece);
    // The first word stays beside the name: a line with nothing but a name is legal, but not understood everywhere.
    if (index > 0 && lineOctets + pieceOctets > PREFERRED_LINE_OCTETS) {
      text += '\r\n';
      lineOctets = 0;
    }
    text += piece;
    lineOctets += pieceOctets;
  }
  return text;
}

function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}
