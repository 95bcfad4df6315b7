/** Deletes what nobody needs any more. One rule: what is unknown or damaged stays until somebody decides, and no content goes before its job. */
import { isWaiting, type OutboxState } from '../outbox/parts.js';
import { readBlobId } from './blob-id.js';
import type { BlobStore } from './blob-store.js';
import { VERSION_FIELD, type JobScripts } from './job-scripts.js';
import type { Queue } from './load-bullmq.js';

export interface SweepOptions {
  readonly queue: Queue;
  readonly scripts: JobScripts;
  readonly blobs: BlobStore | undefined;
  readonly retentionMs: number;
  readonly nowMs: number;
}

/** How many were deleted. */
export interface Swept {
  readonly jobs: number;
  readonly blobs: number;
}

/** A content is written before its job: one that is younger may belong to a job that is to come. */
const BLOB_GRACE_MS = 3_600_000;
const PAGE = 200;

export async function sweep(options: SweepOptions): Promise<Swept> {
  const completed = await sweepCompleted(options);
  const failed = await sweepFailed(options);
  return { jobs: completed + failed, blobs: await sweepBlobs(options) };
}

/** BullMQ does that by itself only when another job completes. */
async function sweepCompleted({ queue, retentionMs }: SweepOptions): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { length } = await queue.clean(retentionMs, PAGE, 'completed');
    deleted += length;
    if (length < PAGE) return deleted;
  }
}

async function sweepFailed({ queue, scripts, retentionMs, nowMs }: SweepOptions): Promise<number> {
  const backend = queue.getBackend();
  const beforeMs = nowMs - retentionMs;
  let deleted = 0;
  // Those that stay are skipped by their number.
  for (let start = 0; ;) {
    const flat = await scripts.client.zrange(backend.toKey('failed'), start, start + PAGE - 1, { WITHSCORES: true });
    for (let at = 0; at < flat.length; at += 2) {
      const [id = '', finishedAtMs] = flat.slice(at, at + 2);
      if (Number(finishedAtMs) > beforeMs) return deleted;
      const [progress, version] = await scripts.client.hmget(backend.toKey(id), 'progress', VERSION_FIELD);
      const isOver = isOverBy(progress ?? undefined);
      if (isOver && (await scripts.remove(id, Number(version ?? '1')))) deleted += 1;
      else start += 1;
    }
    if (flat.length < 2 * PAGE) return deleted;
  }
}

/** A job without a record in its progress was given up before its content left, or cannot be read: its data tells. */
function isOverBy(progress: string | undefined): boolean {
  if (progress === undefined) return false;
  const { state, departed } = JSON.parse(progress) as { state?: OutboxState; departed?: unknown };
  if (state === undefined) return false;
  if (isWaiting({ state })) return departed === undefined;
  return state === 'failed' || state === 'partial' || state === 'cancelled' || state === 'sent';
}

async function sweepBlobs({ queue, scripts, blobs }: SweepOptions): Promise<number> {
  if (blobs === undefined) return 0;
  let deleted = 0;
  for await (const id of blobs.list({ olderThanMs: BLOB_GRACE_MS })) {
    const read = readBlobId(id);
    if (read === undefined) continue;
    const data = await scripts.client.hget(queue.getBackend().toKey(read.jobId), 'data');
    if (data?.includes(`{"blob":"${id}"}`) === true) continue;
    await blobs.delete(id);
    deleted += 1;
  }
  return deleted;
}
