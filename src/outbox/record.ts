/** Steps that a record takes: every one gives a new record with the next version, and none changes one. Pure. */
import type { OutboxEntry, OutboxFailure, OutboxRecipient, OutboxState } from './entry.js';
import type { OutboxRecord } from './store.js';

/** What of a record changes with a step. `undefined` takes a field away. */
export interface RecordChange {
  readonly state: OutboxState;
  readonly recipients?: readonly OutboxRecipient[];
  readonly attempts?: number;
  readonly expiresAtMs?: number;
  readonly nextAttemptAtMs?: number | undefined;
  readonly attemptedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly failure?: OutboxFailure | undefined;
  readonly owner?: string | undefined;
  readonly departed?: readonly number[] | undefined;
}

/** The next version of a record. */
export function changed(record: OutboxRecord, change: RecordChange): OutboxRecord {
  const next: Record<string, unknown> = { ...record, ...change, version: record.version + 1 };
  for (const [name, value] of Object.entries(next)) {
    if (value === undefined) Reflect.deleteProperty(next, name);
  }
  return next as unknown as OutboxRecord;
}

const INTERNAL = ['version', 'contentHash', 'identity', 'parameters', 'owner', 'departed'] as const;

/** What callers see of it. */
export function entryOf(record: OutboxRecord): OutboxEntry {
  const entry: Partial<OutboxRecord> = { ...record };
  for (const name of INTERNAL) Reflect.deleteProperty(entry, name);
  return entry as OutboxEntry;
}

/** What the claim of an entry makes of it. */
export function claimed(record: OutboxRecord, ownerId: string): OutboxRecord {
  return changed(record, {
    state: 'sending',
    owner: ownerId,
    attempts: record.attempts + 1,
    nextAttemptAtMs: undefined,
    departed: undefined,
  });
}

export function isWaiting({ state }: Pick<OutboxEntry, 'state'>): boolean {
  return state === 'queued' || state === 'deferred';
}

/** Where an entry stands of whose recipients none is to be tried any more. */
export function finalState(recipients: readonly OutboxRecipient[]): 'sent' | 'partial' | 'failed' | 'unknown' {
  if (recipients.some(({ status }) => status === 'unknown')) return 'unknown';
  const accepted = recipients.filter(({ status }) => status === 'accepted').length;
  if (accepted === recipients.length) return 'sent';
  return accepted === 0 ? 'failed' : 'partial';
}

/** An entry of which nothing but the id can be told, and why. */
export function damagedRecord(id: string, reason: string, version = 0): OutboxRecord {
  return {
    id,
    version,
    state: 'quarantined',
    priority: 0,
    envelope: { from: '', to: [] },
    sizeBytes: 0,
    recipients: [],
    attempts: 0,
    enqueuedAtMs: 0,
    expiresAtMs: 0,
    failure: { code: 'ERR_OUTBOX_CORRUPT', message: reason, delivery: 'unknown' },
    contentHash: '',
    identity: '',
    parameters: {},
  };
}
