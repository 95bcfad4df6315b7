/**
 * The content of a message as a strict server sees it: only CRLF ends a line, only CRLF.CRLF ends the content (RFC 5321
 * section 4.1.1.4), and everything that another server might read differently is a violation.
 */

export type ViolationKind =
  /** CR without LF, or LF without CR (RFC 5321 section 2.3.8): the raw material of SMTP smuggling. */
  | 'bare-cr'
  | 'bare-lf'
  /** More than 998 octets before CRLF (RFC 5321 section 4.5.3.1.6). */
  | 'long-line'
  /** BDAT content whose last line has no CRLF. */
  | 'missing-crlf'
  | 'nul'
  /** A line that begins with one dot and goes on: the server deletes that dot (RFC 5321 section 4.5.2). */
  | 'unstuffed-dot'
  /** An octet above 127 without BODY=8BITMIME or SMTPUTF8 (RFC 6152, RFC 6531). */
  | 'eight-bit'
  /** Bytes behind a command that must be the last of its group, or pipelining that was not offered (RFC 2920). */
  | 'early-talk'
  /** A control character in a command. */
  | 'control';

export interface Violation {
  readonly kind: ViolationKind;
  readonly where: 'command' | 'content';
  /** Octets from the start of the command or of the content as it was on the wire. */
  readonly offset: number;
  /** For people. */
  readonly detail: string;
}

const longestLine = 998;
const end = Buffer.from('\r\n.\r\n');

/** Collects content up to and including the lone dot, however it is cut. */
export class ContentCollector {
  readonly #pieces: Buffer[] = [];
  // The line end before the content, that of the DATA command, is part of the first CRLF.CRLF.
  #tail = Buffer.from('\r\n');
  #sizeBytes = 0;
  #ended = false;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes what belongs to the content and returns how many octets that were. */
  feed(bytes: Buffer): number {
    if (this.#ended) return 0;
    const joined = Buffer.concat([this.#tail, bytes]);
    const found = joined.indexOf(end);
    this.#ended = found !== -1;
    const used = this.#ended ? found + end.length - this.#tail.length : bytes.length;
    this.#tail = joined.subarray(-(end.length - 1));
    this.#pieces.push(bytes.subarray(0, used));
    this.#sizeBytes += used;
    return used;
  }

  /** Everything so far, as it was on the wire. */
  raw(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** The message inside: without the lone dot, without the dots that were added in front of dots. */
export function unstuff(raw: Buffer, ended: boolean): Buffer {
  const body = ended ? raw.subarray(0, raw.length - 3) : raw;
  const parts: Buffer[] = [];
  let kept = body[0] === 0x2e ? 1 : 0;
  for (let at = body.indexOf('\r\n.'); at !== -1; at = body.indexOf('\r\n.', at + 3)) {
    parts.push(body.subarray(kept, at + 2));
    kept = at + 3;
  }
  parts.push(body.subarray(kept));
  return Buffer.concat(parts);
}

/** What is wrong with content as it came over the wire. At most one violation of each kind is told: the first. */
export function contentViolations(
  wire: Buffer,
  options: { readonly framing: 'data' | 'bdat'; readonly eightBitAllowed: boolean },
): readonly Violation[] {
  const first = new Map<ViolationKind, Violation>();
  const note = (kind: ViolationKind, offset: number, detail: string): void => {
    if (!first.has(kind)) first.set(kind, { kind, where: 'content', offset, detail });
  };
  let lineStart = 0;
  const endOfLine = (at: number): void => {
    const stuffed = options.framing === 'data' && wire[lineStart] === 0x2e ? 1 : 0;
    const length = at - lineStart - stuffed;
    if (length > longestLine) note('long-line', lineStart, `a line of ${String(length)} octets`);
    if (stuffed === 1 && at - lineStart > 1 && wire[lineStart + 1] !== 0x2e) {
      note('unstuffed-dot', lineStart, 'a line begins with a single dot, which the server deletes');
    }
  };
  for (let at = 0; at < wire.length; at += 1) {
    const octet = wire[at] ?? 0;
    if (octet > 127) {
      if (!options.eightBitAllowed) note('eight-bit', at, 'neither BODY=8BITMIME nor SMTPUTF8 was declared');
    } else if (octet === 13) {
      if (wire[at + 1] === 10) {
        endOfLine(at);
        at += 1;
        lineStart = at + 1;
      } else note('bare-cr', at, 'CR without LF');
    } else if (octet === 10) note('bare-lf', at, 'LF without CR');
    else if (octet === 0) note('nul', at, 'NUL');
  }
  if (lineStart < wire.length) {
    endOfLine(wire.length);
    if (options.framing === 'bdat') note('missing-crlf', wire.length, 'the last line has no CRLF');
  }
  return [...first.values()];
}

/** What is wrong with a command line, given with its line end. */
export function commandViolations(line: Buffer): readonly Violation[] {
  const violations: Violation[] = [];
  const note = (kind: ViolationKind, offset: number, detail: string): void => {
    violations.push({ kind, where: 'command', offset, detail });
  };
  const proper = line.at(-2) === 13;
  if (!proper) note('bare-lf', line.length - 1, 'a command ends in LF without CR');
  const text = line.subarray(0, line.length - (proper ? 2 : 1));
  const control = text.findIndex((octet) => octet < 0x20 || octet === 0x7f);
  if (control !== -1) note('control', control, `octet ${String(text[control])} in a command`);
  return violations;
}
