/** Gets `bullmq` (and `ioredis`, which it connects with) when it is needed, and says plainly how to have them when they are not installed. */
import type * as BullMQ from 'bullmq';
import { SMTPException } from '../index.js';

export type { ConnectionOptions, Job, JobsOptions, Queue, QueueEvents, RateLimiterOptions, Worker } from 'bullmq';

export type BullMQModule = Pick<
  typeof BullMQ,
  'Queue' | 'QueueEvents' | 'Worker' | 'Job' | 'RateLimitError' | 'UnrecoverableError'
>;

interface Loaders {
  readonly bullmq: () => Promise<BullMQModule>;
  readonly ioredis: () => Promise<unknown>;
}

const LOADERS: Loaders = { bullmq: () => import('bullmq'), ioredis: () => import('ioredis') };

/**
 * `withClient`: the caller gave a client that is connected, so `ioredis` is not needed. Throws SMTPException, code
 * `ERR_OUTBOX_NEEDS_BULLMQ`.
 */
export async function loadBullMQ(
  { withClient }: { readonly withClient: boolean },
  loaders: Loaders = LOADERS,
): Promise<BullMQModule> {
  if (!withClient) await orSay('ioredis', loaders.ioredis);
  return await orSay('bullmq', loaders.bullmq);
}

async function orSay<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new SMTPException(`an outbox on BullMQ needs the package ${name}, which is not installed`, {
      code: 'ERR_OUTBOX_NEEDS_BULLMQ',
      hint: 'Only posthaste/bullmq needs them, so they are not installed with posthaste: npm install bullmq ioredis',
      cause,
    });
  }
}
