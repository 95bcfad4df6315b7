/**
 * From the lines of a session to a picture of who waited for whom. One rule: at every moment it was somebody's turn, so the spans
 * follow each other without a gap, and their sums are the whole. Pure.
 */
import type { LineJson } from '../api-types.js';

/** Whose turn it was: the other one waited. `content`: the client was sending the message. */
export type Turn = 'client' | 'server' | 'content';

export interface Span {
  readonly turn: Turn;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What went over in one direction at one time: the commands of a packet, or the replies to them. */
export interface Mark {
  readonly by: 'client' | 'server';
  readonly atMs: number;
  readonly texts: readonly string[];
}

export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
  readonly sums: Readonly<Record<Turn, number>>;
}

/** Until the reply to the content: what comes later is no part of the message. */
export function linesOfTransaction(lines: readonly LineJson[]): readonly LineJson[] {
  const content = lines.findIndex(({ octets }) => octets !== undefined);
  if (content === -1) return lines;
  const reply = lines.findIndex(({ by }, index) => index > content && by === 'server');
  return reply === -1 ? lines : lines.slice(0, reply + 1);
}

/** `fromMs`: when the picture begins. */
export function timelineOf(lines: readonly LineJson[], fromMs: number): Timeline {
  const busy: Span[] = [];
  const marks: { by: Mark['by']; atMs: number; texts: string[]; packet: number | undefined }[] = [];
  /** What has no answer yet: a reply answers the oldest. */
  const owed: { readonly sinceMs: number; readonly packet: number | undefined }[] = [];
  let toMs = fromMs;
  const mark = (by: Mark['by'], atMs: number, text: string, packet: number | undefined): void => {
    const last = marks.filter((other) => other.by === by).at(-1);
    if (last !== undefined && packet !== undefined && last.packet === packet) {
      last.texts.push(text);
      last.atMs = Math.max(last.atMs, atMs);
    } else marks.push({ by, atMs, texts: [text], packet });
  };
  for (const { by, text, atMs, endMs, octets, packet } of lines) {
    toMs = Math.max(toMs, atMs, endMs ?? atMs);
    if (by === 'server') {
      // Without a question it is the greeting, for which the client has waited since the beginning.
      const question = owed.shift() ?? { sinceMs: lines[0]?.by === 'server' ? fromMs : atMs, packet: undefined };
      busy.push({ turn: 'server', fromMs: question.sinceMs, toMs: atMs });
      mark('server', atMs, text, question.packet);
    } else if (octets === undefined) {
      owed.push({ sinceMs: atMs, packet });
      mark('client', atMs, text, packet);
    } else {
      const ended = endMs ?? atMs;
      busy.push({ turn: 'content', fromMs: atMs, toMs: ended });
      owed.push({ sinceMs: ended, packet: undefined });
      mark('client', atMs, `${String(octets)} octets of content`, undefined);
    }
  }
  const spans = withoutGaps(busy, fromMs, toMs);
  const sums = { client: 0, server: 0, content: 0 };
  for (const span of spans) sums[span.turn] += span.toMs - span.fromMs;
  return { fromMs, toMs, spans, marks: marks.map(({ by, atMs, texts }) => ({ by, atMs, texts })), sums };
}

/** Where nobody was busy, it was the client's turn. Where two overlap, the first one counts. */
function withoutGaps(busy: readonly Span[], fromMs: number, toMs: number): Span[] {
  const spans: Span[] = [];
  let reachedMs = fromMs;
  const add = (turn: Turn, untilMs: number): void => {
    if (untilMs <= reachedMs) return;
    const last = spans.at(-1);
    if (last?.turn === turn) spans[spans.length - 1] = { ...last, toMs: untilMs };
    else spans.push({ turn, fromMs: reachedMs, toMs: untilMs });
    reachedMs = untilMs;
  };
  for (const span of busy) {
    add('client', span.fromMs);
    add(span.turn, span.toMs);
  }
  add('client', toMs);
  return spans;
}
