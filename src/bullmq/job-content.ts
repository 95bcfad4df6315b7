/** The content of a job, from where it is kept. Whether it is what was enqueued is for the reader to check: the record has its hash. */
import { OutboxError } from '../outbox/parts.js';
import type { BlobStore } from './blob-store.js';
import type { StoredContent } from './job-record.js';

/** Undefined when it is not kept any more. Rejects as the blob store does; with OutboxError, code `ERR_OUTBOX_STORE`, where there is none. */
export async function contentOf(stored: StoredContent, blobs: BlobStore | undefined): Promise<Uint8Array | undefined> {
  if ('dropped' in stored) return undefined;
  if ('utf8' in stored) return Buffer.from(stored.utf8, 'utf8');
  if ('base64' in stored) return Buffer.from(stored.base64, 'base64');
  if (blobs === undefined) {
    throw new OutboxError('the content is kept outside of Redis, and no blob store was given', {
      code: 'ERR_OUTBOX_STORE',
      retryable: true,
      hint: 'Give every worker the blobs that those who enqueue have.',
    });
  }
  return await blobs.get(stored.blob);
}
