/** Entries to show: those of a state, those that hold a text, the most telling first. One rule: all are counted, few are kept. */
import type { EntriesJson, EntryJson, StateJson } from './api-types.js';
import { Best } from './best.js';
import type { OutboxSource } from './source.js';

export interface EntryFilter {
  readonly state?: StateJson | undefined;
  /** In an address, the subject, the id, the key or the Message-ID, in any case. */
  readonly find?: string | undefined;
  readonly limit: number;
}

export async function findEntries(
  outbox: Pick<OutboxSource, 'list'>,
  { state, find = '', limit }: EntryFilter,
): Promise<EntriesJson> {
  const text = find.trim().toLowerCase();
  const best = new Best<EntryJson>(limit, inOrder);
  let total = 0;
  for await (const entry of outbox.list(state === undefined ? {} : { state })) {
    if (text !== '' && !holds(entry, text)) continue;
    total += 1;
    best.add(entry);
  }
  return { total, entries: best.values };
}

function holds({ id, key, messageId, subject, envelope }: EntryJson, text: string): boolean {
  return [id, key, messageId, subject, envelope.from, ...envelope.to].some(
    (value) => value?.toLowerCase().includes(text) === true,
  );
}

/** What somebody has to decide, then what moves: the next one first; then what is over: the last one first. */
function inOrder(a: EntryJson, b: EntryJson): number {
  const rank = rankOf(a.state) - rankOf(b.state);
  if (rank !== 0) return rank;
  return rankOf(a.state) < OVER ? dueAtMs(a) - dueAtMs(b) : endedAtMs(b) - endedAtMs(a);
}

const OVER = 3;

function rankOf(state: StateJson): number {
  if (state === 'unknown' || state === 'quarantined') return 0;
  if (state === 'sending') return 1;
  return state === 'queued' || state === 'deferred' ? 2 : OVER;
}

function dueAtMs({ nextAttemptAtMs, enqueuedAtMs }: EntryJson): number {
  return nextAttemptAtMs ?? enqueuedAtMs;
}

function endedAtMs({ finishedAtMs, attemptedAtMs, enqueuedAtMs }: EntryJson): number {
  return finishedAtMs ?? attemptedAtMs ?? enqueuedAtMs;
}
