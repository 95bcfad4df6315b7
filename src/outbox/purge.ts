/** Deletes what is over. One rule: nothing is deleted that has changed since it was looked at. */
import type { OutboxState } from './entry.js';
import type { OutboxStore } from './store.js';

/** How often a running outbox looks for what it need not keep any longer. */
export const RETENTION_SWEEP_MS = 60_000;

const PAGE = 200;

export interface PurgeRange {
  /** Came to its end (or, where it has none, was last tried or enqueued) before that moment. */
  readonly beforeMs: number;
  readonly states: readonly OutboxState[];
}

/** Resolves with how many it deleted. */
export async function purge(store: OutboxStore, { beforeMs, states }: PurgeRange): Promise<number> {
  let deleted = 0;
  for (const state of states) {
    let after: string | undefined;
    for (;;) {
      const page = await store.list({ state, after, limit: PAGE });
      const old = page.filter((record) => endOf(record) < beforeMs);
      if (old.length > 0) deleted += await store.remove(old);
      after = page.at(-1)?.id;
      // Ids are in the order of enqueueing, and nothing ends before it was enqueued.
      if (page.length < PAGE || (page.at(-1)?.enqueuedAtMs ?? 0) >= beforeMs) break;
    }
  }
  return deleted;
}

function endOf(record: {
  readonly finishedAtMs?: number;
  readonly attemptedAtMs?: number;
  readonly enqueuedAtMs: number;
}): number {
  return record.finishedAtMs ?? record.attemptedAtMs ?? record.enqueuedAtMs;
}
