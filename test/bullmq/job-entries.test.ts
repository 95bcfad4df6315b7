import { entryOfJob, foundJob, stateOf } from '../../src/bullmq/job-entries.js';
import { dataOf, progressOf } from '../../src/bullmq/job-record.js';
import type { Job } from '../../src/bullmq/load-bullmq.js';
import type { OutboxRecord } from '../../src/outbox/index.js';

const record: OutboxRecord = {
  id: 'k_x',
  version: 2,
  state: 'deferred',
  priority: 0,
  envelope: { from: 'ann@example.org', to: ['bob@example.org'] },
  sizeBytes: 3,
  recipients: [{ address: 'bob@example.org', status: 'pending' }],
  attempts: 1,
  enqueuedAtMs: 1_000,
  expiresAtMs: 9_000,
  nextAttemptAtMs: 2_000,
  contentHash: 'c'.repeat(64),
  identity: 'a'.repeat(64),
  parameters: {},
};

function jobOf(of: OutboxRecord, more: Partial<Job> = {}): Job {
  return { id: of.id, data: dataOf(of, { utf8: 'abc' }, ''), progress: progressOf(of), ...more } as unknown as Job;
}

describe('the state of an entry', () => {
  it.each([
    ['waiting', 'queued', false, 'queued'],
    ['prioritized', 'deferred', false, 'deferred'],
    ['delayed', 'deferred', false, 'deferred'],
    ['delayed', 'cancelled', false, 'cancelled'],
    ['active', 'queued', false, 'sending'],
    ['active', 'sending', true, 'sending'],
    ['active', 'sent', false, 'sent'],
    // Left by a worker that died, and not yet looked at by another one.
    ['prioritized', 'sending', true, 'sending'],
    ['completed', 'sent', false, 'sent'],
    ['failed', 'partial', false, 'partial'],
    ['failed', 'unknown', false, 'unknown'],
    // Given up by BullMQ: whether the content had left makes the difference.
    ['failed', 'queued', false, 'failed'],
    ['failed', 'sending', true, 'unknown'],
  ] as const)(
    'of a job that is %s with a record that is %s (departed: %s) is %s',
    (place, state, hasDeparted, wanted) => {
      expect(stateOf({ state, ...(hasDeparted && { departed: [0] }) }, place)).toBe(wanted);
    },
  );
});

describe('an entry', () => {
  it('is what the record says', () => {
    const entry = entryOfJob(foundJob(jobOf(record), 'delayed'));
    expect(entry).toMatchObject({ id: 'k_x', state: 'deferred', nextAttemptAtMs: 2_000, attempts: 1 });
    expect(Object.keys(entry)).not.toEqual(expect.arrayContaining(['contentHash']));
  });

  it('in hand has no next attempt', () => {
    const entry = entryOfJob(foundJob(jobOf(record), 'active'));
    expect(entry.state).toBe('sending');
    expect(entry).not.toHaveProperty('nextAttemptAtMs');
  });

  it('that BullMQ gave up says so, and when', () => {
    const job = jobOf(record, { failedReason: 'job stalled more than allowable limit', finishedOn: 7_000 });
    expect(entryOfJob(foundJob(job, 'failed'))).toMatchObject({
      state: 'failed',
      finishedAtMs: 7_000,
      failure: {
        code: 'ERR_OUTBOX_STALLED',
        message: expect.stringContaining('stalled more than') as unknown,
        delivery: 'not-sent',
      },
    });
  });

  it('of a job that cannot be read is quarantined', () => {
    const found = foundJob({ id: 'other', data: {}, progress: 0 } as unknown as Job, 'failed');
    expect(entryOfJob(found)).toMatchObject({
      id: 'other',
      state: 'quarantined',
      failure: { code: 'ERR_OUTBOX_CORRUPT' },
    });
    expect(found.content).toBeUndefined();
  });
});
