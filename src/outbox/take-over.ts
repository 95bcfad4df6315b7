/**
 * What becomes of the entries that a dead process had in hand. One rule: what was marked as about to leave may have been delivered, and
 * what was not marked was not.
 */
import type { OutboxFailure, OutboxRecipient } from './entry.js';
import type { OutboxEvent } from './events.js';
import { eventOf } from './event-of.js';
import type { Owners } from './owners.js';
import { changed } from './record.js';
import type { OutboxRecord, OutboxStore } from './store.js';
import { ended } from './verdict.js';

export interface TakeOverOptions {
  readonly store: OutboxStore;
  readonly onUnknown: 'hold' | 'retry';
  readonly now: () => number;
  readonly emit: (event: OutboxEvent) => void;
}

/** Gives the entries of dead owners back to the queue, or holds them, and forgets those owners. Several may do it at the same time. */
export async function takeOver(owners: Owners, options: TakeOverOptions): Promise<void> {
  const { store, emit } = options;
  for (const owner of await owners.dead()) {
    const { records, damaged } = await store.heldBy(owner.id);
    for (const { id, reason } of damaged) emit({ type: 'quarantined', id, reason });
    await Promise.all(
      records.map(async (record) => {
        const next = recovered(record, options.onUnknown, options.now());
        if (await store.update(next, record.version)) emit(eventOf(next));
      }),
    );
    await store.removeOwner(owner);
  }
}

/** What the record says when its owner died with it. */
export function recovered(record: OutboxRecord, onUnknown: 'hold' | 'retry', nowMs: number): OutboxRecord {
  const departed = onUnknown === 'hold' ? (record.departed ?? []) : [];
  const recipients = record.recipients.map((recipient, position): OutboxRecipient => {
    return recipient.status === 'pending' && departed.includes(position)
      ? { ...recipient, status: 'unknown' }
      : recipient;
  });
  const failure: OutboxFailure = {
    code: 'ERR_OUTBOX_OWNER_DIED',
    message: 'the process that had the message in hand ended before it wrote down what became of it',
    delivery: record.departed === undefined && onUnknown === 'hold' ? 'not-sent' : 'unknown',
  };
  if (!recipients.some(({ status }) => status === 'pending')) return ended(record, recipients, { failure }, nowMs);
  return changed(record, {
    state: 'deferred',
    recipients,
    failure,
    owner: undefined,
    departed: undefined,
    nextAttemptAtMs: nowMs,
  });
}
