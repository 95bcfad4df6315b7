/**
 * A header block as spans of octets. One rule: nothing is decoded and nothing is lost. The spans of fields and of lines that
 * are no fields lie end to end from the first octet behind a BOM and an mbox line up to the empty line.
 *
 * A line ends as octets/line-ends.ts says, the block at the first empty line or with the octets. Lines that are neither field
 * nor continuation do not end it, so that a Bcc behind one is still found and removed.
 */
import { MessageError } from '../errors.js';
import { CR, LF } from '../octets/line-ends.js';

/** The most octets of a header block. */
export const MAX_HEADER_BLOCK_OCTETS = 1_048_576;
/** The most fields, and lines that are none, of a header block. */
export const MAX_HEADER_FIELDS = 10_000;

const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;
const TILDE = 0x7e;

/** One field with its continuation lines and their line ends, or one line (with continuations) that is no field. */
export interface HeaderSpan {
  /** As written, without the white space and folds in front of the colon; `''` for a line that is no field. */
  readonly name: string;
  /** The name in lower case. */
  readonly key: string;
  readonly octets: Buffer;
  readonly start: number;
  /** Behind the colon; the same as `start` for a line that is no field. */
  readonly valueStart: number;
  /** Behind the last line end, which may be missing at the end of the octets. */
  readonly end: number;
  /** Which resending made this field; undefined for what was there before. */
  readonly resending?: symbol | undefined;
}

export interface HeaderBlock {
  readonly spans: readonly HeaderSpan[];
  /** Where the first span begins: behind a BOM and an mbox line. */
  readonly start: number;
  /** Behind the last span, where the empty line begins. */
  readonly end: number;
  /** Behind the empty line; the same as `end` when there is none. */
  readonly bodyStart: number;
  /** Where the first CR without LF stands, up to and with the empty line's end; undefined when there is none. */
  readonly loneCr: number | undefined;
}

/**
 * The header block of a whole message.
 *
 * @throws MessageError: `ERR_HEADER_BLOCK_TOO_LARGE` over 1 MiB, `ERR_TOO_MANY_HEADER_FIELDS` over 10,000 fields.
 */
export function parseHeaderBlock(octets: Buffer): HeaderBlock {
  return new HeaderBlockScan(octets).run();
}

/** @throws MessageError: as `parseHeaderBlock`, of a block that is made here. */
export function checkBlockSize(octets: number, fields: number): void {
  if (octets > MAX_HEADER_BLOCK_OCTETS) failTooLarge();
  if (fields > MAX_HEADER_FIELDS) failTooMany();
}

/** The header block of a message of which only the first octets are known; undefined while its end is not among them. */
export function findHeaderBlock(octets: Buffer): HeaderBlock | undefined {
  const block = new HeaderBlockScan(octets).run();
  // A CR as the last octet may be half of a CRLF.
  const isComplete = block.bodyStart > block.end && (block.bodyStart < octets.length || octets.at(-1) === LF);
  return isComplete ? block : undefined;
}

/** RFC 5322 section 3.6.8: `ftext`. */
function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE && octet <= TILDE && octet !== COLON;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

function isWhiteSpace(octet: number | undefined): boolean {
  return isBlank(octet) || octet === CR || octet === LF;
}

class HeaderBlockScan {
  readonly #octets: Buffer;
  #loneCr: number | undefined;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  run(): HeaderBlock {
    const octets = this.#octets;
    const start = this.#skipMboxLine(this.#skipByteOrderMark());
    const starts: number[] = [];
    let end = start;
    let bodyStart = start;
    while (end < octets.length) {
      const first = octets[end];
      bodyStart = this.#endOfLine(end);
      if (first === CR || first === LF) break;
      if (!isBlank(first) || starts.length === 0) {
        if (starts.length === MAX_HEADER_FIELDS) failTooMany();
        starts.push(end);
      }
      if (bodyStart - start > MAX_HEADER_BLOCK_OCTETS) failTooLarge();
      end = bodyStart;
    }
    return { spans: this.#spans(starts, end), start, end, bodyStart, loneCr: this.#loneCr };
  }

  #spans(starts: readonly number[], blockEnd: number): HeaderSpan[] {
    const octets = this.#octets;
    const blockStart = starts[0] ?? blockEnd;
    // Names are ASCII, or they are none; cutting them out of one text is cheaper than reading each.
    const text = octets.toString('latin1', blockStart, blockEnd);
    return starts.map((start, index) => {
      const end = starts[index + 1] ?? blockEnd;
      let nameEnd = start;
      while (isNameOctet(octets[nameEnd])) nameEnd += 1;
      let colon = nameEnd;
      // Also on another line: within a span every line end has white space behind it.
      while (colon < end && isWhiteSpace(octets[colon])) colon += 1;
      if (colon >= end || octets[colon] !== COLON || nameEnd === start)
        return { name: '', key: '', octets, start, valueStart: start, end };
      const name = text.slice(start - blockStart, nameEnd - blockStart);
      return { name, key: name.toLowerCase(), octets, start, valueStart: colon + 1, end };
    });
  }

  /** Behind the line end of the line that begins at `position`. */
  #endOfLine(position: number): number {
    const octets = this.#octets;
    // A line is looked at no further than a whole block may go.
    const limit = Math.min(octets.length, position + MAX_HEADER_BLOCK_OCTETS + 1);
    let end = position;
    while (end < limit && octets[end] !== LF && octets[end] !== CR) end += 1;
    if (end === octets.length) return end;
    if (end === limit) failTooLarge();
    if (octets[end] === LF) return end + 1;
    if (octets[end + 1] === LF) return end + 2;
    this.#loneCr ??= end;
    return end + 1;
  }

  #skipByteOrderMark(): number {
    const octets = this.#octets;
    return octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf ? 3 : 0;
  }

  /** `From user date`, the separator of mbox files, or its quoted form. `From : user` is a field (obs-from). */
  #skipMboxLine(position: number): number {
    const octets = this.#octets;
    const word = octets.toString('latin1', position, position + 6);
    const behindWord = position + (word === '>From ' ? 6 : 5);
    if (word !== '>From ' && !word.startsWith('From ')) return position;
    let colon = behindWord;
    while (isBlank(octets[colon])) colon += 1;
    return octets[colon] === COLON ? position : this.#endOfLine(position);
  }
}

function failTooLarge(): never {
  throw new MessageError(`the header block has more than ${String(MAX_HEADER_BLOCK_OCTETS)} octets`, {
    code: 'ERR_HEADER_BLOCK_TOO_LARGE',
    hint: 'A message begins with its header fields and an empty line: check that this is one.',
  });
}

function failTooMany(): never {
  throw new MessageError(`the header block has more than ${String(MAX_HEADER_FIELDS)} fields`, {
    code: 'ERR_TOO_MANY_HEADER_FIELDS',
    hint: 'A message begins with its header fields and an empty line: check that this is one.',
  });
}
