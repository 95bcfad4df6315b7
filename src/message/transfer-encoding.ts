/**
 * Content transfer encodings (RFC 2045 section 6). One rule: what is decoded is what was given, octet for octet, and no line
 * that is made has more than 76 octets. The work grows with the content alone.
 */
import { asBuffer, CR, LF, MAX_LINE_OCTETS } from '../octets/line-ends.js';

const LINE_OCTETS = 76;
/** What base64 makes a line of. */
const BASE64_INPUT = 57;
/** Encoded at a time, so that a large piece needs no large text. */
const BASE64_BLOCK = BASE64_INPUT * 1024;

/** Works in pieces: content that is streamed is never held. */
export class Base64Encoder {
  /** Less than a line. */
  #rest: Buffer = Buffer.alloc(0);
  #isFirstLine = true;

  /** The encoded octets of the next piece, as far as they are decided. */
  *push(octets: Uint8Array): Generator<Buffer, void, undefined> {
    let input = asBuffer(octets);
    if (this.#rest.length > 0) {
      const missing = BASE64_INPUT - this.#rest.length;
      const line = Buffer.concat([this.#rest, input.subarray(0, missing)]);
      if (line.length < BASE64_INPUT) {
        this.#rest = line;
        return;
      }
      yield this.#encode(line);
      input = input.subarray(missing);
    }
    const whole = input.length - (input.length % BASE64_INPUT);
    for (let start = 0; start < whole; start += BASE64_BLOCK) {
      yield this.#encode(input.subarray(start, Math.min(start + BASE64_BLOCK, whole)));
    }
    // A copy: who gave the octets may use their memory again.
    this.#rest = Buffer.from(input.subarray(whole));
  }

  /** What is left. The last line has no line end. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? rest : this.#encode(rest);
  }

  /** Lines, with line ends in front of all but the first. */
  #encode(octets: Buffer): Buffer {
    const text = octets.toString('base64');
    const lines = Math.ceil(text.length / LINE_OCTETS);
    const out = Buffer.allocUnsafe(text.length + 2 * lines);
    let length = 0;
    for (let start = 0; start < text.length; start += LINE_OCTETS) {
      if (this.#isFirstLine) this.#isFirstLine = false;
      else length += out.write('\r\n', length, 'latin1');
      length += out.write(text.slice(start, start + LINE_OCTETS), length, 'latin1');
    }
    return out.subarray(0, length);
  }
}

const TAB = 0x09;
const SPACE = 0x20;
const EQUALS = 0x3d;
const TILDE = 0x7e;
const HEX = Buffer.from('0123456789ABCDEF');
/** Mailboxes in files part messages at lines that begin so, and such lines arrive changed. */
const FROM = [0x46, 0x72, 0x6f, 0x6d] as const;

const BEYOND_TEXT = 0;
/** It stands for itself wherever there is room. */
const LITERAL = 1;
/** It may stand where something is behind it on its line. */
const BLANK = 2;
/** Text like any other, but a sign of quoted-printable. */
const SIGN = 3;
const LINE_END = 4;
/** What each octet is. */
const KINDS = new Uint8Array(256).fill(LITERAL, SPACE + 1, TILDE + 1);
KINDS[SPACE] = KINDS[TAB] = BLANK;
KINDS[EQUALS] = SIGN;
KINDS[CR] = KINDS[LF] = LINE_END;

/**
 * CRLF is a line end and stays one; every other octet outside of printable ASCII is encoded.
 *
 * @param unplain how many of the octets are not sure to stand for themselves.
 */
export function quotedPrintable(octets: Uint8Array, { unplain } = surveyOf(octets)): Buffer {
  const length = octets.length;
  const out = Buffer.allocUnsafe(maxQuotedPrintableOctets(length, unplain));
  let end = 0;
  let lineStart = 0;
  for (let position = 0; position < length; position += 1) {
    const octet = octets[position] ?? 0;
    const kind = KINDS[octet];
    if (kind === LITERAL && end - lineStart < LINE_OCTETS - 1) {
      out[end] = octet;
      end += 1;
      continue;
    }
    if (octet === CR && octets[position + 1] === LF) {
      out[end] = CR;
      out[end + 1] = LF;
      end += 2;
      lineStart = end;
      position += 1;
      continue;
    }
    const isLiteral = kind === LITERAL || (kind === BLANK && mayStand(octets, position + 1, out, lineStart, end));
    // The last octet of a line is kept for the sign of a soft line break.
    if (end - lineStart + (isLiteral ? 1 : 3) >= LINE_OCTETS) {
      out[end] = EQUALS;
      out[end + 1] = CR;
      out[end + 2] = LF;
      end += 3;
      lineStart = end;
    }
    if (isLiteral) {
      out[end] = octet;
      end += 1;
    } else {
      out[end] = EQUALS;
      out[end + 1] = HEX[octet >> 4] ?? 0;
      out[end + 2] = HEX[octet & 15] ?? 0;
      end += 3;
    }
  }
  return out.subarray(0, end);
}

/** A soft line break takes three octets, and a line in front of it has at least this many. */
const LEAST_BROKEN_LINE = LINE_OCTETS - 3;

function maxQuotedPrintableOctets(length: number, unplain: number): number {
  const most = length + 2 * unplain;
  return most + 3 * Math.ceil(most / LEAST_BROKEN_LINE);
}

/** Whether white space is not the last of its line (RFC 2045 section 6.7, rule 3), and not the one behind `From`. */
function mayStand(octets: Uint8Array, next: number, out: Uint8Array, lineStart: number, end: number): boolean {
  if (next === octets.length || (octets[next] === CR && octets[next + 1] === LF)) return false;
  return end - lineStart !== FROM.length || !FROM.every((octet, index) => out[lineStart + index] === octet);
}

export type TransferEncoding = '7bit' | '8bit' | 'quoted-printable' | 'base64';

/** RFC 5322 section 2.1.1: longer lines are encoded, so that nobody wraps them. */
const MAX_PLAIN_LINE_OCTETS = 78;
/** Whoever asks for 8bit asks for text as it is: only what cannot travel so is encoded. */
const MAX_8BIT_LINE_OCTETS = MAX_LINE_OCTETS;
const FROM_LINE = [...FROM, SPACE];

/**
 * How text travels: as it is, if nothing on the way could change it; as quoted-printable, if most of it is ASCII and stays
 * readable; else as base64.
 *
 * @param octets with CRLF line ends only.
 */
export function chooseTextEncoding(
  octets: Buffer,
  { beyondText } = surveyOf(octets),
): '7bit' | 'quoted-printable' | 'base64' {
  if (beyondText === 0 && !needsWrapping(octets, MAX_PLAIN_LINE_OCTETS)) return '7bit';
  // An octet that is encoded takes three in the one; every octet takes four thirds of one in the other.
  return beyondText * 6 <= octets.length ? 'quoted-printable' : 'base64';
}

interface Survey {
  /** How many octets are no text. */
  readonly beyondText: number;
  /** How many are not sure to stand for themselves in quoted-printable: those, and some of text. */
  readonly unplain: number;
}

function surveyOf(octets: Uint8Array): Survey {
  let beyondText = 0;
  let unplain = 0;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator costs several times what is done with an octet
  for (let position = 0; position < octets.length; position += 1) {
    const kind = KINDS[octets[position] ?? 0];
    if (kind === LITERAL) continue;
    unplain += 1;
    if (kind === BEYOND_TEXT) beyondText += 1;
  }
  return { beyondText, unplain };
}

/** Text as it travels, however that is. */
export function encodeText(octets: Buffer): { readonly encoding: TransferEncoding; readonly content: Buffer } {
  const survey = surveyOf(octets);
  const encoding = chooseTextEncoding(octets, survey);
  if (encoding === '7bit') return { encoding, content: octets };
  const content = encoding === 'base64' ? encodeWhole(encoding, octets) : quotedPrintable(octets, survey);
  return { encoding, content };
}

/** Whether text beyond ASCII can travel as it is, where a server takes 8-bit octets (RFC 2045 section 2.8). */
export function fits8Bit(octets: Buffer): boolean {
  let isBeyondAscii = false;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- as above
  for (let position = 0; position < octets.length; position += 1) {
    const octet = octets[position] ?? 0;
    if (octet > TILDE + 1) isBeyondAscii = true;
    else if (KINDS[octet] === BEYOND_TEXT) return false;
  }
  return isBeyondAscii && !needsWrapping(octets, MAX_8BIT_LINE_OCTETS);
}

/** Whether a line is long, or begins as only a line in front of a message in an mbox file may. */
function needsWrapping(octets: Buffer, maxLineOctets: number): boolean {
  for (let start = 0; start < octets.length;) {
    const lf = octets.indexOf(LF, start);
    const end = lf === -1 ? octets.length : lf - 1;
    if (end - start > maxLineOctets) return true;
    if (octets[start] === FROM[0] && FROM_LINE.every((octet, index) => octets[start + index] === octet)) return true;
    start = lf === -1 ? octets.length : lf + 1;
  }
  return false;
}

/** Everything at once. */
export function encodeWhole(encoding: 'quoted-printable' | 'base64', octets: Uint8Array): Buffer {
  if (encoding === 'quoted-printable') return quotedPrintable(octets);
  const encoder = new Base64Encoder();
  const pieces = [...encoder.push(octets)];
  return Buffer.concat([...pieces, encoder.end()]);
}
