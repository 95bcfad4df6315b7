import { resolveBullOutbox, resolveBullWorker } from '../../src/bullmq/resolve-options.js';
import type { BullOutboxOptions, BullWorkerOptions } from '../../src/bullmq/options.js';
import { thrownBy } from '../support/thrown.js';

const connection = 'redis://localhost:6379';
const mailer = { send: () => Promise.reject(new Error('not used')) };

describe('the options of an outbox', () => {
  it('have defaults', () => {
    expect(resolveBullOutbox({ connection })).toMatchObject({
      connection: { url: connection },
      withClient: false,
      queue: 'mail',
      prefix: 'bull',
      blobs: undefined,
      inlineBytes: 65_536,
      retentionMs: 604_800_000,
      outbox: { expiresAfterMs: 432_000_000, maxMessageBytes: 52_428_800 },
    });
  });

  it('know a client from options', () => {
    const client = { duplicate: () => undefined, connect: () => undefined, disconnect: () => undefined };
    expect(resolveBullOutbox({ connection: client })).toMatchObject({ connection: client, withClient: true });
    expect(resolveBullOutbox({ connection: { host: 'redis.example' } })).toMatchObject({ withClient: false });
    expect(resolveBullOutbox({ connection: 'rediss://redis.example' }).connection).toEqual({
      url: 'rediss://redis.example',
    });
  });

  it.each<[string, unknown]>([
    ['connection', { connection: undefined }],
    ['connection', { connection: 'localhost:6379' }],
    ['connection', { connection: null }],
    ['queue', { queue: '' }],
    ['queue', { queue: 'a:b' }],
    ['inlineBytes', { inlineBytes: -1 }],
    ['retentionMs', { retentionMs: NaN }],
    ['expiresAfterMs', { expiresAfterMs: 0 }],
    ['maxMessageBytes', { maxMessageBytes: 0 }],
  ])('refuse what cannot be meant: %s, %j', (name, change) => {
    const error = thrownBy(() => resolveBullOutbox({ connection, ...(change as Partial<BullOutboxOptions>) }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) as unknown });
  });
});

describe('the options of a worker', () => {
  it('have defaults', () => {
    const resolved = resolveBullWorker({ connection, mailer });
    expect(resolved).toMatchObject({
      // What the server said is written down however long Redis is away.
      connection: { url: connection, maxRetriesPerRequest: null },
      onUnknown: 'hold',
      concurrency: 5,
      throttleMs: 60_000,
      lockDurationMs: 30_000,
      stalledIntervalMs: 30_000,
      maxStalledCount: 10,
      sweepMs: 600_000,
    });
    // BullMQ looks at its limiter only where there is one.
    expect(resolved.limiter.max).toBeGreaterThan(1_000_000);
    for (const [attempt, wantedMs] of [
      [1, 60_000],
      [2, 120_000],
      [30, 14_400_000],
    ] as const) {
      const waitMs = resolved.backoffMs(attempt);
      expect(waitMs).toBeGreaterThanOrEqual(0.8 * wantedMs);
      expect(waitMs).toBeLessThanOrEqual(1.2 * wantedMs);
    }
  });

  it('leave to the caller how often a request is tried', () => {
    const given = { host: 'redis.example', maxRetriesPerRequest: 3 };
    expect(resolveBullWorker({ connection: given, mailer }).connection).toEqual(given);
  });

  it('hold a back-off to be a time', () => {
    const { backoffMs } = resolveBullWorker({ connection, mailer, backoffMs: () => NaN });
    expect(thrownBy(() => backoffMs(1))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it.each<[string, unknown]>([
    ['mailer', { mailer: undefined }],
    ['mailer', { mailer: {} }],
    ['onUnknown', { onUnknown: 'never' }],
    ['onUnknown', { mailer: { ...mailer, retry: { onUnknown: 'retry' } } }],
    ['concurrency', { concurrency: 0 }],
    ['throttleMs', { throttleMs: 0 }],
    ['lockDurationMs', { lockDurationMs: 10 }],
    ['stalledIntervalMs', { stalledIntervalMs: 0 }],
    ['maxStalledCount', { maxStalledCount: 1.5 }],
    ['sweepMs', { sweepMs: 0 }],
    ['openTimeoutMs', { openTimeoutMs: 0 }],
    ['connection', { connection: 7 }],
  ])('refuse what cannot be meant: %s, %j', (name, change) => {
    const error = thrownBy(() => resolveBullWorker({ connection, mailer, ...(change as Partial<BullWorkerOptions>) }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) as unknown });
  });
});
