/** What happens to the entries of a queue, on whatever machine, as BullMQ's event stream tells it: every event carries the entry as it was then. */
import { EventHub, eventOf, type EventsOptions, type OutboxEvents } from '../outbox/parts.js';
import { findJob } from './find-job.js';
import { entryOfJob } from './job-entries.js';
import { readJob } from './job-record.js';
import type { QueueEvents } from './load-bullmq.js';
import type { OpenQueue } from './open-queue.js';
import type { ResolvedQueue } from './resolve-options.js';

export class EventFeed {
  readonly #open: OpenQueue;
  readonly #options: ResolvedQueue;
  readonly #hub = new EventHub();
  #stream: Promise<QueueEvents> | undefined;
  /** One event behind the other: each has to be looked up. */
  #last: Promise<void> = Promise.resolve();

  constructor(open: OpenQueue, options: ResolvedQueue) {
    this.#open = open;
    this.#options = options;
  }

  /** Listens from this call on. */
  listen(options: EventsOptions): OutboxEvents {
    const events = this.#hub.listen(options);
    this.#stream ??= this.#connect();
    this.#stream.catch(this.#open.report);
    return events;
  }

  async close(): Promise<void> {
    const stream = await this.#stream?.catch(() => undefined);
    await stream?.close();
    await this.#last;
    this.#hub.close();
  }

  /** The place in the stream is asked for on the connection that enqueues: what is enqueued behind this is behind that place. */
  async #connect(): Promise<QueueEvents> {
    const { bullmq, scripts, report } = this.#open;
    const lastEventId = await scripts.lastEventId();
    const { queue, connection, prefix } = this.#options;
    const stream = new bullmq.QueueEvents(queue, { connection, prefix, lastEventId });
    stream.on('error', report);
    stream.on('added', ({ jobId }) => {
      this.#tell(jobId, undefined);
    });
    stream.on('progress', ({ jobId, data }) => {
      this.#tell(jobId, data);
    });
    stream.on('failed', ({ jobId }) => {
      this.#then(async () => {
        await this.#givenUp(jobId);
      });
    });
    return stream;
  }

  #tell(jobId: string, progress: unknown): void {
    this.#then(async () => {
      await this.#emit(jobId, progress);
    });
  }

  #then(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch(this.#open.report);
  }

  /** What BullMQ itself gives up has no record that says so. */
  async #givenUp(jobId: string): Promise<void> {
    const found = await findJob(this.#open.queue, jobId);
    if (found?.place !== 'failed') return;
    const entry = entryOfJob(found);
    const { state } = entry;
    if (state === 'quarantined') this.#hub.emit({ type: state, id: jobId, reason: entry.failure?.message ?? '' });
    else if (state !== found.record.state && state !== 'sending') this.#hub.emit({ type: state, entry });
  }

  async #emit(jobId: string, progress: unknown): Promise<void> {
    const job = await this.#open.queue.getJob(jobId);
    // Gone by now, as it is where nothing is kept.
    if (job === undefined) return;
    const read = readJob(jobId, job.data, progress);
    if ('damage' in read) return;
    if (read.record.state !== 'sending') this.#hub.emit(eventOf(read.record));
  }
}
