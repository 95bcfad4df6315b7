/** Records for tests: complete, and with as little said as possible. */
import type { OutboxAddition, OutboxOwner, OutboxRecord } from '../../src/outbox/store.js';

export function recordOf(id: string, more: Partial<OutboxRecord> = {}): OutboxRecord {
  return {
    id,
    version: 1,
    state: 'queued',
    priority: 0,
    envelope: { from: 'a@example.org', to: ['b@example.net'] },
    sizeBytes: 3,
    recipients: [{ address: 'b@example.net', status: 'pending' }],
    attempts: 0,
    enqueuedAtMs: 1_000,
    expiresAtMs: 1_000_000,
    nextAttemptAtMs: 1_000,
    contentHash: 'hash',
    identity: 'identity',
    parameters: {},
    ...more,
  };
}

export function additionOf(id: string, more: Partial<OutboxRecord> = {}): OutboxAddition {
  return { record: recordOf(id, more), content: Buffer.from(`content of ${id}`) };
}

export function ownerOf(id: string, beat = 1): OutboxOwner {
  return { id, beat, host: 'host', pid: 1 };
}
