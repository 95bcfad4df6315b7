/**
 * The outbox on BullMQ, from the side of those who enqueue and manage. One rule: a key stands for one job, and what `enqueue()` has
 * resolved with is in Redis and, where Redis is set so, on disk.
 */
import { MessageTooLargeError, type Sendable } from '../index.js';
import {
  cancelled,
  checkCount,
  checkSignal,
  checkState,
  enqueueBatches,
  entryOf,
  newRecord,
  noCounts,
  orAborted,
  OutboxError,
  resolvePurge,
  retried,
  type EnqueueItem,
  type EnqueueOptions,
  type EventsOptions,
  type OutboxCounts,
  type OutboxEntry,
  type OutboxEvents,
  type OutboxRecord,
  type OutboxState,
  type Prepared,
  type PurgeOptions,
} from '../outbox/parts.js';
import { addJobs } from './add-jobs.js';
import { EventFeed } from './event-feed.js';
import { findJob } from './find-job.js';
import { contentOf } from './job-content.js';
import { entryOfJob, foundJob, JOB_PLACES, PLACES_OF, stateOf, type FoundJob } from './job-entries.js';
import { jobIdOf } from './job-id.js';
import { progressOf } from './job-record.js';
import { openQueue, type OpenQueue } from './open-queue.js';
import type { BullOutboxOptions } from './options.js';
import { resolveBullOutbox, type ResolvedBullOutbox } from './resolve-options.js';
import { sweep, type Swept } from './sweep.js';

const LIST_PAGE = 50;

/** Keeps messages in a BullMQ queue until a worker has sent them; see `createWorker()`. */
export class BullOutbox implements AsyncDisposable {
  readonly #options: ResolvedBullOutbox;
  readonly #open: OpenQueue;
  readonly #feed: EventFeed;
  #closed: Promise<void> | undefined;

  private constructor(options: ResolvedBullOutbox, open: OpenQueue) {
    this.#options = options;
    this.#open = open;
    this.#feed = new EventFeed(open, options);
  }

  /**
   * Connects, and waits until Redis can be reached; what is in the way (no server, a wrong password) goes to `onError`. Warns (`process.emitWarning`, codes `WARN_REDIS_...`) of settings of the server
   * that can lose mail.
   *
   * @throws MessageError (`ERR_INVALID_OPTION`), SMTPException (`ERR_OUTBOX_NEEDS_BULLMQ`).
   */
  static async open(options: BullOutboxOptions): Promise<BullOutbox> {
    const resolved = resolveBullOutbox(options);
    return new BullOutbox(resolved, await openQueue(resolved));
  }

