/** A reply is made in one place, so that its text and its enhanced code always agree with its lines. */
import type { Reply } from '../types.js';

const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;

/** `lines` are the texts behind the code. The RFC 2034 code counts only when its class is the reply's. */
export function makeReply(code: number, lines: readonly string[]): Reply {
  const enhanced = ENHANCED.exec(lines[0] ?? '')?.[1];
  const enhancedCode = enhanced?.startsWith(String(code).charAt(0)) === true ? enhanced : undefined;
  return { code, enhancedCode, lines, text: lines.join('\n') };
}

/** RFC 5321 section 4.2.1: the first digit says yes, go on, not now, or no. */
export type ReplyClass = 'success' | 'intermediate' | 'transient' | 'permanent';

export function classOf(reply: Reply): ReplyClass {
  if (reply.code < 300) return 'success';
  if (reply.code < 400) return 'intermediate';
  return reply.code < 500 ? 'transient' : 'permanent';
}

export function isSuccess(reply: Reply): boolean {
  return classOf(reply) === 'success';
}

export function isRefusal(reply: Reply): boolean {
  return reply.code >= 400;
}

/** RFC 5321 section 3.8: the server is about to close the connection, whatever was asked. */
export function isShutdown(reply: Reply): boolean {
  return reply.code === 421;
}
