/**
 * The parts of a message, read in one pass over its octets: what each one says of itself, how large it is, and where the structure
 * does not hold. One rule: only the boundaries of the parts that are open count (RFC 2046 section 5.1.2), and nothing is decoded.
 */

export interface MimePart {
  /** `1.2.1`: as IMAP numbers them; the message itself is ''. */
  readonly path: string;
  /** In lower case. */
  readonly type: string;
  readonly charset: string | undefined;
  readonly encoding: string | undefined;
  readonly disposition: string | undefined;
  /** As it stands there, not decoded. */
  readonly filename: string | undefined;
  /** Octets of its body, as they stand there. */
  readonly sizeBytes: number;
  readonly parts: readonly MimePart[];
}

export interface MimeFindings {
  readonly root: MimePart;
  /** Faults of the structure, one sentence each. */
  readonly faults: readonly string[];
  readonly sizeBytes: number;
  readonly lines: number;
  readonly longestLine: number;
  /** Lines longer than RFC 5322 section 2.1.1 allows. */
  readonly longLines: number;
  /** Octets above 127, in the header block of the message and behind it. */
  readonly eightBitHeader: number;
  readonly eightBitBody: number;
  readonly nulOctets: number;
  /** Line ends that are not CRLF. */
  readonly bareLineEnds: number;
}

const LF = 0x0a;
const CR = 0x0d;
const DASHES = '--';
const LONGEST_ALLOWED = 998;
/** Of a line, as much as a boundary or a header field of use needs. */
const KEPT = 4_096;
const MOST_PARTS = 1_000;
const MOST_LEVELS = 100;
const MOST_HEADER_OCTETS = 1_048_576;
const MOST_FAULTS = 100;

interface OpenPart {
  readonly path: string;
  readonly parts: OpenPart[];
  readonly fields: Map<string, string>;
  state: 'header' | 'body' | 'closed';
  headerOctets: number;
  lastField: string | undefined;
  sizeBytes: number;
  /** Of a multipart. */
  boundary: string | undefined;
  hasEnded: boolean;
}

export class MimeTreeReader {
  readonly #root = newPart('');
  /** From the message to the part that is being read. */
  #open: OpenPart[] = [this.#root];
  readonly #faults: string[] = [];
  #partCount = 1;
  #isFull = false;
  /** The beginning of the line that is being read, and its length. */
  #kept: Buffer[] = [];
  #keptOctets = 0;
  #lineOctets = 0;
  #endsWithCr = false;
  #sizeBytes = 0;
  #lines = 0;
  #longestLine = 0;
  #longLines = 0;
  #eightBitHeader = 0;
  #eightBitBody = 0;
  #nulOctets = 0;
  #bareLineEnds = 0;

  push(chunk: Uint8Array): void {
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#sizeBytes += octets.length;
    this.#count(octets);
    let start = 0;
    for (let end = octets.indexOf(LF); end !== -1; end = octets.indexOf(LF, start)) {
      this.#take(octets.subarray(start, end));
      this.#endLine(true);
      start = end + 1;
    }
    this.#take(octets.subarray(start));
  }

