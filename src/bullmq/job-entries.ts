/** Jobs as entries. One rule: the record says how far an entry is, and BullMQ only where its job stands; where they differ, what is safe is told. */
import {
  damagedRecord,
  entryOf,
  isWaiting,
  type OutboxEntry,
  type OutboxRecord,
  type OutboxState,
} from '../outbox/parts.js';
import { readJob, type StoredContent } from './job-record.js';
import type { Job } from './load-bullmq.js';

/** Where BullMQ keeps jobs. */
export const JOB_PLACES = ['wait', 'prioritized', 'delayed', 'active', 'completed', 'failed'] as const;
export type JobPlace = (typeof JOB_PLACES)[number];

/** In which places a job may be whose entry has that state. What was cancelled is there until a worker comes by. */
const WAITING = ['wait', 'prioritized', 'delayed'] as const;
export const PLACES_OF: Readonly<Record<OutboxState, readonly JobPlace[]>> = {
  queued: WAITING,
  deferred: WAITING,
  sending: ['active', ...WAITING],
  // Also one that BullMQ was told to give up, and whose server was heard of later.
  sent: ['completed', 'active', 'failed'],
  partial: ['failed', 'active'],
  failed: ['failed', 'active'],
  unknown: ['failed', 'active'],
  cancelled: ['failed', 'active', ...WAITING],
  quarantined: ['failed'],
};

export interface FoundJob {
  readonly job: Job;
  readonly place: string;
  readonly record: OutboxRecord;
  /** Undefined where the job is damaged. */
  readonly content: StoredContent | undefined;
}

/** `place`: as `Job.getState()` and `Queue.getJobs()` call it. */
export function foundJob(job: Job, place: string): FoundJob {
  const { id = '' } = job;
  const read = readJob(id, job.data, job.progress);
  if ('damage' in read) return { job, place, record: damagedRecord(id, read.damage), content: undefined };
  return { job, place, record: read.record, content: read.data.content };
}

/** The entry, with what BullMQ knows beside the record. */
export function entryOfJob({ job, place, record }: Omit<FoundJob, 'content'>): OutboxEntry {
  const state = stateOf(record, place);
  if (state === record.state) return entryOf(record);
  const entry: { -readonly [Name in keyof OutboxEntry]: OutboxEntry[Name] } = { ...entryOf(record) };
  delete entry.nextAttemptAtMs;
  if (state === 'sending') return { ...entry, state };
  const failure = {
    code: 'ERR_OUTBOX_STALLED',
    message: `BullMQ gave the job up: ${job.failedReason || 'no reason given'}`,
    delivery: state === 'unknown' ? ('unknown' as const) : ('not-sent' as const),
  };
  return { ...entry, state, failure, ...(job.finishedOn !== undefined && { finishedAtMs: job.finishedOn }) };
}

/** A job that BullMQ itself gave up (it was left by too many workers) has a record that says nothing of it. */
export function stateOf(record: Pick<OutboxRecord, 'state' | 'departed'>, place: string): OutboxState {
  const { state, departed } = record;
  const isOpen = isWaiting(record) || state === 'sending';
  if (isOpen && place === 'active') return 'sending';
  if (isOpen && place === 'failed') return departed === undefined ? 'failed' : 'unknown';
  return state;
}
