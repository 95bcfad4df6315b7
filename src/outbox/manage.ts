/** What a person may decide about an entry. One rule: nothing is decided about one that is in somebody's hand. Pure. */
import type { OutboxRecipient } from './entry.js';
import { OutboxError } from './outbox-error.js';
import { changed, isWaiting } from './record.js';
import type { OutboxRecord } from './store.js';

/** The entry given up, or why it cannot be. */
export function cancelled(record: OutboxRecord, nowMs: number): OutboxRecord | OutboxError {
  if (!isWaiting(record) && record.state !== 'unknown') return notNow(record, 'cancelled');
  return changed(record, { state: 'cancelled', nextAttemptAtMs: undefined, finishedAtMs: nowMs });
}

/** The entry due now, for those whom it has not reached; or why it cannot be. */
export function retried(record: OutboxRecord, nowMs: number, expiresAfterMs: number): OutboxRecord | OutboxError {
  const { state, attempts, expiresAtMs } = record;
  if (state === 'sending' || state === 'sent' || state === 'quarantined') return notNow(record, 'tried again');
  const again = isWaiting(record) ? record.recipients : record.recipients.map(pendingUnlessAccepted);
  // One that was cancelled when everybody had it already.
  if (!again.some(({ status }) => status === 'pending')) return notNow(record, 'tried again');
  return changed(record, {
    state: attempts === 0 ? 'queued' : 'deferred',
    recipients: again,
    nextAttemptAtMs: nowMs,
    finishedAtMs: undefined,
    expiresAtMs:
      expiresAtMs < nowMs || !isWaiting(record) ? Math.max(expiresAtMs, nowMs + expiresAfterMs) : expiresAtMs,
  });
}

function pendingUnlessAccepted(recipient: OutboxRecipient): OutboxRecipient {
  return recipient.status === 'accepted' ? recipient : { ...recipient, status: 'pending' };
}

function notNow({ id, state }: OutboxRecord, what: string): OutboxError {
  const inHand = state === 'sending';
  return new OutboxError(`the entry ${id} cannot be ${what}: it is ${inHand ? 'being sent' : state}`, {
    code: 'ERR_OUTBOX_STATE',
    retryable: inHand,
    hint: inHand ? 'Ask again when this attempt is over.' : undefined,
  });
}
