/**
 * A worker of BullMQ that sends. One rule: how a message goes on is the verdict of the outbox; BullMQ is told with the error that it has for
 * it.
 */
import { isWaiting, type OutboxRecord } from '../outbox/parts.js';
import { runJob, type JobTools } from './job-attempt.js';
import { readJob } from './job-record.js';
import { JobScripts } from './job-scripts.js';
import type { Job, Worker } from './load-bullmq.js';
import { openQueue, type OpenQueue } from './open-queue.js';
import type { BullWorkerOptions } from './options.js';
import { resolveBullWorker, type ResolvedBullWorker } from './resolve-options.js';
import { sweep } from './sweep.js';

/** Tells BullMQ to try again, and when. */
class Deferral extends Error {
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.name = 'Deferral';
    this.delayMs = delayMs;
  }
}

/** What a job that was sent returns: `job.returnvalue`. The recipients with their replies are in `job.progress`. */
export interface SentJob {
  readonly state: 'sent';
}

let create: (options: ResolvedBullWorker, open: OpenQueue) => Promise<OutboxWorker>;

/**
 * Sends what a BullOutbox of the same `queue` has taken in. Any number of workers may run, on any number of machines. Waits until Redis can be
 * reached, as `BullOutbox.open()` does.
 *
 * @throws MessageError (`ERR_INVALID_OPTION`), SMTPException (`ERR_OUTBOX_NEEDS_BULLMQ`).
 */
export async function createWorker(options: BullWorkerOptions): Promise<OutboxWorker> {
  const resolved = resolveBullWorker(options);
  return await create(resolved, await openQueue(resolved));
}

/** What `createWorker()` gives. */
export class OutboxWorker implements AsyncDisposable {
  readonly #options: ResolvedBullWorker;
  readonly #open: OpenQueue;
  readonly #worker: Worker;
  /** What breaks each run off. A job whose lock was lost may be here twice. */
  readonly #inHand = new Map<AbortController, { readonly id: string; readonly token: string }>();
  #tools: JobTools | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #isBrokenOff = false;
  #closed: Promise<void> | undefined;

  static {
    create = async (options, open) => {
      const worker = new OutboxWorker(options, open);
      await worker.#start();
      return worker;
    };
  }

