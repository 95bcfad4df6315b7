/**
 * The one definition of a line end, for every parser and writer: CRLF, a lone LF and a lone CR are each one line end
 * (`\r\r\n` is two). What leaves LineEndEncoder has CRLF only, and no later pass may create a line that was not seen here:
 * that is what keeps smuggled commands (RFC 5321 section 4.1.1.4) and smuggled header fields out of the wire.
 */
import { isAscii } from 'node:buffer';
import { MessageError } from '../errors.js';
import type { SerializeOptions } from '../types.js';
import { countEqualLines, FEWEST_EQUAL_LINES } from './equal-lines.js';

export const CR = 0x0d;
export const LF = 0x0a;
export const DOT = 0x2e;

const CRLF_OCTETS: Uint8Array = Buffer.from('\r\n');

/** RFC 5322 section 2.1.1: the octets of a line, without its CRLF. */
export const MAX_LINE_OCTETS = 998;

/** One look at this many octets at a time keeps the passes over them inside the processor's cache. */
const BLOCK_OCTETS = 65_536;

/** Where so much changed that the views of a block would be more than this, one copy costs less than handling them. */
const MAX_SEGMENTS_OF_BLOCK = 16;

export interface LineEndEncoderOptions extends Pick<SerializeOptions, 'lineEndings' | 'allowLongLines'> {
  /** Doubles a dot at the start of a line (RFC 5321 section 4.5.2). Default false. */
  readonly dotStuffing?: boolean;
  /** The octets begin behind the header block's empty line, so that a lone CR is a line end from the start. Default false. */
  readonly bodyOnly?: boolean;
}

/** A view of the same octets with Buffer's native searches. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Behind the others; a view that begins where the last one ends becomes one view with it. */
function append(out: Uint8Array[], segments: readonly Uint8Array[]): void {
  for (const segment of segments) {
    const last = out.at(-1);
    if (last?.buffer === segment.buffer && last.byteOffset + last.length === segment.byteOffset) {
      out[out.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + segment.length);
    } else {
      out.push(segment);
    }
  }
}

/**
 * Makes line ends canonical in one pass, with state across chunks. Where nothing changes, what comes out are views of what
 * went in. Throws MessageError on NUL, on a line over 998 octets (unless `allowLongLines`), and on line ends that the
 * mode refuses; after a throw the encoder is not to be used again.
 */
export class LineEndEncoder {
  readonly #mode: 'normalize' | 'normalize-all' | 'reject';
  readonly #maxLine: number;
  readonly #dotStuffing: boolean;
  readonly #binaryBody: boolean;
  #inHeader: boolean;
  /** The last chunk ended in CR, which is held back: whether it is half a CRLF is not known yet. */
  #heldCr = false;
  #lineOctets = 0;
  #lineNumber = 1;
  #sizeBytes = 0;
  #eightBit = false;
  #dotLines = 0;

  /**
   * `body`: `binary` leaves what is behind the header block's empty line as it is (BODY=BINARYMIME, RFC 3030). It stands apart from
   * the options, which come from callers: such octets may go out by BDAT only.
   */
  constructor(options: LineEndEncoderOptions = {}, body: 'lines' | 'binary' = 'lines') {
    this.#mode = options.lineEndings ?? 'normalize';
    this.#maxLine = options.allowLongLines === true ? Infinity : MAX_LINE_OCTETS;
    this.#dotStuffing = options.dotStuffing ?? false;
    this.#binaryBody = body === 'binary';
    this.#inHeader = options.bodyOnly !== true;
  }

  /** Octets that came out so far, without stuffed dots. Exact after `end()`. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether any octet so far was above 127. */
  get eightBit(): boolean {
    return this.#eightBit;
  }

