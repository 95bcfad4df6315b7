/** What a blob is called: the job that needs it, the SHA-256 of its content, and something that no second one has. */
import { randomBytes } from 'node:crypto';

const BLOB_ID = /^([km]_[A-Za-z0-9_-]{36,43})\.([0-9a-f]{64})\.[0-9a-f]{12}$/;

/**
 * Never the same twice, even for the same content of the same job: a sweep that deletes an old one cannot hit one that was put in between.
 */
export function blobIdOf(jobId: string, contentHash: string): string {
  return `${jobId}.${contentHash}.${randomBytes(6).toString('hex')}`;
}

/** Undefined for what is none of ours. */
export function readBlobId(id: string): { readonly jobId: string; readonly hash: string } | undefined {
  const [, jobId, hash] = BLOB_ID.exec(id) ?? [];
  return jobId === undefined || hash === undefined ? undefined : { jobId, hash };
}
