/** A connected queue, whose server was asked what it keeps. One rule: what happens in the background is told, and told once. */
import type { Warning } from '../index.js';
import { JobScripts } from './job-scripts.js';
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

/** Waits until Redis can be reached. Rejects as `loadBullMQ()` does. */
export async function openQueue(options: ResolvedQueue): Promise<OpenQueue> {
  const bullmq = await loadBullMQ(options);
  const { connection, prefix, onError } = options;
  const report = onError ?? onceEach();
  const queue = new bullmq.Queue(options.queue, { connection, prefix });
  queue.on('error', report);
  try {
    const scripts = await JobScripts.of(queue);
    for (const warning of redisWarnings(await readRedisSettings(scripts.client))) warn(warning);
    return { bullmq, queue, scripts, report };
  } catch (error) {
    await queue.close().catch(() => undefined);
    throw error;
  }
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