  /** How many lines so far began with a dot. */
  get dotLines(): number {
    return this.#dotLines;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const octets = asBuffer(chunk);
    if (this.#binaryBody) return this.#pushBinary(octets);
    const out: Uint8Array[] = [];
    for (let start = 0; start < octets.length; start += BLOCK_OCTETS) {
      const segments = this.#block(octets.subarray(start, start + BLOCK_OCTETS));
      if (segments.length > MAX_SEGMENTS_OF_BLOCK) out.push(Buffer.concat(segments));
      else append(out, segments);
    }
    return out;
  }

  /** Ends the last line if it has no line end. */
  end(): Uint8Array[] {
    const out: Uint8Array[] = [];
    if (this.#heldCr) {
      this.#heldCr = false;
      this.#convert(out, 'CR', 1);
    } else if (this.#lineOctets > 0) {
      this.#lineOctets = 0;
      this.#sizeBytes += 2;
      out.push(CRLF_OCTETS);
    }
    return out;
  }

  /** The header block line by line, and what is behind it as it is. */
  #pushBinary(octets: Buffer): Uint8Array[] {
    const out: Uint8Array[] = [];
    let position = 0;
    while (this.#inHeader && position < octets.length) {
      const lf = octets.indexOf(LF, position);
      const end = lf === -1 ? octets.length : lf + 1;
      out.push(...this.#block(octets.subarray(position, end)));
      position = end;
    }
    if (position === octets.length) return out;
    const body = octets.subarray(position);
    this.#sizeBytes += body.length;
    this.#eightBit ||= !isAscii(body);
    return [...out, body];
  }

  /** `octets` are not empty: whether a held CR is half a CRLF shows in the first of them. */
  #block(octets: Buffer): Uint8Array[] {
    const out: Uint8Array[] = [];
    if (octets.includes(0)) this.#refuseNul(octets);
    this.#eightBit ||= !isAscii(octets);
    let runStart = 0;
    let position = 0;
    if (this.#heldCr) {
      this.#heldCr = false;
      if (octets[0] === LF) {
        position = runStart = 1;
        this.#sizeBytes += 1;
        this.#endLine();
        out.push(CRLF_OCTETS);
      } else {
        this.#convert(out, 'CR', 1);
      }
    }
    this.#sizeBytes += octets.length - position;
    // Each is looked for again only once it was passed: octets without one of them are searched for it once.
    let nextCr = octets.indexOf(CR, position);
    let nextLf = octets.indexOf(LF, position);
    const maxLine = this.#maxLine;
    while (position < octets.length) {
      if (this.#lineOctets === 0 && octets[position] === DOT) {
        this.#dotLines += 1;
        if (this.#dotStuffing) {
          // The run that ends with this dot and the one that begins with it overlap: the dot goes out twice.
          out.push(octets.subarray(runStart, position + 1));
          runStart = position;
        }
      }
      if (nextCr !== -1 && nextCr < position) nextCr = octets.indexOf(CR, position);
      if (nextLf !== -1 && nextLf < position) nextLf = octets.indexOf(LF, position);
      if (nextCr !== -1 && nextCr + 1 === nextLf) {
        this.#growLine(nextCr - position);
        this.#endLine();
        position = nextLf + 1;
        // Most lines are clean and follow clean ones: here they are passed without touching a field.
        let lines = 0;
        let emptyLine = false;
        let lastLength = -1;
        let mostEqual = FEWEST_EQUAL_LINES;
        while (position < octets.length && octets[position] !== DOT) {
          nextCr = octets.indexOf(CR, position);
          nextLf = octets.indexOf(LF, position);
          if (nextCr === -1 || nextCr + 1 !== nextLf || nextCr - position > maxLine) break;
          const length = nextCr - position;
          emptyLine ||= length === 0;
          position = nextLf + 1;
          lines += 1;
          if (length !== lastLength) {
            lastLength = length;
            continue;
          }
          const equal = countEqualLines(octets, position, length, mostEqual);
          mostEqual = equal === mostEqual ? 4 * mostEqual : FEWEST_EQUAL_LINES;
          position += equal * (length + 2);
          lines += equal;
          if (equal === 0) lastLength = -1;
        }
        this.#lineNumber += lines;
        if (emptyLine) this.#inHeader = false;
      } else if (nextCr !== -1 && (nextLf === -1 || nextCr < nextLf)) {
        this.#growLine(nextCr - position);
        if (nextCr > runStart) out.push(octets.subarray(runStart, nextCr));
        position = runStart = nextCr + 1;
        if (position === octets.length) this.#heldCr = true;
        else this.#convert(out, 'CR', 1);
      } else if (nextLf !== -1) {
        this.#growLine(nextLf - position);
        if (nextLf > runStart) out.push(octets.subarray(runStart, nextLf));
        position = runStart = nextLf + 1;
        this.#convert(out, 'LF', 1);
      } else {
        this.#growLine(octets.length - position);
        position = octets.length;
      }
    }
    if (runStart < octets.length) out.push(octets.subarray(runStart));
    return out;
  }

  #growLine(octets: number): void {
    this.#lineOctets += octets;
    if (this.#lineOctets > this.#maxLine) {
      throw new MessageError(
        `line ${String(this.#lineNumber)} of the message has more than ${String(MAX_LINE_OCTETS)} octets, the limit of RFC 5322 section 2.1.1`,
        {
          code: 'ERR_LINE_TOO_LONG',
          hint: 'Wrap the line or encode its part as quoted-printable or base64; allowLongLines sends it as it is.',
        },
      );
    }
  }

  #endLine(): void {
    if (this.#lineOctets === 0) this.#inHeader = false;
    this.#lineOctets = 0;
    this.#lineNumber += 1;
  }

  /** Writes CRLF for a lone CR or LF, which was counted as one octet already. */
  #convert(out: Uint8Array[], found: 'CR' | 'LF', addedOctets: number): void {
    if (this.#mode === 'reject') {
      throw new MessageError(`line ${String(this.#lineNumber)} of the message ends in a lone ${found}, not in CRLF`, {
        code: 'ERR_BARE_LINE_END',
        hint: "Give the message CRLF line ends, or let lineEndings: 'normalize' convert them.",
      });
    }
    if (found === 'CR' && this.#inHeader && this.#mode === 'normalize') {
      throw new MessageError(
        `line ${String(this.#lineNumber)} of the message, in its header block, holds a lone CR, which could hide a header field`,
        {
          code: 'ERR_BARE_CR_IN_HEADER',
          hint: "Remove it; lineEndings: 'normalize-all' takes it as a line end.",
        },
      );
    }
    this.#sizeBytes += addedOctets;
    this.#endLine();
    out.push(CRLF_OCTETS);
  }

  #refuseNul(octets: Buffer): never {
    const at = octets.indexOf(0);
    let line = this.#lineNumber;
    for (let lf = octets.indexOf(LF); lf !== -1 && lf < at; lf = octets.indexOf(LF, lf + 1)) line += 1;
    throw new MessageError(
      `line ${String(line)} of the message holds a NUL octet, which SMTP cannot carry (RFC 5321 section 2.3.8)`,
      {
        code: 'ERR_NUL_OCTET',
        hint: 'Encode the part that holds it as base64.',
      },
    );
  }
}
