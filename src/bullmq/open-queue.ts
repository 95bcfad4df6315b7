/** A connected queue, whose server was asked what it keeps. One rule: what happens in the background is told, and told once. */
import type { Warning } from '../index.js';
import { JobScripts } from './job-scripts.js';
import { OutboxError } from '../outbox/parts.js';
import { loadBullMQ, type BullMQModule, type Queue } from './load-bullmq.js';
import { readRedisSettings, redisWarnings } from './redis-settings.js';
import type { ResolvedQueue } from './resolve-options.js';

export interface OpenQueue {
  readonly bullmq: BullMQModule;
  readonly queue: Queue;
  readonly scripts: JobScripts;
  /** For the `error` event of a BullMQ class, which ends the process where nobody listens. */
  readonly report: (error: Error) => void;
}

/** Rejects as `loadBullMQ()` does, and with OutboxError, code `ERR_OUTBOX_STORE`, when Redis cannot be reached in time. */
export async function openQueue(options: ResolvedQueue): Promise<OpenQueue> {
  const bullmq = await loadBullMQ(options);
  const { connection, prefix, openTimeoutMs, onError } = options;
  const report = onError ?? onceEach();
  let lastWord: Error | undefined;
  const queue = new bullmq.Queue(options.queue, { connection, prefix });
  queue.on('error', (error) => {
    lastWord = error;
    report(error);
  });
  try {
    const scripts = await within(openTimeoutMs, JobScripts.of(queue), () => notReached(openTimeoutMs, lastWord));
    for (const warning of redisWarnings(await readRedisSettings(scripts.client))) warn(warning);
    return { bullmq, queue, scripts, report };
  } catch (error) {
    // Not awaited: without a connection it may never end.
    void queue.close().catch(() => undefined);
    throw error;
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  if (timeoutMs === Infinity) return await work;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late());
    }, timeoutMs);
  });
  // What comes behind the deadline is nobody's any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function notReached(timeoutMs: number, cause: Error | undefined): OutboxError {
  const why = cause === undefined ? '' : `: ${cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)}`;
  return new OutboxError(`Redis was not reached within ${String(timeoutMs)} ms${why}`, {
    code: 'ERR_OUTBOX_STORE',
    retryable: true,
    hint: 'Look at the connection, its password, and whether Redis runs; openTimeoutMs: Infinity waits for it.',
    cause,
  });
}

/** A server that is away says so many times. */
function onceEach(): (error: Error) => void {
  const told = new Set<string>();
  return ({ message }) => {
    if (told.has(message)) return;
    if (told.size < MOST_TEXTS) told.add(message);
    warn({ code: 'WARN_BULLMQ', message });
  };
}

const MOST_TEXTS = 100;

function warn({ code, message }: Warning): void {
  process.emitWarning(message, { type: 'PosthasteWarning', code });
}
