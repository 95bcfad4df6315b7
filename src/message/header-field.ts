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
/** Printable ASCII and spaces, without a space at either end. */
const PRINTABLE = /^[!-~](?:[ -~]*[!-~])?$/;
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

/** A field as text: folded, with its line ends. What is written together becomes octets together. */
export interface FieldText {
  readonly name: string;
  /** The name in lower case. */
  readonly key: string;
  readonly text: string;
}

/**
 * A new field, folded at 78 octets where white space allows it.
 *
 * @throws MessageError: `ERR_INVALID_HEADER_NAME`, `ERR_INVALID_HEADER_VALUE`.
 */
export function writeField(name: string, value: string): FieldText {
  if (fitsOneLine(name, value)) return fieldText(name, `${name}: ${value}`);
  checkField(name, value);
  const trimmed = trimBlanks(value);
  return fieldText(name, PRINTABLE.test(trimmed) ? foldPrintable(name, trimmed) : fold(name, wordsOf(trimmed)));
}

/** A field whose value is folded between its pieces only, with a space between them. Throws as `writeField` does. */
export function writeFieldOfPieces(name: string, pieces: readonly string[]): FieldText {
  const value = pieces.join(' ');
  if (fitsOneLine(name, value)) return fieldText(name, `${name}: ${value}`);
  checkField(name, value);
  return fieldText(
    name,
    fold(
      name,
      pieces.map((piece) => ` ${piece}`),
    ),
  );
}

function fieldText(name: string, line: string): FieldText {
  return { name, key: name.toLowerCase(), text: `${line}\r\n` };
}

/** As `writeField()`, in octets of its own. */
export function makeField(name: string, value: string, resending?: symbol): HeaderSpan {
  const { key, text } = writeField(name, value);
  const octets = Buffer.from(text, 'utf8');
  return { name, key, octets, start: 0, valueStart: name.length + 1, end: octets.length, resending };
}

/** The fields end to end. */
export function textOf(fields: readonly FieldText[]): string {
  let block = '';
  for (const { text } of fields) block += text;
  return block;
}

/**
 * The fields as spans of the same octets, end to end, with `behind` at their end.
 *
 * @param block what `textOf()` makes of them, where that is known.
 */
export function layOut(fields: readonly FieldText[], behind = '', block = textOf(fields)): HeaderSpan[] {
  const octets = Buffer.from(block + behind, 'utf8');
  const isAscii = octets.length === block.length + behind.length;
  let start = 0;
  return fields.map(({ name, key, text }) => {
    const end = start + (isAscii ? text.length : Buffer.byteLength(text));
    const span = { name, key, octets, start, valueStart: start + name.length + 1, end, resending: undefined };
    start = end;
    return span;
  });
}

/** Whether nothing is to be refused, trimmed or folded, as is so for most fields. */
function fitsOneLine(name: string, value: string): boolean {
  if (typeof name !== 'string' || typeof value !== 'string') return false;
  return name.length + 2 + value.length <= PREFERRED_LINE_OCTETS && PRINTABLE.test(value) && FIELD_NAME.test(name);
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

/**
 * Each word with the white space in front of it. There is none behind the last one: looking for a word in it from each of its places
 * would take the square of its length.
 */
function wordsOf(trimmed: string): string[] {
  return ` ${trimmed}`.match(/[ \t]*[^ \t]+/g) ?? [];
}

/** As `fold()` of its words, without cutting them out. */
function foldPrintable(name: string, value: string): string {
  const text = `${name}: ${value}`;
  let folded = '';
  let lineStart = 0;
  // The first word stays beside the name.
  let firstBlank = name.length + 1;
  while (text.length - lineStart > PREFERRED_LINE_OCTETS) {
    let blank = text.lastIndexOf(' ', lineStart + PREFERRED_LINE_OCTETS);
    while (blank > firstBlank && text.charCodeAt(blank - 1) === SPACE) blank -= 1;
    if (blank <= firstBlank) {
      // A word that is too long, or white space in front of it that is: the line ends behind it.
      let word = firstBlank;
      while (text.charCodeAt(word) === SPACE) word += 1;
      blank = text.indexOf(' ', word);
      if (blank === -1) break;
    }
    folded += `${text.slice(lineStart, blank)}\r\n`;
    lineStart = firstBlank = blank;
  }
  return folded + text.slice(lineStart);
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
