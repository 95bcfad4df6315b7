import { MemoryStore } from '../../src/outbox/memory-store.js';
import type { OutboxEvent } from '../../src/outbox/events.js';
import { openOutbox } from '../../src/outbox/outbox.js';
import { Owners } from '../../src/outbox/owners.js';
import { thisProcess } from '../../src/outbox/process-identity.js';
import type { OutboxRecord } from '../../src/outbox/store.js';
import { recovered, takeOver } from '../../src/outbox/take-over.js';
import { FakeEnvironment, settled } from './fake-environment.js';
import { FakeMailer } from './fake-mailer.js';
import { additionOf, ownerOf, recordOf } from './records.js';

const HOUR = 3_600_000;
const LETTER = { from: 'ann@example.org', to: 'bob@example.net', subject: 'Order 17', text: 'On its way.' };
/** As it was on this machine: no process has that number and that start. */
const DEAD = { ...thisProcess(), processStart: 'another', id: 'dead', beat: 1 };

describe('an entry whose owner died', () => {
  const inHand = (more: Partial<OutboxRecord> = {}): OutboxRecord =>
    recordOf('1', { state: 'sending', owner: 'dead', attempts: 1, ...more });

  it('without a mark was not sent, and is due at once', () => {
    const record = recovered(inHand(), 'hold', 5_000);
    expect(record).toMatchObject({ state: 'deferred', nextAttemptAtMs: 5_000, failure: { delivery: 'not-sent' } });
    expect(record).not.toHaveProperty('owner');
  });

  it("with a mark is held, or with 'retry' due at once", () => {
    const marked = inHand({ departed: [0] });
    expect(recovered(marked, 'hold', 5_000)).toMatchObject({ state: 'unknown', recipients: [{ status: 'unknown' }] });
    expect(recovered(marked, 'retry', 5_000)).toMatchObject({ state: 'deferred', recipients: [{ status: 'pending' }] });
  });

  it('with a mark for some goes on with the others', () => {
    const recipients = ['accepted', 'pending', 'pending'].map((status) => ({ address: 'x', status }) as { address: string; status: 'pending' | 'accepted' }); // prettier-ignore
    const record = recovered(inHand({ recipients, departed: [1] }), 'hold', 5_000);
    expect(record.recipients.map(({ status }) => status)).toEqual(['accepted', 'unknown', 'pending']);
    expect(record).toMatchObject({ state: 'deferred', failure: { delivery: 'unknown' } });
  });
});

