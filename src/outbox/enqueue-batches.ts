/** Many messages in few commits. One rule: entries are given back in the order of the items, and nothing is read ahead of a full batch. */
import type { OutboxEntry } from './entry.js';
import type { EnqueueItem } from './options.js';
import type { OutboxAddition } from './store.js';

export type Prepared = OutboxAddition;

export interface BatchOptions {
  readonly prepare: (item: EnqueueItem) => Promise<Prepared>;
  readonly write: (batch: readonly Prepared[]) => Promise<readonly OutboxEntry[]>;
  /** Throws when the caller has given up. */
  readonly checkAborted?: () => void;
}

/** A commit costs as much for one as for hundreds. */
const BATCH_ENTRIES = 500;
/** Held in memory at a time. */
const BATCH_BYTES = 16 * 1_048_576;

export async function enqueueBatches(
  items: Iterable<EnqueueItem> | AsyncIterable<EnqueueItem>,
  { prepare, write, checkAborted }: BatchOptions,
): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  let batch: Prepared[] = [];
  let sizeBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    for (const entry of await write(batch)) entries.push(entry);
    batch = [];
    sizeBytes = 0;
  };
  for await (const item of items) {
    checkAborted?.();
    const prepared = await prepare(item);
    batch.push(prepared);
    sizeBytes += prepared.content.length;
    if (batch.length >= BATCH_ENTRIES || sizeBytes >= BATCH_BYTES) await flush();
  }
  await flush();
  return entries;
}
