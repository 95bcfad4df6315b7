/** `posthaste/bullmq`: the outbox on BullMQ and Redis, for more than one machine. */
export type { BlobStore } from './blob-store.js';
export { BullOutbox } from './bull-outbox.js';
export { createWorker, OutboxWorker, type SentJob } from './bull-worker.js';
export { FileBlobStore } from './file-blob-store.js';
export { jobIdOf } from './job-id.js';
export type { BullOutboxOptions, BullQueueOptions, BullWorkerOptions } from './options.js';
export type { Swept } from './sweep.js';
