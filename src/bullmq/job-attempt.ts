/**
 * One run of a worker at one job: the store that an attempt sees, made of the job and its lock. One rule: nothing is written over what
 * somebody else has written, and the content leaves only while the lock is held.
 */
import { attempt, claimed, recovered, withLateWord, type OutboxRecord } from '../outbox/parts.js';
import type { BlobStore } from './blob-store.js';
import { contentOf } from './job-content.js';
import { progressOf, readJob, withoutContent, type JobData } from './job-record.js';
import type { JobScripts } from './job-scripts.js';
import type { ResolvedBullWorker } from './resolve-options.js';
import { isThrottling } from './throttling.js';

export interface JobRun {
  readonly record: OutboxRecord;
  readonly data: JobData;
  /** Of BullMQ's lock. */
  readonly token: string;
  /** Breaks the send off. */
  readonly signal: AbortSignal;
}

export interface JobTools {
  readonly scripts: JobScripts;
  readonly blobs: BlobStore | undefined;
  readonly options: Pick<ResolvedBullWorker, 'mailer' | 'onUnknown' | 'backoffMs' | 'throttleMs'>;
  readonly now: () => number;
}

/** Others may write as well; not again and again. */
const MOST_LOOKS = 5;

/** `lost`: somebody else has written, or has the lock; what was found out here counts no more. */
export type RunOutcome = { readonly record: OutboxRecord; readonly throttled: boolean } | 'lost';

export async function runJob(run: JobRun, tools: JobTools): Promise<RunOutcome> {
  const stored = new StoredRecord(run, tools);
  const found =
    run.record.departed === undefined ? run.record : recovered(run.record, tools.options.onUnknown, tools.now());
  // What the worker that died has left may be all there is to it: held, and nobody else to be tried.
  if (found.state !== 'queued' && found.state !== 'deferred') return await stored.settle(found, false);
  const outcome = await attemptAt(claimed(found, run.token), stored, run, tools);
  if (outcome === undefined) return 'lost';
  const { failure, state } = outcome;
  const throttled = state === 'deferred' && failure?.reply !== undefined && isThrottling(failure.reply, failure.stage);
  if (!throttled) return await stored.settle(outcome, false);
  return await stored.settle({ ...outcome, nextAttemptAtMs: tools.now() + tools.options.throttleMs }, true);
}

async function attemptAt(
  taken: OutboxRecord,
  stored: StoredRecord,
  { data, signal }: JobRun,
  { blobs, options, now }: JobTools,
): Promise<OutboxRecord | undefined> {
  const { mailer, onUnknown, backoffMs } = options;
  stored.took(taken);
  const attempted = await attempt(taken, {
    store: {
      content: () => contentOf(data.content, blobs),
      get: async () => ((await stored.isOurs()) ? stored.record : undefined),
      update: (record) => stored.mark(record),
    },
    mailer: { send: (message, sendOptions) => mailer.send(message, { ...sendOptions, signal }) },
    onUnknown,
    backoffMs,
    now,
  });
  return attempted?.after;
}

/** The record as it stands in Redis, as far as this run knows. */
class StoredRecord {
  readonly #run: JobRun;
  readonly #tools: JobTools;
  /** What stands in Redis; steps that were taken in memory only have further versions. */
  #storedVersion: number;
  #marked = false;
  #record: OutboxRecord;

  constructor(run: JobRun, tools: JobTools) {
    this.#run = run;
    this.#tools = tools;
    this.#record = run.record;
    this.#storedVersion = run.record.version;
  }

  get record(): OutboxRecord {
    return this.#record;
  }

  took(record: OutboxRecord): void {
    this.#record = record;
  }

  async isOurs(): Promise<boolean> {
    const { id: jobId } = this.#record;
    return await this.#tools.scripts.isHeld({ jobId, token: this.#run.token, version: this.#storedVersion });
  }

  /** In front of the content: whoever finds the job behind this knows that it may have been delivered. */
  async mark(record: OutboxRecord): Promise<boolean> {
    const written = await this.#write(record, { token: this.#run.token });
    this.#marked ||= written;
    if (written) this.#record = record;
    return written;
  }

  /** Behind the mark the version alone decides: a lock that ran out while Redis was away is no reason to forget what the server said. */
  async settle(record: OutboxRecord, throttled: boolean): Promise<RunOutcome> {
    if (await this.#write(record, this.#marked ? 'any' : { token: this.#run.token })) return { record, throttled };
    if (this.#marked) await this.#tellLate(record);
    return 'lost';
  }

  /** Another worker holds it as unknown by now, say. Who has accepted has accepted. */
  async #tellLate(known: OutboxRecord): Promise<void> {
    const { scripts, now } = this.#tools;
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const current = readJob(known.id, this.#run.data, await scripts.progress(known.id));
      const late = 'damage' in current ? undefined : withLateWord(current.record, known, now());
      if (late === undefined || 'damage' in current) return;
      this.#storedVersion = current.record.version;
      if (await this.#write(late, 'any')) return;
    }
  }

  async #write(record: OutboxRecord, lock: 'any' | { readonly token: string }): Promise<boolean> {
    const { id: jobId, version } = record;
    const kept = record.state === 'sent' ? withoutContent(this.#run.data) : undefined;
    const outcome = await this.#tools.scripts.write({
      jobId,
      expectedVersion: this.#storedVersion,
      version,
      progress: JSON.stringify(progressOf(record)),
      data: kept && JSON.stringify(kept),
      lock,
    });
    if (outcome !== 'written') return false;
    this.#storedVersion = version;
    return true;
  }
}
