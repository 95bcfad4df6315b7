/** What a caller may set about an outbox on BullMQ and about its workers. Types only: resolve-options.ts checks them and fills in what is missing. */
import type { OutboxMailer, OutboxOptions } from '../outbox/parts.js';
import type { BlobStore } from './blob-store.js';
import type { ConnectionOptions, RateLimiterOptions } from './load-bullmq.js';

/** What has to be the same for all who enqueue and all workers of one queue. Times are milliseconds. */
export interface BullQueueOptions {
  /**
   * A Redis URL (`redis://localhost:6379`), or what BullMQ takes as `connection`: options of ioredis, or a client. A client stays the
   * caller's to close, and one for a worker needs `maxRetriesPerRequest: null`.
   */
  connection: string | ConnectionOptions;
  /** The name of the BullMQ queue. Default `mail`. */
  queue?: string;
  /** What the Redis keys begin with. Default `bull`, as BullMQ's own; `{bull}` on a cluster. */
  prefix?: string;
  /** Where contents above `inlineBytes` are kept. Without one they are refused. All machines need the same. */
  blobs?: BlobStore;
  /** How long a finished entry, and with it its key, is kept. Default 7 days. What is `unknown` is kept until somebody decides. */
  retentionMs?: number;
  /** How long opening may take until Redis answers. Default 30,000; `Infinity` waits for a Redis that comes later. */
  openTimeoutMs?: number;
  /** Gets what Redis and BullMQ complain about in the background. Default: each new text becomes a warning of the process. */
  onError?: (error: Error) => void;
}

export interface BullOutboxOptions extends BullQueueOptions {
  /** The largest content that goes into Redis itself, in octets. Default 65,536. */
  inlineBytes?: number;
  /** How long a message is tried, from its enqueueing on, unless it says otherwise. Default 5 days (RFC 5321 section 4.5.4.1). */
  expiresAfterMs?: number;
  /** The largest content that is taken in, in octets. Default 50 MiB. */
  maxMessageBytes?: number;
}

export interface BullWorkerOptions extends BullQueueOptions {
  /** Sends. Stays the caller's to close, behind the worker. */
  mailer: OutboxMailer;
  /**
   * What becomes of a message whose content left and was not answered. `hold`: it waits as `unknown` until somebody decides
   * (at most once). `retry`: it is sent again, and may arrive twice (at least once). Default `hold`.
   */
  onUnknown?: NonNullable<OutboxOptions['onUnknown']>;
  /** How many messages this worker has in hand at a time. Default 5. */
  concurrency?: number;
  /** How long to wait behind attempt 1, 2, ... Default: a minute, doubled each time, at most 4 hours, up to a fifth taken off or added at random. */
  backoffMs?: (attempt: number) => number;
  /** How long the whole queue rests when the server says that it gets too much. Default 60,000. */
  throttleMs?: number;
  /** The most messages that all workers of the queue together begin in a time, BullMQ's `limiter`. Default: no limit. */
  limiter?: RateLimiterOptions;
  /** How long a worker may give no sign of life before its jobs are given to others; BullMQ renews the lock every half of it. Default 30,000. */
  lockDurationMs?: number;
  /** How often to look for jobs of workers that died. Default 30,000. */
  stalledIntervalMs?: number;
  /** How often a job may be left by workers that died before it fails. Default 10: a restart of the workers is no fault of the message. */
  maxStalledCount?: number;
  /** How often to delete finished entries and contents that nobody needs any more. Default 10 minutes. */
  sweepMs?: number;
  /** Ends the worker when it fires: what is in hand is broken off where that is safe, as by `close({ drain: false })`. */
  signal?: AbortSignal;
}