  private constructor(options: ResolvedBullWorker, open: OpenQueue) {
    const { connection, prefix, queue, concurrency, limiter } = options;
    const { lockDurationMs: lockDuration, stalledIntervalMs: stalledInterval, maxStalledCount } = options;
    this.#options = options;
    this.#open = open;
    this.#worker = new open.bullmq.Worker(
      queue,
      // BullMQ gives a signal to functions of three parameters.
      async (job: Job, token: string | undefined, signal: AbortSignal | undefined) =>
        await this.#process(job, token, signal),
      {
        connection,
        prefix,
        concurrency,
        limiter,
        lockDuration,
        stalledInterval,
        maxStalledCount,
        autorun: false,
        settings: { backoffStrategy: (made, _type, error) => delayBehind(error, made, options) },
      },
    );
    this.#worker.on('error', open.report);
    this.#worker.on('lockRenewalFailed', (ids) => {
      this.#checkLocks(ids).catch(open.report);
    });
  }

  /** BullMQ's own, for its events, `pause()` and `resume()`. Close this one instead. */
  get worker(): Worker {
    return this.#worker;
  }

  /**
   * Begins nothing more. By default what is in hand is sent first; with `drain: false` it is broken off, and tried again by others, or held
   * as `unknown` where its end was sent and not answered. Then the connections are closed. The mailer stays open.
   */
  async close({ drain = true }: { drain?: boolean } = {}): Promise<void> {
    this.#closed ??= this.#close();
    if (!drain) {
      this.#isBrokenOff = true;
      for (const controller of this.#inHand.keys()) controller.abort(new Error('the worker is closed'));
    }
    await this.#closed;
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(): Promise<void> {
    const { blobs, signal } = this.#options;
    try {
      this.#tools = {
        scripts: await JobScripts.of(this.#worker),
        blobs,
        options: this.#options,
        now: () => Date.now(),
      };
      await this.#worker.waitUntilReady();
    } catch (error) {
      await this.#close();
      throw error;
    }
    this.#worker.run().catch(this.#open.report);
    this.#sweepSoon();
    if (signal?.aborted === true) this.#onSignal();
    else signal?.addEventListener('abort', this.#onSignal, { once: true });
  }

  readonly #onSignal = (): void => {
    this.close({ drain: false }).catch(this.#open.report);
  };

  async #close(): Promise<void> {
    clearTimeout(this.#sweepTimer);
    this.#options.signal?.removeEventListener('abort', this.#onSignal);
    await this.#worker.close();
    await this.#open.queue.close();
  }

  /** BullMQ also says so of a job that came to its end meanwhile, and may be in hand again by now. */
  async #checkLocks(ids: readonly string[]): Promise<void> {
    for (const [controller, { id, token }] of this.#inHand) {
      if (!ids.includes(id) || (await this.#tools?.scripts.lockOf(id)) === token) continue;
      controller.abort(new Error('the lock of the job was lost'));
    }
  }

  async #process(job: Job, token = '', signal: AbortSignal | undefined): Promise<SentJob> {
    const { id = '' } = job;
    const read = readJob(id, job.data, job.progress);
    if ('damage' in read) throw new this.#open.bullmq.UnrecoverableError(`quarantined: ${read.damage}`);
    const { record, data } = read;
    // Its end was written down by a worker that died before it could tell BullMQ, or by somebody who cancelled it.
    if (!isWaiting(record) && record.state !== 'sending') return this.#end(record);
    // BullMQ had asked for it before the worker was closed.
    if (this.#isBrokenOff) throw new Deferral('the worker is closed', 0);
    const controller = new AbortController();
    const onAbort = (): void => {
      controller.abort(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#inHand.set(controller, { id, token });
    try {
      if (this.#tools === undefined) throw new Error('the worker runs before it has started');
      const outcome = await runJob({ record, data, token, signal: controller.signal }, this.#tools);
      if (outcome === 'lost') throw new Deferral('the job was taken over by another worker', 0);
      if (outcome.throttled) await this.#throttle(outcome.record);
      return this.#end(outcome.record);
    } finally {
      this.#inHand.delete(controller);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #end(record: OutboxRecord): SentJob {
    const { state, failure, nextAttemptAtMs = 0 } = record;
    const message = failure?.message ?? '';
    if (state === 'sent') return { state };
    if (isWaiting(record)) throw new Deferral(message, Math.max(0, nextAttemptAtMs - Date.now()));
    throw new this.#open.bullmq.UnrecoverableError(message === '' ? state : `${state}: ${message}`);
  }

  /** The whole queue rests, on all machines, and this job is the first behind it. */
  async #throttle({ failure }: OutboxRecord): Promise<never> {
    await this.#open.queue.rateLimit(this.#options.throttleMs);
    this.#open.report(new Error(`the server asks for a slower pace, and the queue rests: ${failure?.message ?? ''}`));
    throw new this.#open.bullmq.RateLimitError();
  }

  /** Not all workers at the same moment. */
  #sweepSoon(): void {
    const { sweepMs, blobs, retentionMs } = this.#options;
    this.#sweepTimer = setTimeout(
      () => {
        sweep({ ...this.#open, blobs, retentionMs, nowMs: Date.now() })
          .catch(this.#open.report)
          .finally(() => {
            if (this.#closed === undefined) this.#sweepSoon();
          });
      },
      sweepMs * (0.5 + Math.random()),
    ).unref();
  }
}

/** Of an error that is none of ours (a blob store that is away, say) the attempts of BullMQ count. */
function delayBehind(error: unknown, attemptsMade: number, { backoffMs }: ResolvedBullWorker): number {
  return error instanceof Deferral ? error.delayMs : backoffMs(attemptsMade);
}