  end(): MimeFindings {
    if (this.#lineOctets > 0) this.#endLine(false);
    for (const part of [...this.#open].reverse()) this.#close(part, 'the message ends');
    return {
      root: finished(this.#root),
      faults: this.#faults,
      sizeBytes: this.#sizeBytes,
      lines: this.#lines,
      longestLine: this.#longestLine,
      longLines: this.#longLines,
      eightBitHeader: this.#eightBitHeader,
      eightBitBody: this.#eightBitBody,
      nulOctets: this.#nulOctets,
      bareLineEnds: this.#bareLineEnds,
    };
  }

  #count(octets: Buffer): void {
    for (const octet of octets) if (octet === 0) this.#nulOctets += 1;
  }

  #take(piece: Buffer): void {
    if (piece.length === 0) return;
    let eightBit = 0;
    for (const octet of piece) if (octet > 127) eightBit += 1;
    if (this.#root.state === 'header') this.#eightBitHeader += eightBit;
    else this.#eightBitBody += eightBit;
    this.#lineOctets += piece.length;
    this.#endsWithCr = piece[piece.length - 1] === CR;
    if (this.#keptOctets >= KEPT) return;
    const kept = piece.subarray(0, KEPT - this.#keptOctets);
    // A copy: the chunk belongs to somebody else.
    this.#kept.push(Buffer.from(kept));
    this.#keptOctets += kept.length;
  }

  #endLine(hasLf: boolean): void {
    const text = Buffer.concat(this.#kept).toString('latin1').replace(/\r$/, '');
    const length = this.#lineOctets - (hasLf && this.#endsWithCr ? 1 : 0);
    const octets = this.#lineOctets + (hasLf ? 1 : 0);
    if (hasLf && !this.#endsWithCr) this.#bareLineEnds += 1;
    this.#lines += 1;
    this.#longestLine = Math.max(this.#longestLine, length);
    if (length > LONGEST_ALLOWED) this.#longLines += 1;
    this.#kept = [];
    this.#keptOctets = this.#lineOctets = 0;
    this.#endsWithCr = false;
    this.#line(text, length, octets);
  }

  #line(text: string, length: number, octets: number): void {
    if (text.startsWith(DASHES) && this.#delimiter(text.trimEnd())) return;
    const part = this.#open[this.#open.length - 1] ?? this.#root;
    for (const open of this.#open) if (open.state === 'body') open.sizeBytes += octets;
    if (part.state !== 'header') return;
    part.headerOctets += octets;
    if (part.headerOctets > MOST_HEADER_OCTETS) {
      this.#fault(`the header block of ${nameOf(part)} is larger than ${String(MOST_HEADER_OCTETS)} octets`);
      this.#enterBody(part);
    } else if (length === 0) {
      this.#enterBody(part);
    } else if (/^[ \t]/.test(text)) {
      if (part.lastField !== undefined) {
        const value = part.fields.get(part.lastField) ?? '';
        if (value.length < KEPT) part.fields.set(part.lastField, `${value} ${text.trim()}`);
      }
    } else {
      this.#field(part, text);
    }
  }

  #field(part: OpenPart, text: string): void {
    const [, name, value] = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      // What is no field ends the header block, for most readers.
      const isMboxLine = part === this.#root && part.fields.size === 0 && text.startsWith('From ');
      if (part !== this.#root) this.#fault(`the header block of ${nameOf(part)} has a line that is no field`);
      if (part !== this.#root || !isMboxLine) part.lastField = undefined;
      return;
    }
    const key = name.toLowerCase();
    part.lastField = key;
    if (part.fields.has(key) && key.startsWith('content-'))
      this.#fault(`${nameOf(part)} has more than one ${name} field`);
    else part.fields.set(key, value.trim());
  }

  #enterBody(part: OpenPart): void {
    part.state = 'body';
    const type = typeOf(part);
    if (type.startsWith('multipart/')) {
      part.boundary = parameterOf(part.fields.get('content-type') ?? '', 'boundary');
      if (part.boundary === undefined || part.boundary === '') {
        part.boundary = undefined;
        this.#fault(`${nameOf(part)} is ${type} and names no boundary`);
      } else if (this.#open.some((open) => open !== part && open.boundary === part.boundary)) {
        this.#fault(`${nameOf(part)} has the same boundary as the part around it`);
      }
      const encoding = part.fields.get('content-transfer-encoding')?.toLowerCase();
      if (encoding !== undefined && !['7bit', '8bit', 'binary'].includes(encoding)) {
        this.#fault(`${nameOf(part)} is ${type} with the encoding ${encoding}, which RFC 2045 section 6.4 forbids`);
      }
    } else if (type === 'message/rfc822' || type === 'message/global') {
      this.#begin(part);
    }
  }

  /** Whether the line was a delimiter of an open part. */
  #delimiter(line: string): boolean {
    for (let index = this.#open.length - 1; index >= 0; index -= 1) {
      const part = this.#open[index];
      const { boundary } = part ?? {};
      if (part === undefined || boundary === undefined || part.hasEnded) continue;
      const isEnd = line === `${DASHES}${boundary}${DASHES}`;
      if (!isEnd && line !== `${DASHES}${boundary}`) continue;
      for (const inner of this.#open.splice(index + 1).reverse())
        this.#close(inner, `a boundary of ${nameOf(part)} comes`);
      if (isEnd) part.hasEnded = true;
      else this.#begin(part);
      return true;
    }
    return false;
  }

  #begin(parent: OpenPart): void {
    if (this.#partCount >= MOST_PARTS || this.#open.length >= MOST_LEVELS) {
      if (!this.#isFull)
        this.#fault(
          `there are more than ${String(MOST_PARTS)} parts, or ${String(MOST_LEVELS)} levels of them: the rest is not shown`,
        );
      this.#isFull = true;
      return;
    }
    this.#partCount += 1;
    const number = String(parent.parts.length + 1);
    const part = newPart(parent.path === '' ? number : `${parent.path}.${number}`);
    parent.parts.push(part);
    this.#open.push(part);
  }

  #close(part: OpenPart, why: string): void {
    if (part.state === 'header' && part !== this.#root) this.#enterBodyOfNothing(part);
    if (part.boundary !== undefined && !part.hasEnded) {
      this.#fault(
        part.parts.length === 0
          ? `${nameOf(part)} never uses its boundary ${JSON.stringify(part.boundary)}`
          : `${nameOf(part)} does not end: ${why} without --${part.boundary}--`,
      );
    }
    part.state = 'closed';
  }

  /** A part that is over before its header block is: legal when there is no body. */
  #enterBodyOfNothing(part: OpenPart): void {
    if (part.fields.size === 0 && part.headerOctets === 0) this.#fault(`${nameOf(part)} is empty`);
  }

  #fault(text: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(text);
  }
}

function newPart(path: string): OpenPart {
  return {
    path,
    parts: [],
    fields: new Map(),
    state: 'header',
    headerOctets: 0,
    lastField: undefined,
    sizeBytes: 0,
    boundary: undefined,
    hasEnded: false,
  };
}

function nameOf({ path }: OpenPart): string {
  return path === '' ? 'the message' : `part ${path}`;
}

function typeOf({ fields }: OpenPart): string {
  const [, type] = /^\s*([^\s;/]+\/[^\s;]+)/.exec(fields.get('content-type') ?? '') ?? [];
  return type?.toLowerCase() ?? 'text/plain';
}

/** The value of a parameter, quoted or not; of RFC 2231's forms the first piece. */
export function parameterOf(value: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}(?:\\*0?\\*?)?\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(
    value,
  );
  const [, quoted, plain] = found ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
}

function finished(part: OpenPart): MimePart {
  const type = part.fields.get('content-type') ?? '';
  const disposition = part.fields.get('content-disposition');
  return {
    path: part.path,
    type: typeOf(part),
    charset: parameterOf(type, 'charset'),
    encoding: part.fields.get('content-transfer-encoding')?.toLowerCase(),
    disposition: disposition === undefined ? undefined : (/^\s*([^\s;]+)/.exec(disposition)?.[1] ?? '').toLowerCase(),
    filename: parameterOf(disposition ?? '', 'filename') ?? parameterOf(type, 'name'),
    sizeBytes: part.sizeBytes,
    parts: part.parts.map(finished),
  };
}
