/** Options as callers give them become options without holes. One rule: what is not understood is refused by name. */
import { MessageError } from '../index.js';
import {
  backoffOf,
  checkCount,
  durationOf,
  resolveOutboxOptions,
  systemEnvironment,
  type ResolvedOutboxOptions,
} from '../outbox/parts.js';
import type { BlobStore } from './blob-store.js';
import type { ConnectionOptions, RateLimiterOptions } from './load-bullmq.js';
import type { BullOutboxOptions, BullQueueOptions, BullWorkerOptions } from './options.js';

export interface ResolvedQueue {
  readonly connection: ConnectionOptions;
  readonly withClient: boolean;
  readonly queue: string;
  readonly prefix: string;
  readonly blobs: BlobStore | undefined;
  readonly retentionMs: number;
  readonly openTimeoutMs: number;
  readonly onError: ((error: Error) => void) | undefined;
}

export interface ResolvedBullOutbox extends ResolvedQueue {
  readonly inlineBytes: number;
  readonly outbox: ResolvedOutboxOptions;
}

export interface ResolvedBullWorker extends ResolvedQueue {
  readonly mailer: BullWorkerOptions['mailer'];
  readonly onUnknown: 'hold' | 'retry';
  readonly backoffMs: (attempt: number) => number;
  readonly concurrency: number;
  readonly throttleMs: number;
  readonly limiter: RateLimiterOptions;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly maxStalledCount: number;
  readonly sweepMs: number;
  readonly signal: AbortSignal | undefined;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DEFAULT_INLINE_BYTES = 65_536;

/** BullMQ looks at its rate limit key, which `throttleMs` needs, only where there is a limiter. */
const NO_LIMIT: RateLimiterOptions = { max: 1_000_000_000, duration: SECOND };

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveBullOutbox(given: BullOutboxOptions): ResolvedBullOutbox {
  const { expiresAfterMs, maxMessageBytes, retentionMs } = given;
  const outbox = resolveOutboxOptions(
    {
      store: '',
      ...(expiresAfterMs !== undefined && { expiresAfterMs }),
      ...(maxMessageBytes !== undefined && { maxMessageBytes }),
      ...(retentionMs !== undefined && { retentionMs }),
    },
    systemEnvironment,
  );
  const inlineBytes = durationOf('inlineBytes', given.inlineBytes ?? DEFAULT_INLINE_BYTES, 0);
  return { ...resolveQueue(given, outbox.retentionMs), inlineBytes, outbox };
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveBullWorker(given: BullWorkerOptions): ResolvedBullWorker {
  const {
    mailer,
    onUnknown,
    backoffMs,
    retentionMs,
    concurrency = 5,
    maxStalledCount = 10,
    limiter = NO_LIMIT,
  } = given;
  // A caller without types may leave it out.
  if ((mailer as unknown) === undefined)
    throw invalid('a worker needs a mailer', 'createWorker({ mailer, connection })');
  const outbox = resolveOutboxOptions(
    {
      store: '',
      mailer,
      ...(onUnknown !== undefined && { onUnknown }),
      ...(backoffMs !== undefined && { backoffMs }),
      ...(retentionMs !== undefined && { retentionMs }),
    },
    systemEnvironment,
  );
  checkCount('concurrency', concurrency);
  if (!Number.isSafeInteger(maxStalledCount) || maxStalledCount < 0) {
    throw invalid(
      `maxStalledCount must be a whole number, not ${String(maxStalledCount)}`,
      'Leave it out for the default.',
    );
  }
  const queue = resolveQueue(given, outbox.retentionMs);
  return {
    ...queue,
    // What a server has said is written down when Redis is back, however long that takes.
    connection: queue.withClient ? queue.connection : { maxRetriesPerRequest: null, ...queue.connection },
    mailer,
    onUnknown: outbox.onUnknown,
    backoffMs: (attempt) => backoffOf(outbox, attempt),
    concurrency,
    maxStalledCount,
    limiter,
    throttleMs: durationOf('throttleMs', given.throttleMs ?? MINUTE, 1),
    lockDurationMs: durationOf('lockDurationMs', given.lockDurationMs ?? 30 * SECOND, 100),
    stalledIntervalMs: durationOf('stalledIntervalMs', given.stalledIntervalMs ?? 30 * SECOND, 1),
    sweepMs: durationOf('sweepMs', given.sweepMs ?? 10 * MINUTE, 1),
    signal: given.signal,
  };
}

function resolveQueue(given: BullQueueOptions, retentionMs: number): ResolvedQueue {
  const { connection, queue = 'mail', prefix = 'bull', blobs, onError } = given;
  const openTimeoutMs =
    given.openTimeoutMs === Infinity ? Infinity : durationOf('openTimeoutMs', given.openTimeoutMs ?? 30 * SECOND, 1);
  const common = { queue, prefix, blobs, retentionMs, openTimeoutMs, onError };
  // BullMQ's own rule: names are parts of keys.
  if (typeof queue !== 'string' || queue === '' || queue.includes(':')) {
    throw invalid(`queue is ${JSON.stringify(queue)}`, 'Give a name without a colon.');
  }
  if (typeof connection === 'string') {
    if (!/^rediss?:\/\//.test(connection)) {
      throw invalid('connection is no Redis URL', "Give one such as 'redis://localhost:6379', or options of ioredis.");
    }
    return { connection: { url: connection }, withClient: false, ...common };
  }
  const value: unknown = connection;
  if (typeof value !== 'object' || value === null) {
    throw invalid(
      'connection is missing',
      "Give a URL such as 'redis://localhost:6379', options of ioredis, or a client.",
    );
  }
  return { connection, withClient: 'duplicate' in value, ...common };
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
