/**
 * Body canonicalization (RFC 6376 sections 3.4.3 and 3.4.4) in pieces. One rule: how the body was cut into pieces changes
 * nothing. What comes in has CRLF line ends only, as every Content has; line ends are held back until something stands behind
 * them, so that those at the end of the body are never counted, and no more than a number is kept for them.
 */
import { asBuffer, CR, LF } from '../octets/line-ends.js';

export type CanonicalForm = 'relaxed' | 'simple';

const TAB = 0x09;
const SPACE = 0x20;

const LINE_END = Buffer.from('\r\n');
const MANY_LINE_ENDS = Buffer.alloc(32_768, LINE_END);

export class BodyCanonicalizer {
  readonly #form: CanonicalForm;
  #heldLineEnds = 0;
  /** White space that is one space if its line goes on. */
  #heldBlank = false;
  #isEmpty = true;

  constructor(form: CanonicalForm) {
    this.#form = form;
  }

  /** The canonical octets of the next piece, as far as they are decided. */
  *push(piece: Uint8Array): Generator<Buffer, void, undefined> {
    const octets = asBuffer(piece);
    const keepsBlanks = this.#form === 'simple';
    if (keepsBlanks || (!this.#heldBlank && !octets.includes(SPACE) && !octets.includes(TAB))) {
      yield* this.#withoutBlanks(octets);
    } else {
      yield* this.#withBlanks(octets);
    }
  }

  /** What ends the body: one line end, but nothing for an empty body in the relaxed form. */
  end(): Buffer {
    return this.#isEmpty && this.#form === 'relaxed' ? Buffer.alloc(0) : LINE_END;
  }

  /** A piece in which nothing changes but the line ends at its end. */
  *#withoutBlanks(octets: Buffer): Generator<Buffer, void, undefined> {
    let start = 0;
    // The CR of this line end was in the piece before, where it was passed over.
    if (octets[0] === LF) {
      this.#heldLineEnds += 1;
      start = 1;
    }
    let end = octets.length;
    while (end > start && (octets[end - 1] === LF || octets[end - 1] === CR)) end -= 1;
    if (end > start) {
      yield* this.#releaseLineEnds();
      yield octets.subarray(start, end);
    }
    for (let position = end; position < octets.length; position += 1) {
      if (octets[position] === LF) this.#heldLineEnds += 1;
    }
  }

  *#withBlanks(octets: Buffer): Generator<Buffer, void, undefined> {
    let start = 0;
    for (; start < octets.length; start += 1) {
      const octet = octets[start];
      if (octet === SPACE || octet === TAB) this.#heldBlank = true;
      else if (octet === CR) this.#heldBlank = false;
      else if (octet === LF) this.#heldLineEnds += 1;
      else break;
    }
    if (start === octets.length) return;
    yield* this.#releaseLineEnds();
    yield this.#reduceBlanks(octets.subarray(start));
  }

  /** In local variables, and in no generator: this loop sees every octet of a text. */
  #reduceBlanks(octets: Buffer): Buffer {
    // Held white space is one octet more.
    const out = Buffer.allocUnsafe(octets.length + 1);
    let length = 0;
    let lineEnds = 0;
    let heldBlank = this.#heldBlank;
    for (const octet of octets) {
      if (octet === SPACE || octet === TAB) heldBlank = true;
      else if (octet === CR) heldBlank = false;
      else if (octet === LF) lineEnds += 1;
      else {
        for (; lineEnds > 0; lineEnds -= 1) {
          out[length] = CR;
          out[length + 1] = LF;
          length += 2;
        }
        if (heldBlank) {
          out[length] = SPACE;
          length += 1;
          heldBlank = false;
        }
        out[length] = octet;
        length += 1;
      }
    }
    this.#heldBlank = heldBlank;
    this.#heldLineEnds = lineEnds;
    return out.subarray(0, length);
  }

  *#releaseLineEnds(): Generator<Buffer, void, undefined> {
    this.#isEmpty = false;
    let octets = this.#heldLineEnds * LINE_END.length;
    this.#heldLineEnds = 0;
    while (octets > 0) {
      const piece = MANY_LINE_ENDS.subarray(0, octets);
      yield piece;
      octets -= piece.length;
    }
  }
}
