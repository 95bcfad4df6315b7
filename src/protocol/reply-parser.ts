/**
 * Octets in, replies out (RFC 5321 section 4.2). Strict where leniency would let a reply be taken for another one: a code is
 * `[2-5]dd`, all lines of a reply carry the same one, and what has no line end is no line. After a violation nothing more
 * is read: there is no telling which reply answers which command.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { asBuffer, CR, LF } from '../octets/line-ends.js';
import type { Reply } from '../types.js';
import { makeReply } from './reply.js';

/** RFC 4954 section 4 lets a line of an AUTH exchange be this long, CRLF included. */
export const MAX_REPLY_LINE_OCTETS = 12_288;
export const MAX_REPLY_LINES = 512;
export const MAX_REPLY_OCTETS = 65_536;

const HYPHEN = 0x2d;
const SPACE = 0x20;

function decode(octets: Buffer): string {
  if (isAscii(octets)) return octets.toString('latin1');
  return isUtf8(octets) ? octets.toString('utf8') : octets.toString('latin1');
}

interface KnownReply {
  readonly octets: Uint8Array;
  readonly reply: Reply;
}

/** As many as the commands of a message have answers. */
const MAX_KNOWN = 4;
const MAX_KNOWN_OCTETS = 128;

export class ReplyParser {
  /** The beginning of a line whose end has not arrived. */
  #rest: Buffer | undefined;
  #code = 0;
  #lines: string[] = [];
  #replyOctets = 0;
  #violation: string | undefined;
  #bareLf = false;
  /** The last few replies of a single short line: replies are values, and an equal line gives the same one. */
  readonly #known: KnownReply[] = [];
  /** The one that came again last: it is looked for first. */
  #same: KnownReply | undefined;
  /** Which of them gives way to the next new one. */
  #oldest = 0;

  /** What the server broke, in words; undefined as long as it broke nothing. */
  get violation(): string | undefined {
    return this.#violation;
  }

  /** True when some octets of a reply have arrived, but not all. Behind a violation nothing more is waited for. */
  get incomplete(): boolean {
    return this.#violation === undefined && (this.#rest !== undefined || this.#lines.length > 0);
  }

  /** True once a line ended in a lone LF, which is tolerated. */
  get sawBareLf(): boolean {
    return this.#bareLf;
  }

  /** The replies that these octets complete, in order. Those in front of a violation are still given. */
  push(chunk: Uint8Array): Reply[] {
    const replies: Reply[] = [];
    let octets = asBuffer(chunk);
    if (this.#rest !== undefined) {
      octets = Buffer.concat([this.#rest, octets]);
      this.#rest = undefined;
    }
    let start = 0;
    while (this.#violation === undefined && start < octets.length) {
      const known = this.#knownAt(octets, start);
      if (known !== undefined) {
        replies.push(known.reply);
        start += known.octets.length;
        continue;
      }
      const lf = octets.indexOf(LF, start);
      const lineOctets = (lf === -1 ? octets.length : lf + 1) - start;
      if (lineOctets > MAX_REPLY_LINE_OCTETS) {
        this.#violation = `a reply line of more than ${String(MAX_REPLY_LINE_OCTETS)} octets`;
      } else if (lf === -1) {
        // A copy, so that a few octets do not keep the socket's whole read buffer alive.
        this.#rest = Buffer.from(octets.subarray(start));
        break;
      } else {
        const reply = this.#line(octets, start, lf);
        if (reply !== undefined) replies.push(reply);
        start = lf + 1;
      }
    }
    return replies;
  }

  /**
   * The answers to many RCPTs are one and the same line, and those to one message after the other a few. Each of them ends in its
   * only LF, so that no line that is longer begins like one.
   */
  #knownAt(octets: Buffer, start: number): KnownReply | undefined {
    if (this.#lines.length > 0) return undefined;
    if (this.#same !== undefined && isAt(octets, start, this.#same.octets)) return this.#same;
    for (const known of this.#known) {
      if (isAt(octets, start, known.octets)) return (this.#same = known);
    }
    return undefined;
  }

  #line(octets: Buffer, start: number, lf: number): Reply | undefined {
    let end = lf;
    // An empty line has another one, or nothing, in front of its LF.
    if (octets[end - 1] === CR) end -= 1;
    else this.#bareLf = true;
    const code = codeAt(octets, start);
    const separator = octets[start + 3];
    if (code === undefined || (end > start + 3 && separator !== SPACE && separator !== HYPHEN)) {
      this.#violation = `a line that is no SMTP reply: ${quote(octets.subarray(start, end))}`;
      return undefined;
    }
    if (this.#lines.length > 0 && code !== this.#code) {
      this.#violation = `one reply with two codes, ${String(this.#code)} and ${String(code)}`;
      return undefined;
    }
    this.#replyOctets += lf + 1 - start;
    if (this.#replyOctets > MAX_REPLY_OCTETS) {
      this.#violation = `a reply of more than ${String(MAX_REPLY_OCTETS)} octets`;
      return undefined;
    }
    if (this.#lines.length >= MAX_REPLY_LINES) {
      this.#violation = `a reply of more than ${String(MAX_REPLY_LINES)} lines`;
      return undefined;
    }
    this.#code = code;
    this.#lines.push(decode(octets.subarray(start + 4, end)));
    if (separator === HYPHEN) return undefined;
    const reply = makeReply(code, this.#lines);
    const isKept = this.#lines.length === 1 && !this.#bareLf && lf + 1 - start <= MAX_KNOWN_OCTETS;
    if (isKept) this.#keep({ octets: Uint8Array.prototype.slice.call(octets, start, lf + 1), reply });
    this.#lines = [];
    this.#replyOctets = 0;
    return reply;
  }

  #keep(known: KnownReply): void {
    this.#known[this.#oldest] = known;
    this.#oldest = (this.#oldest + 1) % MAX_KNOWN;
  }
}

/** Octet by octet: most lines differ early, and for so few a call of a native function costs more. */
function isAt(octets: Buffer, start: number, wanted: Uint8Array): boolean {
  if (wanted.length > octets.length - start) return false;
  for (let index = 0; index < wanted.length; index += 1) {
    if (octets[start + index] !== wanted[index]) return false;
  }
  return true;
}

/** `[2-5]dd`, or undefined; a line that is too short has its end where a digit should be. */
function codeAt(octets: Buffer, start: number): number | undefined {
  const hundreds = (octets[start] ?? 0) - 0x30;
  const tens = (octets[start + 1] ?? 0) - 0x30;
  const ones = (octets[start + 2] ?? 0) - 0x30;
  if (hundreds < 2 || hundreds > 5 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return undefined;
  return hundreds * 100 + tens * 10 + ones;
}

function quote(octets: Buffer): string {
  return JSON.stringify(decode(octets.subarray(0, 80))) + (octets.length > 80 ? '...' : '');
}
