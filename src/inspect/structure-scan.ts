/**
 * The structure of a message, walked before any parser sees it. One rule: it is never taken for smaller than a parser could take it.
 * Every boundary that any part declares counts wherever its line stands, with the greatest depth that it was declared at.
 */
import { InspectError } from './inspect-error.js';

const MAX_HEADER_BLOCK_OCTETS = 1_048_576;
const MAX_HEADER_FIELDS = 10_000;
/** Of one field: some parsers need the square of this. */
const MAX_FIELD_LINES = 10_000;
/** Looked at between two chances to stop. */
const BLOCK_OCTETS = 4_194_304;

/** What stands behind it is no part. */
const CLOSING = -1;

const LF = 0x0a;
const DASH = 0x2d;
const TAB = 0x09;
const SPACE = 0x20;

export interface StructureLimits {
  readonly maxNesting: number;
  readonly maxParts: number;
}

/** What a header block says about the structure. */
export interface PartFields {
  /** The values of Content-Type, unfolded, an octet for each character. */
  readonly types: readonly string[];
  readonly encodings: readonly string[];
}

/**
 * Walks over all parts, and stops now and then.
 *
 * @param fields those of the message itself.
 * @throws InspectError: `ERR_NESTING_TOO_DEEP`, `ERR_TOO_MANY_PARTS`, `ERR_HEADER_BLOCK_TOO_LARGE`, `ERR_TOO_MANY_HEADER_FIELDS`,
 *   `ERR_TOO_MANY_FIELD_LINES`.
 */
export function scanStructure(
  fields: PartFields,
  body: Buffer,
  limits: StructureLimits,
): Generator<void, void, undefined> {
  return new StructureScan(body, limits).run(fields);
}

class StructureScan {
  readonly #octets: Buffer;
  readonly #limits: StructureLimits;
  /** How deep the parts between these boundaries are. */
  readonly #depths = new Map<string, number>();
  #longestBoundary = 0;
  #parts = 1;
  #position = 0;
  /** How deep the part is whose header block a delimiter has cut off: for a reader that knows no such boundary there, it goes on. */
  #cutOff = 0;

  constructor(octets: Buffer, limits: StructureLimits) {
    this.#octets = octets;
    this.#limits = limits;
  }

  *run(fields: PartFields): Generator<void, void, undefined> {
    let pause = BLOCK_OCTETS;
    let depth = this.#enter(fields, 0);
    for (;;) {
      // An attached message begins with header fields of its own.
      while (depth !== undefined) depth = this.#readHeaders(depth);
      depth = this.#nextDelimiter();
      if (depth === undefined) return;
      if (this.#position >= pause) {
        pause = this.#position + BLOCK_OCTETS;
        yield;
      }
    }
  }

