/** Workers that die, locks that are lost, and a Redis that goes away: nothing is lost, and nothing is sent twice that was to be sent at most once. */
import { Mailer } from '../../../src/index.js';
import { BullOutbox, createWorker, type BullWorkerOptions, type OutboxWorker } from '../../../src/bullmq/index.js';
import type { OutboxEvents } from '../../../src/outbox/index.js';
import { ScriptedServer, type Behaviour } from '../../../src/testing/index.js';
import { waitFor } from '../wait-for.js';
import { Deferred } from './deferred.js';
import { until } from './next-event.js';
import { RedisClient } from './redis-client.js';
import { RedisServer } from './redis-server.js';
import { WorkerProcesses, type WorkerProcess, type WorkerProcessOptions } from './worker-process.js';

const LETTER = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Order 17', text: 'It is on its way.' };
/** Short, so that the tests need not wait long for what is dead. */
const QUICK = { lockDurationMs: 600, stalledIntervalMs: 200, backoffMs: () => 0 };

let redis: RedisServer;
let processes: WorkerProcesses;
let queues = 0;

beforeAll(async () => {
  redis = await RedisServer.start();
  processes = new WorkerProcesses();
}, 120_000);

afterAll(async () => {
  processes[Symbol.dispose]();
  await redis[Symbol.asyncDispose]();
});

/** A moment of the session at which the server says nothing more until it is told to. */
class Hold {
  readonly #reached = new Deferred<undefined>();
  readonly #released = new Deferred<string | undefined>();
  #times = 0;

  /** Resolves when the session is there. */
  get reached(): Promise<undefined> {
    return this.#reached.promise;
  }

  /** Goes on with that answer, or the ordinary one. */
  release(answer?: string): void {
    this.#released.resolve(answer);
  }

  /** Holds the first time only. */
  readonly answer = (): Promise<string | undefined> | undefined => {
    this.#times += 1;
    if (this.#times > 1) return undefined;
    this.#reached.resolve(undefined);
    return this.#released.promise;
  };
}

class World implements AsyncDisposable {
  readonly queue: string;
  readonly server: ScriptedServer;
  readonly outbox: BullOutbox;
  readonly events: OutboxEvents;
  readonly #mailer: Mailer;
  readonly #workers: OutboxWorker[] = [];

  private constructor(queue: string, server: ScriptedServer, outbox: BullOutbox) {
    this.queue = queue;
    this.server = server;
    this.outbox = outbox;
    this.events = outbox.events();
    this.#mailer = new Mailer(server.url);
  }

  static async open(on: Behaviour['on'] = {}, on1: RedisServer = redis): Promise<World> {
    queues += 1;
    const queue = `mail-${String(queues)}`;
    const server = await ScriptedServer.start({ behave: { on } }, { timeoutMs: 60_000 });
    return new World(queue, server, await BullOutbox.open({ connection: on1.url, queue, onError: () => undefined }));
  }

