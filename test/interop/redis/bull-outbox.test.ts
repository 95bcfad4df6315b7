/** What an outbox on BullMQ does beside what every outbox does, on a real Redis. */
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { Queue } from 'bullmq';
import {
  BullOutbox,
  createWorker,
  FileBlobStore,
  jobIdOf,
  type BullOutboxOptions,
  type BullWorkerOptions,
  type OutboxWorker,
} from '../../../src/bullmq/index.js';
import { Mailer } from '../../../src/index.js';
import type { OutboxEvents } from '../../../src/outbox/index.js';
import { ScriptedServer, type Behaviour } from '../../../src/testing/index.js';
import { rejectionOf } from '../../support/rejection.js';
import { waitFor } from '../wait-for.js';
import { Deferred } from './deferred.js';
import { until } from './next-event.js';
import { RedisClient } from './redis-client.js';
import { RedisServer } from './redis-server.js';

const LETTER = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Order 17', text: 'It is on its way.' };

let redis: RedisServer;
let queues = 0;

beforeAll(async () => {
  redis = await RedisServer.start({ appendfsync: 'always' });
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

class World implements AsyncDisposable {
  readonly name: string;
  readonly server: ScriptedServer;
  readonly outbox: BullOutbox;
  readonly events: OutboxEvents;
  readonly client: RedisClient;
  /** BullMQ's own view. */
  readonly queue: Queue;
  readonly mailer: Mailer;
  readonly #options: Partial<BullOutboxOptions>;
  readonly #workers: OutboxWorker[] = [];

  private constructor(
    name: string,
    server: ScriptedServer,
    outbox: BullOutbox,
    client: RedisClient,
    options: Partial<BullOutboxOptions>,
  ) {
    this.name = name;
    this.server = server;
    this.outbox = outbox;
    this.events = outbox.events();
    this.client = client;
    this.queue = new Queue(name, { connection: { url: redis.url } });
    this.mailer = new Mailer(server.url);
    this.#options = options;
  }

  static async open(on: Behaviour['on'] = {}, options: Partial<BullOutboxOptions> = {}): Promise<World> {
    queues += 1;
    const queue = `mail-${String(queues)}`;
    const server = await ScriptedServer.start({ behave: { on } }, { timeoutMs: 60_000 });
    const outbox = await BullOutbox.open({ connection: redis.url, queue, ...options });
    return new World(queue, server, outbox, await RedisClient.connect(redis.port), options);
  }

  async worker(options: Partial<BullWorkerOptions> = {}): Promise<OutboxWorker> {
    const { blobs, retentionMs } = this.#options;
    const worker = await createWorker({
      mailer: this.mailer,
      connection: redis.url,
      queue: this.name,
      backoffMs: () => 0,
      ...(blobs && { blobs }),
      ...(retentionMs !== undefined && { retentionMs }),
      ...options,
    });
    this.#workers.push(worker);
    return worker;
  }

  key(id: string): string {
    return `bull:${this.name}:${id}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker.close({ drain: false });
    await this.outbox.close();
    await this.queue.close();
    await this.client[Symbol.asyncDispose]();
    await this.mailer.close({ drain: false });
    await this.server[Symbol.asyncDispose]();
  }
}

/** The codes of the warnings that the work makes. */
async function warningsOf(work: () => Promise<unknown>): Promise<readonly unknown[]> {
  const codes: unknown[] = [];
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation((_message, options) => {
    codes.push(typeof options === 'object' && 'code' in options ? options.code : options);
  });
  const quiet = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    await work();
    return codes;
  } finally {
    spy.mockRestore();
    quiet.mockRestore();
  }
}

describe('opening', () => {
  async function openOn(settings: Parameters<typeof RedisServer.start>[0]): Promise<readonly unknown[]> {
    await using server = await RedisServer.start(settings);
    return await warningsOf(async () => {
      await (await BullOutbox.open({ connection: server.url })).close();
    });
  }

  it('warns of nothing where Redis writes each change to its disk', async () => {
    expect(await openOn({ appendonly: 'yes', appendfsync: 'always', maxmemoryPolicy: 'noeviction' })).toEqual([]);
  });

  it('warns of what can lose mail', async () => {
    expect(await openOn({ appendfsync: 'everysec' })).toEqual(['WARN_REDIS_APPENDFSYNC']);
    expect(await openOn({ appendonly: 'no', maxmemoryPolicy: 'allkeys-lru' })).toEqual([
      'WARN_REDIS_APPENDONLY',
      'WARN_REDIS_EVICTION',
    ]);
  });

  it('says that it cannot know, where CONFIG is forbidden', async () => {
    expect(await openOn({ words: ['--rename-command', 'CONFIG', ''] })).toEqual(['WARN_REDIS_SETTINGS_UNKNOWN']);
  });

  it('takes a client, and leaves it open', async () => {
    await using w = await World.open();
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    try {
      const outbox = await BullOutbox.open({ connection, queue: w.name });
      await outbox.enqueue(LETTER);
      const worker = await createWorker({ connection, queue: w.name, mailer: w.mailer });
      await until(w.events, 'sent');
      await worker.close();
      await outbox.close();
      expect(await connection.ping()).toBe('PONG');
    } finally {
      await connection.quit();
    }
  });

  it('is over with close()', async () => {
    await using w = await World.open();
    await w.outbox.close();
    for (const call of [() => w.outbox.enqueue(LETTER), () => w.outbox.get('x'), () => w.outbox.counts()]) {
      expect(await rejectionOf(call())).toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
    }
    expect(await w.events.next()).toEqual({ done: true, value: undefined });
  });
});

describe('in BullMQ', () => {
  it('a message is one job of its key, in the order of its priority, kept for as long as it was said', async () => {
    await using w = await World.open({}, { retentionMs: 90_000 });
    const { id } = await w.outbox.enqueue(LETTER, { key: 'order:17', priority: 7 });
    expect(id).toBe(jobIdOf('order:17'));
    const job = await w.queue.getJob(id);
    expect(job?.opts).toMatchObject({ priority: 94, removeOnComplete: { age: 90 }, removeOnFail: false });
    await Promise.all(Array.from({ length: 20 }, () => w.outbox.enqueue(LETTER, { key: 'order:17' })));
    expect(await w.queue.getJobCounts('prioritized', 'wait')).toEqual({ prioritized: 1, wait: 0 });
  });

  it('a refusal for good is a failed job that is not tried again, one for now is delayed, and what was sent is completed', async () => {
    const on = {
      'RCPT:<bob@example.org>': '550 5.1.1 no such user',
      'RCPT:<eve@example.org>': '450 4.2.0 later',
    } as const;
    await using w = await World.open(on);
    const refused = await w.outbox.enqueue(LETTER);
    const later = await w.outbox.enqueue({ ...LETTER, to: 'eve@example.org' });
    const sent = await w.outbox.enqueue({ ...LETTER, to: 'dan@example.org' });
    await w.worker({ backoffMs: () => 3_600_000 });
    await waitFor('all to be tried', async () => {
      const { completed, failed, delayed } = await w.queue.getJobCounts('completed', 'failed', 'delayed');
      return completed === 1 && failed === 1 && delayed === 1;
    });
    const failed = await w.queue.getJob(refused.id);
    expect(await failed?.getState()).toBe('failed');
    expect(failed?.failedReason).toBe(
      'failed: the server refused every recipient: <bob@example.org> 550 5.1.1 no such user',
    );
    const delayed = await w.queue.getJob(later.id);
    expect(await delayed?.getState()).toBe('delayed');
    expect(delayed?.delay).toBeGreaterThan(3_590_000);
    const completed = await w.queue.getJob(sent.id);
    expect(completed?.returnvalue).toEqual({ state: 'sent' });
    expect(completed?.progress).toMatchObject({ state: 'sent', recipients: [{ status: 'accepted' }] });
  });

  it('a server that gets too much makes the whole queue rest, and the message is the first behind it', async () => {
    const replies = ['450 4.7.1 Error: too much mail from 127.0.0.1'];
    await using w = await World.open({ MAIL: () => replies.shift() });
    const entries = await w.outbox.enqueueAll(['a', 'b', 'c'].map((subject) => ({ message: { ...LETTER, subject } })));
    const told: string[] = [];
    const worker = await w.worker({
      concurrency: 1,
      throttleMs: 3_600_000,
      onError: ({ message }) => told.push(message),
    });
    expect(await until(w.events, 'deferred')).toMatchObject({ id: entries[0]?.id, attempts: 1 });
    await waitFor('the queue to rest', async () => (await w.queue.getRateLimitTtl()) > 3_590_000);
    await waitFor('the job to be put back', async () => (await w.outbox.counts()).sending === 0);
    expect(await w.outbox.counts()).toMatchObject({ queued: 2, deferred: 1 });
    expect(told).toEqual([expect.stringContaining('slower pace')]);
    await worker.close();
    await w.queue.removeRateLimitKey();
    await w.worker({ concurrency: 1 });
    await waitFor('all to be sent', async () => (await w.outbox.counts()).sent === 3);
    const sent = w.server.messages.map(({ content }) => /^Subject: (.*)\r$/m.exec(content.toString())?.[1]);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('a job that is cancelled there is broken off, and tried again', async () => {
    const reached = new Deferred<undefined>();
    let times = 0;
    const hold = (): Promise<string> | undefined => {
      times += 1;
      reached.resolve(undefined);
      return times === 1 ? new Promise(() => undefined) : undefined;
    };
    await using w = await World.open({ DATA: hold });
    const { id } = await w.outbox.enqueue(LETTER);
    const { worker } = await w.worker();
    await reached.promise;
    worker.cancelJob(id, 'enough');
    expect(await until(w.events, 'deferred')).toMatchObject({ failure: { code: 'ERR_ABORTED', delivery: 'not-sent' } });
    expect(await until(w.events, 'sent')).toMatchObject({ id, attempts: 2 });
  });

  it('the signal ends the worker, and what it had in hand goes back', async () => {
    const reached = new Deferred<undefined>();
    const hold = (): Promise<string> => {
      reached.resolve(undefined);
      return new Promise(() => undefined);
    };
    await using w = await World.open({ DATA: hold });
    await w.outbox.enqueue(LETTER);
    const controller = new AbortController();
    const { worker } = await w.worker({ signal: controller.signal });
    await reached.promise;
    controller.abort();
    expect(await until(w.events, 'deferred')).toMatchObject({ attempts: 1, failure: { code: 'ERR_ABORTED' } });
    await waitFor('the worker to close', () => Promise.resolve(worker.closing !== undefined && !worker.isRunning()));
    expect(await w.outbox.counts()).toMatchObject({ deferred: 1 });
  });

  it('a job of somebody else is quarantined, and the others go on', async () => {
    await using w = await World.open();
    await w.queue.add('welcome', { to: 'bob@example.org' }, { jobId: 'other' });
    const { id } = await w.outbox.enqueue(LETTER);
    await w.worker();
    expect(await w.events.next()).toMatchObject({ value: { type: 'queued', entry: { id } } });
    await until(w.events, 'sent');
    await waitFor('the other to fail', async () => (await w.queue.getJobCounts('failed'))['failed'] === 1);
    expect(await w.outbox.get('other')).toMatchObject({
      state: 'quarantined',
      failure: { code: 'ERR_OUTBOX_CORRUPT' },
    });
    expect(await rejectionOf(w.outbox.retryNow('other'))).toMatchObject({ code: 'ERR_OUTBOX_STATE' });
  });

  it('a content that was changed is not sent', async () => {
    await using w = await World.open();
    const { id } = await w.outbox.enqueue(LETTER);
    const data = String(await w.client.command('HGET', w.key(id), 'data'));
    await w.client.command('HSET', w.key(id), 'data', data.replace('on its way', 'not coming'));
    await w.worker();
    expect(await w.events.next()).toMatchObject({ value: { type: 'queued' } });
    const reason = 'its content is not what was enqueued: the hashes differ';
    expect(await w.events.next()).toMatchObject({ value: { type: 'quarantined', id, reason } });
    expect(w.server.messages).toEqual([]);
    expect(await w.outbox.counts()).toMatchObject({ quarantined: 1 });
  });

  it('Redis without room refuses a message, and keeps the others', async () => {
    await using small = await RedisServer.start({ words: ['--maxmemory', '3mb'] });
    await using outbox = await BullOutbox.open({ connection: small.url });
    const text = 'x'.repeat(60_000);
    let error: unknown;
    let taken = 0;
    for (; error === undefined && taken < 200; taken += 1) {
      await outbox.enqueue({ ...LETTER, text }).catch((reason: unknown) => (error = reason));
    }
    expect(error).toMatchObject({ name: 'OutboxError', code: 'ERR_OUTBOX_FULL', retryable: true });
    expect((await outbox.counts()).queued).toBe(taken - 1);
  });
});

describe('what is kept', () => {
  it('is not the content, once everybody has it', async () => {
    await using w = await World.open({ 'RCPT:<eve@example.org>': '550 5.1.1 no' });
    const { id } = await w.outbox.enqueue(LETTER, { key: 'order-17' });
    const partial = await w.outbox.enqueue({ ...LETTER, to: ['bob@example.org', 'eve@example.org'] });
    const before = Number(await w.client.command('HSTRLEN', w.key(id), 'data'));
    await w.worker({ concurrency: 1 });
    await until(w.events, 'partial');
    expect(await w.outbox.content(id)).toBeUndefined();
    expect(Number(await w.client.command('HSTRLEN', w.key(id), 'data'))).toBeLessThan(before - 150);
    // The key still stands for it, and what may be sent again is there.
    expect(await w.outbox.enqueue(LETTER, { key: 'order-17' })).toMatchObject({ id, state: 'sent' });
    expect(await w.outbox.content(partial.id)).toBeDefined();
  });

  it('a key is free again when its entry was kept long enough', async () => {
    await using w = await World.open({}, { retentionMs: 20 });
    const { id } = await w.outbox.enqueue(LETTER, { key: 'order-17' });
    await w.worker();
    await until(w.events, 'sent');
    await waitFor('the time that it is kept', async () => {
      const { finishedAtMs = Infinity } = (await w.outbox.get(id)) ?? { finishedAtMs: 0 };
      return finishedAtMs + 20 < Date.now();
    });
    const again = await w.outbox.enqueue({ ...LETTER, text: 'Another one.' }, { key: 'order-17' });
    expect(again).toMatchObject({ id, state: 'queued', attempts: 0 });
    await until(w.events, 'sent');
    expect(w.server.messages).toHaveLength(2);
  });

  it('a sweep deletes what failed, and keeps what is unknown', async () => {
    const on = { 'RCPT:<bob@example.org>': '550 5.1.1 no', final: '(close)' } as const;
    await using w = await World.open(on, { retentionMs: 1 });
    const failed = await w.outbox.enqueue(LETTER);
    const unknown = await w.outbox.enqueue({ ...LETTER, to: 'eve@example.org' });
    await w.worker();
    await waitFor('both to end', async () => (await w.queue.getJobCounts('failed'))['failed'] === 2);
    await waitFor('the sweep to find one', async () => (await w.outbox.sweep()).jobs === 1);
    expect(await w.outbox.get(failed.id)).toBeUndefined();
    expect(await w.outbox.get(unknown.id)).toMatchObject({ state: 'unknown' });
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 0 });
  });
});

describe('a content above the limit', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthaste-blobs-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function files(): Promise<readonly string[]> {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  async function age(): Promise<void> {
    const longAgo = new Date(Date.now() - 7_200_000);
    for (const path of await files()) await utimes(path, longAgo, longAgo);
  }

  const LARGE = { ...LETTER, text: 'x'.repeat(70_000) };

  it('is refused where it has no place', async () => {
    await using w = await World.open();
    expect(await rejectionOf(w.outbox.enqueue(LARGE))).toMatchObject({
      code: 'ERR_MESSAGE_TOO_LARGE',
      limitBytes: 65_536,
      hint: expect.stringContaining('FileBlobStore') as unknown,
    });
  });

  it('is kept in the blob store, out of Redis, and sent to the octet', async () => {
    await using w = await World.open({}, { blobs: new FileBlobStore(folder) });
    const { id } = await w.outbox.enqueue(LARGE);
    const small = await w.outbox.enqueue(LETTER);
    expect(await files()).toHaveLength(1);
    expect(Number(await w.client.command('MEMORY', 'USAGE', w.key(id)))).toBeLessThan(4_000);
    const content = await w.outbox.content(id);
    await w.worker({ concurrency: 1 });
    await until(w.events, 'sent');
    expect(await until(w.events, 'sent')).toMatchObject({ id: small.id });
    expect(w.server.messages[0]?.content).toEqual(Buffer.from(content ?? []));
  });

  it('goes when its job is gone, and not before', async () => {
    await using w = await World.open({}, { blobs: new FileBlobStore(folder) });
    const { id } = await w.outbox.enqueue(LARGE, { key: 'order-17' });
    // A second copy of the same message leaves nothing behind.
    expect(await w.outbox.enqueue(LARGE, { key: 'order-17' })).toMatchObject({ id });
    expect(await files()).toHaveLength(1);
    await age();
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 0 });
    await w.worker();
    await until(w.events, 'sent');
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 0 });
    await waitFor('the job to be deleted', async () => (await w.outbox.purge()) === 1);
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 1 });
    expect(await files()).toEqual([]);
  });

  it('that is younger than an hour is left alone: its job may be on its way', async () => {
    await using w = await World.open({}, { blobs: new FileBlobStore(folder) });
    const { id } = await w.outbox.enqueue(LARGE);
    await w.queue.remove(id);
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 0 });
    await age();
    expect(await w.outbox.sweep()).toEqual({ jobs: 0, blobs: 1 });
  });

  it('that was changed is not sent', async () => {
    await using w = await World.open({}, { blobs: new FileBlobStore(folder) });
    const { id } = await w.outbox.enqueue(LARGE);
    const [path = ''] = await files();
    await writeFile(path, 'something else');
    await w.worker();
    await waitFor('the entry to be quarantined', async () => (await w.outbox.get(id))?.state === 'quarantined');
    expect(w.server.messages).toEqual([]);
  });

  it('that cannot be read for now is waited for', async () => {
    const blobs = new FileBlobStore(folder);
    let isAway = true;
    const flaky = {
      put: (id: string, content: Uint8Array) => blobs.put(id, content),
      get: (id: string) => (isAway ? Promise.reject(new Error('the share is away')) : blobs.get(id)),
      delete: (id: string) => blobs.delete(id),
      list: (options: { olderThanMs: number }) => blobs.list(options),
    };
    await using w = await World.open({}, { blobs: flaky });
    const { id } = await w.outbox.enqueue(LARGE);
    await w.worker();
    expect(await until(w.events, 'deferred')).toMatchObject({ id, failure: { message: 'the share is away' } });
    isAway = false;
    const { attempts, failure } = await until(w.events, 'sent');
    expect(attempts).toBeGreaterThan(1);
    expect(failure).toBeUndefined();
    expect(await w.outbox.get(id)).toMatchObject({ state: 'sent' });
  });
});
