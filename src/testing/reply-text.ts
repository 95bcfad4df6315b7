/**
 * Replies as text, `550 5.1.1 no such user`, and as values. Text that is no reply gives undefined: a server that tests
 * others sends such text on purpose.
 */
import type { Reply } from '../index.js';

/** The reply that these lines are, all of one code, the last one without a hyphen (RFC 5321 section 4.2.1). */
export function replyFromLines(lines: readonly string[]): Reply | undefined {
  const parts = lines.map((line) => /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line));
  const code = parts[0]?.[1];
  const whole = parts.every((part, index) => {
    return part?.[1] === code && (part?.[2] === '-') === index < parts.length - 1;
  });
  if (code === undefined || !whole) return undefined;
  const texts = parts.map((part) => part?.[3] ?? '');
  const enhanced = /^([245])\.\d{1,3}\.\d{1,3}(?= |$)/.exec(texts[0] ?? '');
  return {
    code: Number(code),
    enhancedCode: enhanced?.[1] === code.charAt(0) ? enhanced[0] : undefined,
    lines: texts,
    text: texts.join('\n'),
  };
}

/** True for a reply that says yes. */
export function isPositive(reply: Reply | undefined): boolean {
  return reply !== undefined && reply.code >= 200 && reply.code < 300;
}

/** Cuts what a server sends into replies, however it is cut. What is no reply is passed over. */
export class ReplyReader {
  #partial = '';
  #lines: string[] = [];

  /** The replies that these bytes complete, and the lines, for the log. */
  push(bytes: Buffer): { readonly replies: readonly Reply[]; readonly lines: readonly string[] } {
    const pieces = (this.#partial + bytes.toString('latin1')).split('\n');
    // What has no end is no line yet; a server that floods sends no replies.
    this.#partial = (pieces.pop() ?? '').slice(-100_000);
    const replies: Reply[] = [];
    const lines = pieces.map((piece) => Buffer.from(piece.replace(/\r$/, ''), 'latin1').toString('utf8'));
    for (const line of lines) {
      this.#lines.push(line);
      if (/^\d{3}-/.test(line) && this.#lines.length < 10_000) continue;
      const reply = replyFromLines(this.#lines);
      if (reply !== undefined) replies.push(reply);
      this.#lines = [];
    }
    return { replies, lines };
  }

  /** Bytes that no line end has followed. */
  get partial(): string {
    return this.#partial;
  }
}