  async worker(options: Partial<BullWorkerOptions> = {}, on1: RedisServer = redis): Promise<OutboxWorker> {
    const given = { ...QUICK, ...options };
    const common = { mailer: this.#mailer, connection: on1.url, queue: this.queue, onError: () => undefined };
    const worker = await createWorker({ ...common, ...given });
    this.#workers.push(worker);
    return worker;
  }

  /** A worker in a process of its own, which can be killed. */
  async process(options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    const { queue, server } = this;
    return await processes.start({ ...QUICK, connection: redis.url, queue, server: server.url, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker.close({ drain: false });
    await this.outbox.close();
    await this.#mailer.close({ drain: false });
    await this.server[Symbol.asyncDispose]();
  }
}

function subjectsOf(server: ScriptedServer): readonly string[] {
  return server.messages.map(({ content }) => content.toString('latin1'));
}

describe('a worker that is killed', () => {
  it('in front of the content: another one sends the message, once', async () => {
    const hold = new Hold();
    await using w = await World.open({ DATA: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    await using victim = await w.process();
    await hold.reached;
    expect(await w.outbox.get(id)).toMatchObject({ state: 'sending' });
    await victim.kill();
    hold.release();
    await w.worker();
    expect(await until(w.events, 'sent')).toMatchObject({ id });
    expect(w.server.messages.filter(({ outcome }) => outcome === 'queued')).toHaveLength(1);
  });

  it('behind the content, with hold: the message is held, and nobody sends it again', async () => {
    const hold = new Hold();
    await using w = await World.open({ final: hold.answer });
    const { id } = await w.outbox.enqueue({ ...LETTER, to: ['bob@example.org', 'eve@example.org'] });
    await using victim = await w.process({ onUnknown: 'hold' });
    await hold.reached;
    await victim.kill();
    await w.worker();
    const unknown = await until(w.events, 'unknown');
    expect(unknown).toMatchObject({
      id,
      recipients: [{ status: 'unknown' }, { status: 'unknown' }],
      failure: { code: 'ERR_OUTBOX_OWNER_DIED', delivery: 'unknown' },
    });
    hold.release('(close)');
    expect(subjectsOf(w.server)).toHaveLength(1);
    // And goes on when somebody says so.
    await w.outbox.retryNow(id);
    expect(await until(w.events, 'sent')).toMatchObject({ id });
    const [first, second] = subjectsOf(w.server);
    expect(second).toBe(first);
  });

  it('behind the content, with retry: the same octets are sent again', async () => {
    const hold = new Hold();
    await using w = await World.open({ final: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    await using victim = await w.process({ onUnknown: 'retry' });
    await hold.reached;
    await victim.kill();
    hold.release('(close)');
    await w.worker({ onUnknown: 'retry' });
    expect(await until(w.events, 'sent')).toMatchObject({ id });
    const [first, second, ...more] = subjectsOf(w.server);
    expect(second).toBe(first);
    expect(more).toEqual([]);
  });

  it('with many in hand: none is lost, and no more are unknown than it had in hand', async () => {
    const concurrency = 4;
    const count = 40;
    let finals = 0;
    let isDead = false;
    const enough = new Deferred<undefined>();
    const final = (): Promise<string> | undefined => {
      finals += 1;
      if (finals <= 10 || isDead) return undefined;
      if (finals === 10 + concurrency) enough.resolve(undefined);
      // Never answered: the process at the other end is dead by then.
      return new Promise(() => undefined);
    };
    await using w = await World.open({ final });
    await w.outbox.enqueueAll(
      Array.from({ length: count }, (_, index) => ({ message: { ...LETTER, subject: String(index) } })),
    );
    await using victim = await w.process({ concurrency });
    await enough.promise;
    await victim.kill();
    isDead = true;
    await w.worker();
    await waitFor('all to be sent or held', async () => {
      const { sent, unknown } = await w.outbox.counts();
      return sent + unknown === count;
    });
    const { sent, unknown } = await w.outbox.counts();
    expect(unknown).toBe(concurrency);
    const queued = w.server.messages
      .filter(({ outcome }) => outcome === 'queued')
      .map(({ content }) => content.toString('latin1'));
    expect(new Set(queued).size).toBe(sent);
    expect(queued).toHaveLength(sent);
  });

  it('more often than is allowed: the entry fails, says so, and can be tried again', async () => {
    const hold = new Hold();
    await using w = await World.open({ DATA: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    await using victim = await w.process();
    await hold.reached;
    await victim.kill();
    hold.release('(close)');
    await w.worker({ maxStalledCount: 0 });
    expect(await until(w.events, 'failed')).toMatchObject({
      id,
      failure: { code: 'ERR_OUTBOX_STALLED', delivery: 'not-sent' },
    });
    expect(await w.outbox.counts()).toMatchObject({ failed: 1, queued: 0 });
    await w.outbox.retryNow(id);
    expect(await until(w.events, 'sent')).toMatchObject({ id });
  });
});

describe('a lock', () => {
  it('that somebody else has in front of the content: nothing leaves', async () => {
    const hold = new Hold();
    await using w = await World.open({ DATA: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    await w.worker({ lockDurationMs: 60_000 });
    await hold.reached;
    await using client = await RedisClient.connect(redis.port);
    await client.command('SET', `bull:${w.queue}:${id}:lock`, 'of another worker');
    hold.release();
    await waitFor('the session to end', () => Promise.resolve(w.server.connections[0]?.ending !== 'open'));
    expect(w.server.messages.filter(({ outcome }) => outcome !== 'incomplete')).toEqual([]);
    await client.command('DEL', `bull:${w.queue}:${id}:lock`);
    expect(await until(w.events, 'sent')).toMatchObject({ id });
    expect(w.server.messages.filter(({ outcome }) => outcome === 'queued')).toHaveLength(1);
  });

  it('is renewed while a send takes longer than it lasts', async () => {
    const hold = new Hold();
    await using w = await World.open({ final: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    const first = await w.worker();
    await w.worker();
    await hold.reached;
    let renewals = 0;
    const renewed = new Deferred<undefined>();
    first.worker.on('locksRenewed', () => {
      renewals += 1;
      if (renewals === 5) renewed.resolve(undefined);
    });
    const others = w.outbox.events();
    // Five times 300 ms: the lock lasts 600, and the other worker looks for stalled jobs every 200.
    await Promise.race([renewed.promise, until(others, 'unknown')]);
    hold.release('250 2.0.0 ok');
    expect(await until(w.events, 'sent')).toMatchObject({ id, attempts: 1 });
    expect(w.server.messages).toHaveLength(1);
  });

  it('that is lost in the middle of a send breaks it off', async () => {
    const hold = new Hold();
    await using w = await World.open({ final: hold.answer });
    const { id } = await w.outbox.enqueue(LETTER);
    // Nobody else looks for stalled jobs: what is told comes from the worker that lost the lock.
    await w.worker({ stalledIntervalMs: 600_000 });
    await hold.reached;
    await using client = await RedisClient.connect(redis.port);
    await client.command('SET', `bull:${w.queue}:${id}:lock`, 'of another worker');
    expect(await until(w.events, 'unknown')).toMatchObject({
      id,
      failure: { code: 'ERR_ABORTED', delivery: 'unknown' },
    });
    expect(w.server.connections[0]?.ending).not.toBe('open');
  });
});

it('a worker whose lock was lost still says who has accepted', async () => {
  const hold = new Hold();
  await using w = await World.open({ final: hold.answer });
  const { id } = await w.outbox.enqueue(LETTER);
  // It renews its lock so seldom that it does not know that it was lost.
  await w.worker({ lockDurationMs: 60_000 });
  await hold.reached;
  await using client = await RedisClient.connect(redis.port);
  await client.command('DEL', `bull:${w.queue}:${id}:lock`);
  await w.worker();
  expect(await until(w.events, 'unknown')).toMatchObject({ id });
  hold.release('250 2.0.0 Ok: queued as 4F2');
  expect(await until(w.events, 'sent')).toMatchObject({ id, recipients: [{ status: 'accepted' }] });
  expect(await w.outbox.counts()).toMatchObject({ sent: 1, unknown: 0 });
  expect(w.server.messages).toHaveLength(1);
});

describe('Redis killed and started again', () => {
  it('in the middle of a send: the worker writes down what the server said when Redis is back', async () => {
    await using own = await RedisServer.start();
    const hold = new Hold();
    await using w = await World.open({ final: hold.answer }, own);
    const { id } = await w.outbox.enqueue(LETTER, { key: 'order-17' });
    await w.worker({ lockDurationMs: 30_000, stalledIntervalMs: 30_000 }, own);
    await hold.reached;
    await own.kill();
    hold.release('250 2.0.0 Ok: queued as 4F2');
    await own.begin();
    await waitFor('the entry to be sent', async () => (await w.outbox.get(id))?.state === 'sent');
    expect(await w.outbox.get(id)).toMatchObject({
      recipients: [{ status: 'accepted', reply: { text: '2.0.0 Ok: queued as 4F2' } }],
    });
    expect(w.server.messages).toHaveLength(1);
  });

  it('keeps all that enqueue() has resolved with', async () => {
    await using own = await RedisServer.start();
    await using w = await World.open({}, own);
    const acknowledged: string[] = [];
    const work = (async (): Promise<void> => {
      for (let number = 0; number < 300; number += 1) {
        const { id } = await w.outbox.enqueue({ ...LETTER, subject: String(number) });
        acknowledged.push(id);
      }
    })();
    work.catch(() => undefined);
    await waitFor('some to be enqueued', () => Promise.resolve(acknowledged.length >= 50));
    await own.kill();
    const before = [...acknowledged];
    await own.begin();
    await using again = await BullOutbox.open({ connection: own.url, queue: w.queue, onError: () => undefined });
    for (const id of before) expect(await again.get(id)).toMatchObject({ id, state: 'queued' });
    await work;
  });
});
