import fc from 'fast-check';
import { contentOf } from '../../src/bullmq/job-content.js';
import {
  contentToStore,
  dataOf,
  progressOf,
  readHead,
  readJob,
  withoutContent,
  type JobData,
} from '../../src/bullmq/job-record.js';
import type { OutboxRecord } from '../../src/outbox/index.js';

const TICKET = '0123456789abcdef0123456789abcdef';

const record: OutboxRecord = {
  id: 'k_x',
  version: 1,
  key: 'order-17',
  state: 'queued',
  priority: 3,
  envelope: { from: 'ann@example.org', to: ['bob@example.org', 'eve@example.org'] },
  messageId: '<1@example.org>',
  subject: 'Order 17',
  sizeBytes: 3,
  recipients: [
    { address: 'bob@example.org', status: 'pending' },
    { address: 'eve@example.org', status: 'pending' },
  ],
  attempts: 0,
  enqueuedAtMs: 1_000,
  expiresAtMs: 9_000,
  nextAttemptAtMs: 2_000,
  contentHash: 'c'.repeat(64),
  identity: 'a'.repeat(64),
  parameters: { requireTls: true },
};

const reply = { code: 450, enhancedCode: '4.2.0', lines: ['4.2.0 later'], text: '4.2.0 later' };

const later: OutboxRecord = {
  ...record,
  version: 4,
  state: 'deferred',
  recipients: [
    { address: 'bob@example.org', status: 'accepted' },
    { address: 'eve@example.org', status: 'pending', reply },
  ],
  attempts: 1,
  nextAttemptAtMs: 5_000,
  attemptedAtMs: 3_000,
  finishedAtMs: 4_000,
  failure: { code: 'ERR_DATA', message: 'no', delivery: 'refused', stage: 'final', reply },
  departed: [0, 1],
};

/** What Redis gives back. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const data = stored(dataOf(record, { utf8: 'abc' }, TICKET));

describe('a record', () => {
  it('is read from a job as it was written, new and later', () => {
    expect(readJob('k_x', data, 0)).toEqual({ record, data });
    expect(readJob('k_x', data, stored(progressOf(later)))).toEqual({ record: later, data });
    // What never changes is written once.
    expect(stored(dataOf(later, { utf8: 'abc' }, TICKET)).fixed).toEqual(data.fixed);
  });

  it('has no owner there: BullMQ has locks', () => {
    expect(
      JSON.stringify([dataOf({ ...later, owner: 'me' }, { utf8: '' }, TICKET), progressOf({ ...later, owner: 'me' })]),
    ).not.toContain('"owner"');
  });

  it('says whose it is at the front, before anything that a caller has chosen', () => {
    const text = JSON.stringify(dataOf(record, { utf8: 'x'.repeat(1_000) }, TICKET));
    expect(readHead(text.slice(0, 300))).toEqual({ identity: record.identity, ticket: TICKET });
    for (const other of ['', '{}', `{"v":2${text.slice(6)}`, text.slice(1)]) expect(readHead(other)).toBeUndefined();
  });
});

describe('a job that was not written so is damaged', () => {
  const { fixed } = data;
  it.each<[string, unknown, unknown, string]>([
    ['no object', 'text', 0, 'not written by posthaste'],
    ['another version', { ...data, v: 2 }, 0, 'not written by posthaste'],
    ['another id', { ...data, fixed: { ...fixed, id: 'k_y' } }, 0, 'names another job'],
    ['no envelope', { ...data, fixed: { ...fixed, envelope: undefined } }, 0, 'lacks fields'],
    ['recipients that are none', { ...data, fixed: { ...fixed, envelope: { from: '', to: [7] } } }, 0, 'lacks fields'],
    ['no hash', { ...data, fixed: { ...fixed, contentHash: undefined } }, 0, 'lacks fields'],
    ['no size', { ...data, fixed: { ...fixed, sizeBytes: '3' } }, 0, 'lacks fields'],
    ['no identity', { ...data, identity: undefined }, 0, 'lacks fields'],
    ['no expiry', { ...data, expiresAtMs: undefined }, 0, 'lacks fields'],
    ['no content', { ...data, content: {} }, 0, 'no content'],
    ['progress of somebody else', data, 50, 'progress was not written'],
    ['a state that there is not', data, { ...progressOf(later), state: 'lost' }, 'progress was not written'],
    [
      'a recipient too few',
      data,
      { ...progressOf(later), recipients: later.recipients.slice(1) },
      'progress was not written',
    ],
    [
      'a status that there is not',
      data,
      { ...progressOf(later), recipients: [{ address: 'x', status: 'y' }, {}] },
      'progress was not written',
    ],
    ['a number that is none', data, { ...progressOf(later), attempts: '1' }, 'progress was not written'],
    ['marks that are none', data, { ...progressOf(later), departed: ['0'] }, 'progress was not written'],
  ])('%s', (_, value, progress, words) => {
    expect(readJob('k_x', value, progress)).toEqual({ damage: expect.stringContaining(words) as unknown });
  });

  it('and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, progress) => {
        readJob('k_x', value, progress);
        readJob('k_x', { ...(data as object), ...(value as Partial<JobData>) }, progress);
      }),
    );
  });
});

describe('a content', () => {
  it('is text where it is UTF-8, and base64 where it is not', () => {
    expect(contentToStore(Buffer.from('Grüße'))).toEqual({ utf8: 'Grüße' });
    expect(contentToStore(Uint8Array.of(0xff, 0x00))).toEqual({ base64: '/wA=' });
  });

  it('goes out of Redis when everybody has it, and its job can still be read', async () => {
    const kept = withoutContent(data);
    expect(kept).toEqual({ ...data, content: { dropped: true } });
    expect(readHead(JSON.stringify(kept).slice(0, 300))).toEqual({ identity: record.identity, ticket: TICKET });
    expect(readJob('k_x', kept, 0)).toEqual({ record, data: kept });
    expect(await contentOf({ dropped: true }, undefined)).toBeUndefined();
    // What is kept elsewhere takes no room here.
    expect(withoutContent({ ...data, content: { blob: 'x' } })).toBeUndefined();
    expect(withoutContent({ ...data, content: { dropped: true } })).toBeUndefined();
  });

  it('comes back to the octet', async () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(octets, async (content) => {
        expect(Buffer.from((await contentOf(stored(contentToStore(content)), undefined)) ?? [])).toEqual(
          Buffer.from(content),
        );
      }),
    );
  });
});