  /** Moves behind the next line that may be a delimiter, and tells how deep what follows it is. */
  #nextDelimiter(): number | undefined {
    const octets = this.#octets;
    while (this.#position < octets.length) {
      if (octets[this.#position] !== DASH || octets[this.#position + 1] !== DASH) {
        const next = octets.indexOf('\n--', this.#position);
        if (next === -1) return undefined;
        this.#position = next + 1;
      }
      const depth = this.#delimiterAt(this.#position);
      this.#position = this.#endOfLine(this.#position);
      if (depth === undefined || depth === CLOSING) continue;
      const deepest = Math.max(depth, this.#cutOff);
      this.#cutOff = 0;
      return deepest;
    }
    return undefined;
  }

  /** How deep the part behind the line is, or that there is none; undefined for any other line. */
  #delimiterAt(start: number): number | undefined {
    const octets = this.#octets;
    if (octets[start] !== DASH || octets[start + 1] !== DASH) return undefined;
    const end = this.#endOfLine(start);
    // Two dashes, the boundary, two dashes, and white space that was added on the way.
    if (this.#longestBoundary === 0 || end - start > this.#longestBoundary + 1024) return undefined;
    const line = octets.toString('latin1', start + 2, end).trimEnd();
    const isClosing = line.endsWith('--') && this.#depths.has(line.slice(0, -2));
    return this.#depths.get(line) ?? (isClosing ? CLOSING : undefined);
  }

  #endOfLine(start: number): number {
    const lf = this.#octets.indexOf(LF, start);
    return lf === -1 ? this.#octets.length : lf + 1;
  }

  /** Reads the header block of a part. Gives a depth when another header block follows: that of an attached message. */
  #readHeaders(depth: number): number | undefined {
    this.#parts += 1;
    if (this.#parts > this.#limits.maxParts) throw tooMany('parts', this.#limits.maxParts, 'ERR_TOO_MANY_PARTS');
    const octets = this.#octets;
    const blockStart = this.#position;
    const types: string[] = [];
    const encodings: string[] = [];
    let fields = 0;
    let fieldStart = blockStart;
    let fieldLines = 0;
    const endField = (): void => {
      const colon = octets.subarray(fieldStart, Math.min(this.#position, fieldStart + 200)).indexOf(':');
      const name = octets.toString('latin1', fieldStart, fieldStart + Math.max(colon, 0));
      const key = name.trim().toLowerCase();
      if (key !== 'content-type' && key !== 'content-transfer-encoding') return;
      const value = octets.toString('latin1', fieldStart + colon + 1, this.#position).replace(/[\r\n]+/g, ' ');
      (key === 'content-type' ? types : encodings).push(value);
    };
    while (this.#position < octets.length) {
      const first = octets[this.#position];
      const end = this.#endOfLine(this.#position);
      const isEmpty = first === LF || (first === 0x0d && end - this.#position === 2);
      const delimited = isEmpty ? undefined : this.#delimiterAt(this.#position);
      // One reader or another takes the end of parts that it is not in for a line of the header block.
      if (isEmpty || (delimited !== undefined && delimited !== CLOSING)) {
        endField();
        if (isEmpty) this.#position = end;
        else this.#cutOff = depth;
        return this.#enter({ types, encodings }, depth);
      }
      if ((first === SPACE || first === TAB) && fields > 0) fieldLines += 1;
      else {
        endField();
        fields += 1;
        fieldStart = this.#position;
        fieldLines = 1;
      }
      if (fields > MAX_HEADER_FIELDS) {
        throw tooMany('header fields in one part', MAX_HEADER_FIELDS, 'ERR_TOO_MANY_HEADER_FIELDS');
      }
      if (fieldLines > MAX_FIELD_LINES) {
        throw tooMany('lines in one header field', MAX_FIELD_LINES, 'ERR_TOO_MANY_FIELD_LINES');
      }
      if (end - blockStart > MAX_HEADER_BLOCK_OCTETS) {
        throw tooMany('octets in the header block of one part', MAX_HEADER_BLOCK_OCTETS, 'ERR_HEADER_BLOCK_TOO_LARGE');
      }
      this.#position = end;
    }
    endField();
    this.#enter({ types, encodings }, depth);
    return undefined;
  }

  /** What a part holds is one level deeper. Gives that depth when it is a message, which begins at once. */
  #enter({ types, encodings }: PartFields, depth: number): number | undefined {
    const inside = depth + 1;
    const boundaries = types.flatMap(boundariesOf);
    const isEncoded = encodings.some((encoding) => /base64|quoted-printable/i.test(encoding));
    const isMessage = !isEncoded && types.some((type) => /^\s*message\/(?:rfc822|global)\s*(?:;|$)/i.test(type));
    if (boundaries.length === 0 && !isMessage) return undefined;
    if (inside > this.#limits.maxNesting) {
      throw tooMany('levels of nested parts', this.#limits.maxNesting, 'ERR_NESTING_TOO_DEEP');
    }
    for (const boundary of boundaries) {
      this.#depths.set(boundary, Math.max(inside, this.#depths.get(boundary) ?? 0));
      this.#longestBoundary = Math.max(this.#longestBoundary, boundary.length);
    }
    return isMessage ? inside : undefined;
  }
}

const BOUNDARY = /boundary[^=;"]{0,20}=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))/gi;

/** Everything that one reader or another could take for the boundary. */
function boundariesOf(type: string): string[] {
  const values = [...type.matchAll(BOUNDARY)].map(([, quoted, bare = '']) => quoted ?? bare);
  const joined = values.length > 1 ? [values.join('')] : [];
  const readings = [...values, ...joined].flatMap((value) => [value, value.replace(/\\(.)/g, '$1')]);
  return [...new Set(readings.map((value) => value.trim()))].filter((value) => value !== '');
}

function tooMany(what: string, most: number, code: string): InspectError {
  return new InspectError(`the message has more than ${String(most)} ${what}`, {
    code,
    hint: 'It was not parsed: whoever made it may mean harm. Keep it aside, or look at its header fields alone with Message.parse().',
  });
}