  /**
   * Takes a message in: when it resolves, Redis has it, with its envelope, Date, Message-ID and boundaries, and what is sent will be these
   * octets. With a `key` that stands for the same message already: the entry that there is.
   *
   * @throws what `Mailer.send` throws before it connects; MessageTooLargeError (also above `inlineBytes` without `blobs`); MessageError
   *   (`ERR_INVALID_OPTION`); SMTPAbortedError; OutboxError: `ERR_OUTBOX_KEY_CONFLICT`, `ERR_OUTBOX_FULL` (Redis or the blob store has no
   *   room), `ERR_OUTBOX_STORE`, `ERR_OUTBOX_CLOSED`.
   */
  async enqueue(message: Sendable, options: EnqueueOptions = {}): Promise<OutboxEntry> {
    this.#checkOpen();
    const work = async (): Promise<OutboxEntry> => {
      const [entry] = await addJobs([await this.#prepare(message, options)], this.#open, this.#options);
      if (entry === undefined) throw new Error('each addition has an entry');
      return entry;
    };
    return await orAborted(work(), options.signal);
  }

  /**
   * Takes many messages in, a few hundred in one pipeline, and resolves with their entries in the same order. When it rejects, some of
   * them may be in the queue: with keys the whole call can be repeated.
   */
  async enqueueAll(
    items: Iterable<EnqueueItem> | AsyncIterable<EnqueueItem>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<readonly OutboxEntry[]> {
    this.#checkOpen();
    return await enqueueBatches(items, {
      prepare: async ({ message, ...rest }) =>
        await this.#prepare(message, signal === undefined ? rest : { ...rest, signal }),
      write: async (batch) => await addJobs(batch, this.#open, this.#options),
      checkAborted: () => {
        checkSignal(signal);
      },
    });
  }

  async get(id: string): Promise<OutboxEntry | undefined> {
    this.#checkOpen();
    const found = await findJob(this.#open.queue, id);
    return found && entryOfJob(found);
  }

  async getByKey(key: string): Promise<OutboxEntry | undefined> {
    return await this.get(jobIdOf(key));
  }

  /** The octets that each attempt sends. Undefined when there is no such entry, or when everybody has them and they are not kept any more. */
  async content(id: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    const content = (await findJob(this.#open.queue, id))?.content;
    return content && (await contentOf(content, this.#options.blobs));
  }

  /**
   * Entries as BullMQ lists them, place by place, not in the order of enqueueing. Those that move while the loop goes on may be missed, or
   * come twice.
   */
  async *list({
    state,
    limit = Infinity,
  }: { state?: OutboxState; limit?: number } = {}): AsyncIterableIterator<OutboxEntry> {
    this.#checkOpen();
    if (state !== undefined) checkState(state);
    if (limit !== Infinity) checkCount('limit', limit);
    let left = limit;
    for (const place of state === undefined ? JOB_PLACES : PLACES_OF[state]) {
      for (let start = 0; left > 0; start += LIST_PAGE) {
        const jobs = await this.#open.queue.getJobs([place], start, start + LIST_PAGE - 1, true);
        for (const job of jobs) {
          const entry = entryOfJob(foundJob(job, place));
          if (left === 0 || (state !== undefined && entry.state !== state)) continue;
          left -= 1;
          yield entry;
        }
        if (jobs.length < LIST_PAGE) break;
      }
    }
  }

  /** How many entries there are in each state. Redis reads through all jobs but the completed ones for that. */
  async counts(): Promise<OutboxCounts> {
    this.#checkOpen();
    const counts = noCounts();
    const { completed = 0 } = await this.#open.queue.getJobCounts('completed');
    counts.sent = completed;
    for (const place of JOB_PLACES.filter((name) => name !== 'completed')) {
      for await (const { state, hasDeparted, count } of this.#open.scripts.countStates(place)) {
        const known = { state: state as OutboxState, ...(hasDeparted && { departed: [] }) };
        counts[stateOf(known, place)] += count;
      }
    }
    return counts;
  }

  /**
   * Gives an entry up that waits, or is held. Who has got it, has got it. The job itself ends when a worker comes by it.
   *
   * @throws OutboxError: `ERR_OUTBOX_NO_ENTRY`; `ERR_OUTBOX_STATE` for one that is over, or in hand at this moment (then `retryable`).
   */
  async cancel(id: string): Promise<OutboxEntry> {
    const { job, place, record } = await this.#manage(id, (found) => cancelled(found, Date.now()));
    // A worker would come by only when it is due.
    if (place === 'delayed') await job.promote().catch(() => undefined);
    return entryOf(record);
  }

  /**
   * Makes an entry due now: one that waits; one that is `unknown`, whose recipients may then get it twice; and one that is over without having
   * reached everybody, for those whom it has not reached.
   *
   * @throws OutboxError: `ERR_OUTBOX_NO_ENTRY`; `ERR_OUTBOX_STATE` for one that is `sent` or `quarantined`, or in hand at this moment (then
   *   `retryable`).
   */
  async retryNow(id: string): Promise<OutboxEntry> {
    const { expiresAfterMs } = this.#options.outbox;
    const { job, place, record } = await this.#manage(id, (found) => retried(found, Date.now(), expiresAfterMs));
    // Whoever else moves it in this moment makes it due as well.
    if (place === 'failed') await job.retry('failed').catch(() => undefined);
    if (place === 'delayed') await job.promote().catch(() => undefined);
    return entryOf(record);
  }

  /** Deletes what is over, and resolves with how many entries that were. What was deleted is not known by its key any more. */
  async purge(options: PurgeOptions = {}): Promise<number> {
    this.#checkOpen();
    const { olderThanMs, states } = resolvePurge(options);
    const beforeMs = Date.now() - olderThanMs;
    const ids: { readonly id: string; readonly version: number }[] = [];
    for (const place of ['completed', 'failed'] as const) {
      for (let start = 0; ; start += LIST_PAGE) {
        const jobs = await this.#open.queue.getJobs([place], start, start + LIST_PAGE - 1, true);
        for (const job of jobs) {
          const found = foundJob(job, place);
          const { state, id, finishedAtMs = job.finishedOn ?? 0 } = entryOfJob(found);
          if (states.includes(state) && finishedAtMs <= beforeMs) ids.push({ id, version: found.record.version });
        }
        if (jobs.length < LIST_PAGE) break;
      }
    }
    let deleted = 0;
    for (const { id, version } of ids) if (await this.#open.scripts.remove(id, version)) deleted += 1;
    return deleted;
  }

  /** What every worker does now and then: deletes what was kept for `retentionMs`, and contents in `blobs` that no job needs. */
  async sweep(): Promise<Swept> {
    this.#checkOpen();
    const { blobs, retentionMs } = this.#options;
    return await sweep({ ...this.#open, blobs, retentionMs, nowMs: Date.now() });
  }

  /**
   * What happens to the entries of this queue on any machine, from this call on. Needs a connection of its own. Of entries that are kept for
   * less than it takes to look them up (`retentionMs: 0`) some events are missed.
   */
  events(options: EventsOptions = {}): OutboxEvents {
    this.#checkOpen();
    const { bufferSize } = options;
    if (bufferSize !== undefined) checkCount('bufferSize', bufferSize);
    return this.#feed.listen(options);
  }

  /** Ends all events, and the connections; a client that was given stays open. What is queued stays queued. */
  async close(): Promise<void> {
    this.#closed ??= this.#feed.close().finally(() => this.#open.queue.close());
    await this.#closed;
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #prepare(message: Sendable, options: EnqueueOptions): Promise<Prepared> {
    const { outbox, inlineBytes, blobs } = this.#options;
    // A key that is none is refused with the other options.
    const key: unknown = options.key;
    const id = jobIdOf(typeof key === 'string' ? key : undefined);
    const prepared = await newRecord(message, options, { id, nowMs: Date.now(), settings: outbox });
    const { length } = prepared.content;
    if (length > inlineBytes && blobs === undefined) throw tooLarge(length, inlineBytes);
    return prepared;
  }

  /** Reads, decides and writes until nobody came in between. Gives the job with the record that stands there now. */
  async #manage(id: string, decide: (record: OutboxRecord) => OutboxRecord | OutboxError): Promise<FoundJob> {
    this.#checkOpen();
    for (;;) {
      const found = await findJob(this.#open.queue, id);
      if (found === undefined) {
        throw new OutboxError(`there is no entry ${JSON.stringify(id)}`, {
          code: 'ERR_OUTBOX_NO_ENTRY',
          hint: 'It may have been deleted.',
        });
      }
      const next = decide({ ...found.record, state: stateOf(found.record, found.place) });
      if (next instanceof OutboxError) throw next;
      // What was let go by a worker that died is decided with this.
      const record: { -readonly [Name in keyof OutboxRecord]: OutboxRecord[Name] } = { ...next };
      delete record.departed;
      const written = await this.#open.scripts.write({
        jobId: id,
        expectedVersion: found.record.version,
        version: record.version,
        progress: JSON.stringify(progressOf(record)),
        lock: 'free',
      });
      if (written === 'written') return { ...found, record };
    }
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return;
    throw new OutboxError('the outbox is closed', { code: 'ERR_OUTBOX_CLOSED', hint: 'Open another one.' });
  }
}

function tooLarge(sizeBytes: number, limitBytes: number): MessageTooLargeError {
  return new MessageTooLargeError(
    `the message has ${String(sizeBytes)} octets, and ${String(limitBytes)} is the most that goes into Redis`,
    {
      sizeBytes,
      limitBytes,
      hint: 'Give blobs: new FileBlobStore(folder), with a folder that all machines share; or raise inlineBytes.',
    },
  );
}
