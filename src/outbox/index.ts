/** `posthaste/outbox`: messages that are kept until they are sent. */
export type { OutboxEntry, OutboxFailure, OutboxRecipient, OutboxState } from './entry.js';
export type { OutboxEvents } from './event-hub.js';
export type { OutboxEvent } from './events.js';
export { LmdbStore } from './lmdb-store.js';
export { storeFileIn } from './store-file.js';
export { MemoryStore } from './memory-store.js';
export type {
  EnqueueItem,
  EnqueueOptions,
  EventsOptions,
  ListOptions,
  OutboxMailer,
  OutboxOptions,
  PurgeOptions,
  StartOptions,
} from './options.js';
export { OutboxError, type OutboxErrorCode } from './outbox-error.js';
export { Outbox } from './outbox.js';
export { sealMessage, type SealedMessage } from './seal-message.js';
export type {
  Added,
  OutboxAddition,
  OutboxCounts,
  OutboxOwner,
  OutboxRecord,
  OutboxStore,
  Picked,
  SendParameters,
} from './store.js';
