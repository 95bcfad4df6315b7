/** What an outbox on other ground (posthaste/bullmq) is made of too: the same preparation, the same attempt, the same verdict. Not a public entry. */
export { attempt } from './attempt.js';
export { noCounts, OUTBOX_STATES } from './counts.js';
export type { OutboxEntry, OutboxFailure, OutboxRecipient, OutboxState } from './entry.js';
export { systemEnvironment } from './environment.js';
export { enqueueBatches, type Prepared } from './enqueue-batches.js';
export { EventHub, type OutboxEvents } from './event-hub.js';
export { eventOf } from './event-of.js';
export type { OutboxEvent } from './events.js';
export { cancelled, retried } from './manage.js';
export { newRecord } from './new-record.js';
export type {
  EnqueueItem,
  EnqueueOptions,
  EventsOptions,
  ListOptions,
  OutboxMailer,
  OutboxOptions,
  PurgeOptions,
} from './options.js';
export { checkSignal, orAborted } from './or-aborted.js';
export { OutboxError } from './outbox-error.js';
export { changed, claimed, damagedRecord, entryOf, isWaiting } from './record.js';
export {
  backoffOf,
  checkCount,
  checkState,
  durationOf,
  resolveOutboxOptions,
  resolvePurge,
  type ResolvedOutboxOptions,
} from './resolve-options.js';
export { withLateWord } from './save-attempt.js';
export type { OutboxCounts, OutboxRecord, OutboxStore } from './store.js';
export { recovered } from './take-over.js';
export { ended } from './verdict.js';
