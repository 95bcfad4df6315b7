/**
 * Records become jobs. One rule: a key stands for one job, whoever adds it and how often; and no job is found before its content is where it
 * belongs.
 */
import { randomBytes } from 'node:crypto';
import { entryOf, OutboxError, type OutboxEntry, type OutboxRecord, type Prepared } from '../outbox/parts.js';
import { blobIdOf } from './blob-id.js';
import { findJob } from './find-job.js';
import { entryOfJob, type FoundJob } from './job-entries.js';
import { contentToStore, dataOf, JOB_NAME, readHead, type JobData } from './job-record.js';
import type { JobsOptions } from './load-bullmq.js';
import type { OpenQueue } from './open-queue.js';
import type { ResolvedBullOutbox } from './resolve-options.js';
import { storeErrorOf } from './store-error.js';

export type AddOptions = Pick<ResolvedBullOutbox, 'blobs' | 'inlineBytes' | 'retentionMs'>;

interface NewJob {
  readonly record: OutboxRecord;
  readonly data: JobData;
  readonly opts: JobsOptions;
}

/** BullMQ counts attempts; how long a message is tried is its time to say. */
const ATTEMPTS = 1_000_000_000;
/** Priorities go from -100 to 100, and BullMQ takes 1 first and has no place behind 0. */
const HIGHEST = 101;
/** The job of a key may be deleted between two looks; not again and again. */
const MOST_LOOKS = 5;

/** Resolves with the entries, in order, when Redis has them. Rejects with OutboxError, and as the blob store does. */
export async function addJobs(
  batch: readonly Prepared[],
  { queue, scripts }: OpenQueue,
  options: AddOptions,
): Promise<readonly OutboxEntry[]> {
  const { blobs } = options;
  const jobs = batch.map((addition) => newJob(addition, options));
  try {
    for (const [index, { data }] of jobs.entries()) {
      const content = batch[index]?.content;
      if ('blob' in data.content && content !== undefined) await blobs?.put(data.content.blob, content);
    }
    const [first] = jobs;
    if (jobs.length === 1 && first !== undefined) await queue.add(JOB_NAME, first.data, first.opts);
    else await queue.addBulk(jobs.map(({ data, opts }) => ({ name: JOB_NAME, data, opts })));
    return await Promise.all(jobs.map(async (job) => await settle(job)));
  } catch (error) {
    throw storeErrorOf(error);
  }

  /** BullMQ says nothing when it has a job of that id already: whose it is shows in its first characters. */
  async function settle({ record, data, opts }: NewJob): Promise<OutboxEntry> {
    if (record.key === undefined) return entryOf(record);
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const head = readHead((await scripts.head(record.id)) ?? '');
      if (head?.ticket === data.ticket) return entryOf(record);
      const found = await findJob(queue, record.id);
      if (found !== undefined && !(await deleteOutdated(found))) {
        if ('blob' in data.content) await blobs?.delete(data.content.blob);
        if (found.record.identity !== record.identity) throw conflict(record);
        return entryOfJob(found);
      }
      await queue.add(JOB_NAME, data, opts);
    }
    throw new OutboxError(`the job of the key ${JSON.stringify(record.key)} comes and goes`, {
      code: 'ERR_OUTBOX_STORE',
      retryable: true,
      hint: 'Something deletes jobs of this queue while they are added.',
    });
  }

  /** A finished job from before the time that is kept, which BullMQ has not come to delete; true when it is gone. */
  async function deleteOutdated(found: FoundJob): Promise<boolean> {
    const { state, finishedAtMs } = entryOfJob(found);
    if (state === 'unknown' || finishedAtMs === undefined || finishedAtMs >= Date.now() - options.retentionMs)
      return false;
    return await scripts.remove(found.record.id, found.record.version);
  }
}

function newJob({ record, content }: Prepared, { inlineBytes, retentionMs }: AddOptions): NewJob {
  const { id, contentHash, priority, enqueuedAtMs, nextAttemptAtMs = enqueuedAtMs } = record;
  const stored = content.length > inlineBytes ? { blob: blobIdOf(id, contentHash) } : contentToStore(content);
  return {
    record,
    data: dataOf(record, stored, randomBytes(16).toString('hex')),
    opts: {
      jobId: id,
      timestamp: enqueuedAtMs,
      delay: Math.max(0, nextAttemptAtMs - enqueuedAtMs),
      priority: HIGHEST - priority,
      attempts: ATTEMPTS,
      // Of no kind that BullMQ has: the worker is asked.
      backoff: { type: 'posthaste' },
      removeOnComplete: { age: Math.ceil(retentionMs / 1_000) },
      // Not by age: what is unknown stays. The sweep deletes the others.
      removeOnFail: false,
      stackTraceLimit: 0,
    },
  };
}

function conflict({ key, id }: OutboxRecord): OutboxError {
  return new OutboxError(`the key ${JSON.stringify(key)} stands for another message already`, {
    code: 'ERR_OUTBOX_KEY_CONFLICT',
    hint: `See what it is with get(${JSON.stringify(id)}); give a message of its own a key of its own.`,
  });
}
