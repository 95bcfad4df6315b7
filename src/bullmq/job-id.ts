/** What a job is called: a key gives one name, however often and wherever it is enqueued, and BullMQ takes every one of them. */
import { createHash, randomUUID } from 'node:crypto';

/**
 * BullMQ refuses ids with a colon and ids that are whole numbers, and Redis has them in many keys: a key of the caller's becomes a hash
 * of fixed length behind a letter, and a message without one gets a name that nobody else has.
 */
export function jobIdOf(key: string | undefined): string {
  return key === undefined ? `m_${randomUUID()}` : `k_${createHash('sha256').update(key, 'utf8').digest('base64url')}`;
}
