/**
 * Content transfer encodings (RFC 2045 section 6). One rule: what is decoded is what was given, octet for octet, and no line
 * that is made has more than 76 octets. The encoders work in pieces, and the work grows with the content alone.
 */
import { asBuffer, CR, LF, MAX_LINE_OCTETS } from '../octets/line-ends.js';

export interface TransferEncoder {
  /** The encoded octets of the next piece, as far as they are decided. */
  push(octets: Uint8Array): Iterable<Buffer>;
  /** What is left. The last line has no line end. */
  end(): Buffer;
}

const LINE_OCTETS = 76;
/** What base64 makes a line of. */
const BASE64_INPUT = 57;
/** Encoded at a time, so that a large piece needs no large text. */
const BASE64_BLOCK = BASE64_INPUT * 1024;

export class Base64Encoder implements TransferEncoder {
  /** Less than a line. */
  #rest: Buffer = Buffer.alloc(0);
  #isFirstLine = true;

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
const FROM = Buffer.from('From');

/** CRLF is a line end and stays one; every other octet outside of printable ASCII is encoded. */
export class QuotedPrintableEncoder implements TransferEncoder {
  /** Of the line that is being made. */
  #lineOctets = 0;
  /** How much of `From` the line consists of; -1 when it is something else. */
  #fromOctets = 0;
  /** White space that must be encoded if the line ends behind it (RFC 2045 section 6.7, rule 3). */
  #heldBlank: number | undefined;
  #heldCr = false;
  #out: Buffer = Buffer.alloc(0);
  #length = 0;

  *push(octets: Uint8Array): Generator<Buffer, void, undefined> {
    for (let start = 0; start < octets.length; start += BASE64_BLOCK) {
      const block = octets.subarray(start, start + BASE64_BLOCK);
      this.#begin(block.length);
      for (const octet of block) this.#take(octet);
      yield this.#finish();
    }
  }

  end(): Buffer {
    this.#begin(0);
    if (this.#heldCr) {
      this.#releaseBlank();
      this.#encoded(CR);
    } else if (this.#heldBlank !== undefined) this.#encoded(this.#heldBlank);
    this.#heldBlank = undefined;
    this.#heldCr = false;
    return this.#finish();
  }

  #take(octet: number): void {
    if (this.#heldCr) {
      this.#heldCr = false;
      if (octet === LF) {
        if (this.#heldBlank !== undefined) this.#encoded(this.#heldBlank);
        this.#heldBlank = undefined;
        this.#lineEnd();
        return;
      }
      this.#releaseBlank();
      this.#encoded(CR);
    }
    if (octet === CR) {
      this.#heldCr = true;
      return;
    }
    this.#releaseBlank();
    if (octet === SPACE || octet === TAB) this.#heldBlank = octet;
    else if (octet > SPACE && octet <= TILDE && octet !== EQUALS) this.#literal(octet);
    else this.#encoded(octet);
  }

  /** The held white space has something behind it on its line. */
  #releaseBlank(): void {
    const blank = this.#heldBlank;
    if (blank === undefined) return;
    this.#heldBlank = undefined;
    if (this.#fromOctets === FROM.length) this.#encoded(blank);
    else this.#literal(blank);
  }

  #literal(octet: number): void {
    this.#makeRoom(1);
    this.#fromOctets = this.#fromOctets >= 0 && FROM[this.#fromOctets] === octet ? this.#fromOctets + 1 : -1;
    this.#write(octet);
    this.#lineOctets += 1;
  }

  #encoded(octet: number): void {
    this.#makeRoom(3);
    this.#fromOctets = -1;
    this.#write(EQUALS);
    this.#write(HEX[octet >> 4] ?? 0);
    this.#write(HEX[octet & 15] ?? 0);
    this.#lineOctets += 3;
  }

  /** A soft line break when there is none: the last octet of a line is kept for its sign. */
  #makeRoom(octets: number): void {
    if (this.#lineOctets + octets < LINE_OCTETS) return;
    this.#write(EQUALS);
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#write(CR);
    this.#write(LF);
    this.#lineOctets = 0;
    this.#fromOctets = 0;
  }

  /** An octet makes three at most, and a soft line break three more each 25 of them; two octets may have been held. */
  #begin(octets: number): void {
    this.#out = Buffer.allocUnsafe(octets * 4 + 16);
    this.#length = 0;
  }

  #write(octet: number): void {
    this.#out[this.#length] = octet;
    this.#length += 1;
  }

  #finish(): Buffer {
    const made = this.#out.subarray(0, this.#length);
    this.#out = Buffer.alloc(0);
    return made;
  }
}

export type TransferEncoding = '7bit' | '8bit' | 'quoted-printable' | 'base64';

/** RFC 5322 section 2.1.1: longer lines are encoded, so that nobody wraps them. */
const MAX_PLAIN_LINE_OCTETS = 78;
/** Whoever asks for 8bit asks for text as it is: only what cannot travel so is encoded. */
const MAX_8BIT_LINE_OCTETS = MAX_LINE_OCTETS;
const FROM_LINE = Buffer.from('From ');

/**
 * How text travels: as it is, if nothing on the way could change it; as quoted-printable, if most of it is ASCII and stays
 * readable; else as base64.
 *
 * @param octets with CRLF line ends only.
 */
export function chooseTextEncoding(octets: Buffer): '7bit' | 'quoted-printable' | 'base64' {
  let beyondText = 0;
  for (const octet of octets) if (!isText(octet)) beyondText += 1;
  if (beyondText === 0 && !needsWrapping(octets, MAX_PLAIN_LINE_OCTETS)) return '7bit';
  // An octet that is encoded takes three in the one; every octet takes four thirds of one in the other.
  return beyondText * 6 <= octets.length ? 'quoted-printable' : 'base64';
}

/** Whether text beyond ASCII can travel as it is, where a server takes 8-bit octets (RFC 2045 section 2.8). */
export function fits8Bit(octets: Buffer): boolean {
  let isBeyondAscii = false;
  for (const octet of octets) {
    if (octet > TILDE + 1) isBeyondAscii = true;
    else if (!isText(octet)) return false;
  }
  return isBeyondAscii && !needsWrapping(octets, MAX_8BIT_LINE_OCTETS);
}

function isText(octet: number): boolean {
  return (octet >= SPACE && octet <= TILDE) || octet === TAB || octet === CR || octet === LF;
}

/** Whether a line is long, or begins as only a line in front of a message in an mbox file may. */
function needsWrapping(octets: Buffer, maxLineOctets: number): boolean {
  for (let start = 0; start < octets.length;) {
    const lf = octets.indexOf(LF, start);
    const end = lf === -1 ? octets.length : lf - 1;
    if (end - start > maxLineOctets) return true;
    if (octets.subarray(start, start + FROM_LINE.length).equals(FROM_LINE)) return true;
    start = lf === -1 ? octets.length : lf + 1;
  }
  return false;
}

export function transferEncoder(encoding: 'quoted-printable' | 'base64'): TransferEncoder {
  return encoding === 'base64' ? new Base64Encoder() : new QuotedPrintableEncoder();
}

/** Everything at once. */
export function encodeWhole(encoding: 'quoted-printable' | 'base64', octets: Uint8Array): Buffer {
  const encoder = transferEncoder(encoding);
  const pieces = [...encoder.push(octets)];
  return Buffer.concat([...pieces, encoder.end()]);
}