describe('taking over', () => {
  async function storeWithDeadOwner(): Promise<MemoryStore> {
    const store = new MemoryStore();
    await store.add([additionOf('1'), additionOf('2')], { finishedBeforeMs: 0 });
    await store.claim({ owner: DEAD, nowMs: 1_000, limit: 2 });
    return store;
  }

  it('gives everything back once, whoever tries, and forgets the owner', async () => {
    const store = await storeWithDeadOwner();
    const environment = new FakeEnvironment();
    const events: OutboxEvent[] = [];
    const options = {
      store,
      onUnknown: 'hold',
      now: () => 9_000,
      emit: (event: OutboxEvent) => {
        events.push(event);
      },
    } as const;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        await takeOver(new Owners(store, environment, 30_000), options);
      }),
    );
    expect(events.map(({ type }) => type)).toEqual(['deferred', 'deferred']);
    expect(await store.owners()).toEqual([]);
    expect(await store.counts()).toMatchObject({ sending: 0, deferred: 2 });
  });

  it('happens at once at start, where the process can be looked up', async () => {
    const store = new MemoryStore();
    const environment = new FakeEnvironment();
    const mailer = new FakeMailer();
    await using outbox = await openOutbox({ mailer, store, pollMs: HOUR, leaseMs: HOUR }, environment);
    await outbox.enqueue(LETTER);
    await store.claim({ owner: DEAD, nowMs: environment.now(), limit: 1 });
    await outbox.start();
    await environment.pass(0);
    expect(mailer.sent).toHaveLength(1);
    expect(await outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('waits for a lease without a beat, on the own clock, where it cannot', async () => {
    const store = new MemoryStore();
    const environment = new FakeEnvironment();
    const mailer = new FakeMailer();
    await using outbox = await openOutbox({ mailer, store, pollMs: 1_000, leaseMs: 30_000 }, environment);
    await outbox.enqueue(LETTER);
    await store.claim({ owner: ownerOf('far away'), nowMs: environment.now(), limit: 1 });
    await outbox.start();
    await environment.pass(25_000);
    await store.beat(ownerOf('far away', 2));
    await environment.pass(29_000);
    expect(mailer.sent).toHaveLength(0);
    await environment.pass(3_000);
    expect(mailer.sent).toHaveLength(1);
  });

  it('lets an entry of a dead process be cancelled by an outbox that does not send', async () => {
    const store = new MemoryStore();
    await using outbox = await openOutbox({ store }, new FakeEnvironment());
    const { id } = await outbox.enqueue(LETTER);
    await store.claim({ owner: ownerOf('far away'), nowMs: Date.now() * 2, limit: 1 });
    await expect(outbox.cancel(id)).rejects.toMatchObject({ code: 'ERR_OUTBOX_STATE', retryable: true });
    await store.beat({ ...DEAD, id: 'far away' });
    expect(await outbox.cancel(id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a process that was thought dead and is not', () => {
  interface Stalled {
    readonly store: MemoryStore;
    readonly id: string;
    readonly slow: FakeMailer;
    /** The one who took over. */
    readonly quick: FakeMailer;
    takenOver(): Promise<void>;
    goOn(): Promise<void>;
  }

  /** Its send stands still, in front of the fence or behind the content, until it may go on. */
  async function stalled(onUnknown: 'hold' | 'retry', where: 'beforeContent' | 'afterContent'): Promise<Stalled> {
    const store = new MemoryStore();
    const environments = [new FakeEnvironment(), new FakeEnvironment()] as const;
    const [slow, quick] = [new FakeMailer(), new FakeMailer()];
    let goOn: () => void = () => undefined;
    slow[where] = async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    };
    const first = await openOutbox({ mailer: slow, store, onUnknown, pollMs: 1_000, leaseMs: 30_000 }, environments[0]);
    const second = await openOutbox(
      { mailer: quick, store, onUnknown, pollMs: 1_000, leaseMs: 30_000 },
      environments[1],
    );
    const { id } = await first.enqueue(LETTER);
    await first.start();
    await settled();
    return {
      store,
      id,
      slow,
      quick,
      // Time goes by for one of them only, as it does when the other is suspended.
      takenOver: async () => {
        await second.start();
        await environments[1].pass(40_000);
      },
      goOn: async () => {
        goOn();
        await settled();
        await first.close();
        await second.close();
      },
    };
  }

  it.each(['hold', 'retry'] as const)('finds it out in front of the content, and sends nothing (%s)', async (mode) => {
    const world = await stalled(mode, 'beforeContent');
    await world.takenOver();
    expect(world.quick.sent).toHaveLength(1);
    await world.goOn();
    expect(world.slow.sent).toHaveLength(0);
    expect(await world.store.get(world.id)).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it("with 'hold' has nobody send it again behind the content, and its late word counts", async () => {
    const world = await stalled('hold', 'afterContent');
    await world.takenOver();
    expect(world.quick.sent).toHaveLength(0);
    expect(await world.store.get(world.id)).toMatchObject({ state: 'unknown' });
    await world.goOn();
    const record = await world.store.get(world.id);
    expect(record).toMatchObject({ state: 'sent', recipients: [{ status: 'accepted' }] });
    expect(record).not.toHaveProperty('failure');
  });

  it("with 'retry' is overtaken behind the content, as at least once means", async () => {
    const world = await stalled('retry', 'afterContent');
    await world.takenOver();
    expect([world.slow.sent.length, world.quick.sent.length]).toEqual([1, 1]);
    await world.goOn();
    expect(await world.store.get(world.id)).toMatchObject({ state: 'sent' });
  });
});
