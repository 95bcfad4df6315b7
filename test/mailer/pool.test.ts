/** The connections to one server, with a clock and lanes that do what the test says. */
import { SMTPDialError } from '../../src/errors.js';
import type { LaneAnomaly, LaneJob, LanePolicy } from '../../src/mailer/lane.js';
import { Pool, type PoolItem, type PoolSettings } from '../../src/mailer/pool.js';
import { TokenBucket } from '../../src/mailer/rate.js';
import { FakeClock, settled } from './fake-clock.js';
import { FakeServer, preparedFor, type FakeLane } from './fake-lanes.js';

class Item implements PoolItem {
  readonly name: string;
  readonly pool: () => Pool<Item>;
  readonly mayRide = true;
  ended: string | undefined;

  constructor(name: string, pool: () => Pool<Item>) {
    this.name = name;
    this.pool = pool;
  }

  begin(): LaneJob {
    return {
      shipment: preparedFor([`${this.name}@example.org`]).shipment,
      options: {},
      limits: { signal: undefined, deadline: undefined },
      shipped: ({ outcome }) => {
        this.ended = outcome.failure?.kind ?? 'delivered';
      },
      failed: (error) => {
        this.ended = error.code;
      },
      returned: () => {
        this.pool().addFirst(this);
      },
    };
  }
}

class World {
  readonly clock = new FakeClock();
  readonly server: FakeServer;
  readonly pool: Pool<Item>;
  readonly unserved: [string, string][] = [];
  readonly anomalies: [LaneAnomaly, LanePolicy][] = [];
  nothingFollows = false;

  constructor(settings: Partial<PoolSettings> = {}, { limits = '', logsIn = false } = {}) {
    this.server = new FakeServer(this.clock, limits);
    this.pool = new Pool<Item>(
      {
        maxConnections: 2,
        maxMessagesPerConnection: 100,
        maxConnectionAgeMs: 300_000,
        idleTimeoutMs: 5_000,
        quitTimeoutMs: 6_000,
        policy: { overlap: 'session', chunking: 'off' },
        bucket: undefined,
        clock: this.clock,
        ...settings,
      },
      {
        logsIn,
        open: async (feed, signal) => await this.server.dial(feed, signal),
        unserved: (items, error) => {
          for (const item of items) this.unserved.push([item.name, error.message]);
        },
        nothingFollows: () => this.nothingFollows,
        anomaly: (anomaly, policy) => this.anomalies.push([anomaly, policy]),
      },
    );
  }

  add(...names: readonly string[]): Item[] {
    const items = names.map((name) => new Item(name, () => this.pool));
    for (const item of items) this.pool.add(item);
    return items;
  }

  /** The connection on which the first message runs. */
  async running(...names: readonly string[]): Promise<FakeLane> {
    this.add(...names);
    const lane = this.server.accept();
    await settled();
    return lane;
  }
}

describe('a pool', () => {
  it('dials for the first message, and not before', async () => {
    const world = new World();
    expect(world.server.dialed).toBe(0);
    const lane = await world.running('a');
    expect([world.server.dialed, lane.to, lane.ran.length]).toEqual([1, ['a@example.org'], 1]);
  });

  it('uses the connection that is idle', async () => {
    const world = new World();
    const lane = await world.running('a');
    lane.finish();
    const [b] = world.add('b');
    expect([world.server.dialed, lane.to]).toEqual([1, ['b@example.org']]);
    lane.finish();
    expect(b?.ended).toBe('delivered');
  });

  it('dials once for each message that waits, and no more often than it may', async () => {
    const world = new World({ maxConnections: 3 });
    world.add('a', 'b');
    expect(world.server.dialing).toBe(2);
    world.add('c', 'd', 'e');
    expect(world.server.dialing).toBe(3);
    const lane = world.server.accept();
    await settled();
    lane.finish();
    expect([lane.to, world.pool.queued, world.server.dialed]).toEqual([['b@example.org'], 3, 3]);
  });

  it('logs in once before it dials for the others, and again after a dial that failed', async () => {
    const world = new World({ maxConnections: 3 }, { logsIn: true });
    world.add('a', 'b', 'c');
    expect(world.server.dialing).toBe(1);
    const lane = world.server.accept();
    await settled();
    expect([lane.to, world.server.dialing]).toEqual([['a@example.org'], 2]);
    world.server.refuse();
    await settled();
    await world.clock.pass(60_000);
    expect(world.server.dialing).toBe(1);
  });

  it('tries a login that is refused on one connection alone, for all that wait', async () => {
    const world = new World({ maxConnections: 3 }, { logsIn: true });
    world.add('a', 'b', 'c');
    world.server.refuse(new SMTPDialError('535'));
    await settled();
    expect(world.unserved.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    expect([world.server.dialed, world.server.dialing]).toEqual([1, 0]);
  });

  it('takes the connection that was used last, so that the others can be closed', async () => {
    const world = new World();
    const one = await world.running('a', 'b');
    const two = world.server.accept();
    await settled();
    one.finish();
    two.finish();
    world.add('c');
    expect([one.idle, two.idle]).toEqual([true, false]);
  });

  it('asks busy connections to take a message when there is room for no other', async () => {
    const world = new World({ maxConnections: 1 });
    const lane = await world.running('a');
    world.add('b');
    expect(lane.woken).toBe(1);
    expect(lane.ride()).toBe(true);
    expect(world.pool.queued).toBe(0);
  });

  it('leaves a message to the connection that is being opened for it', async () => {
    const world = new World({ maxConnections: 2 });
    const lane = await world.running('a');
    world.add('b');
    expect([world.server.dialing, lane.ride()]).toEqual([1, false]);
    world.add('c');
    expect(lane.ride()).toBe(true);
    const second = world.server.accept();
    await settled();
    expect(second.to).toEqual(['c@example.org']);
  });

  it('replaces a connection that died while it was idle, and counts no failure', async () => {
    const world = new World();
    const lane = await world.running('a');
    lane.finish();
    lane.dieSilently();
    const [b] = world.add('b');
    expect([world.server.dialed, world.unserved]).toEqual([2, []]);
    const second = world.server.accept();
    await settled();
    second.finish();
    expect(b?.ended).toBe('delivered');
  });

  it('gives a message that was returned to another connection, before all others', async () => {
    const world = new World({ maxConnections: 1 });
    const lane = await world.running('a');
    lane.finish();
    world.add('b', 'c');
    lane.die();
    const second = world.server.accept();
    await settled();
    expect(second.to).toEqual(['b@example.org']);
  });

  it('closes a connection that was idle for its time, with QUIT, and leaves no timer behind', async () => {
    const world = new World();
    const lane = await world.running('a');
    lane.finish();
    await world.clock.pass(4_999);
    expect(lane.goodbye).toBe('none');
    await world.clock.pass(1);
    expect([lane.goodbye, lane.closed, world.pool.connections, world.clock.armed]).toEqual(['quit', true, 0, 0]);
    world.add('b');
    expect(world.server.dialed).toBe(2);
  });

  it('replaces a connection that carried its messages', async () => {
    const world = new World({ maxConnections: 1, maxMessagesPerConnection: 2 });
    const lane = await world.running('a', 'b', 'c');
    lane.finish();
    lane.finish();
    await settled();
    expect([lane.goodbye, lane.messages, world.server.dialing]).toEqual(['quit', 2, 1]);
  });

  it.each([
    ['MAILMAX=1', 1],
    ['RCPTMAX=5 MAILMAX=3', 3],
    ['MAILMAX=0', 4],
  ])('holds itself to LIMITS %s', async (limits, messages) => {
    const world = new World({ maxConnections: 1 }, { limits });
    const lane = await world.running('a', 'b', 'c', 'd');
    for (let count = 0; count < 4 && !lane.idle; count += 1) lane.finish();
    await settled();
    expect(lane.messages).toBe(messages);
  });

  it('replaces a connection that is too old, when it has no message', async () => {
    const world = new World({ maxConnections: 1, maxConnectionAgeMs: 1_000, idleTimeoutMs: Infinity });
    const lane = await world.running('a', 'b');
    lane.finish();
    await world.clock.pass(1_000);
    expect(lane.goodbye).toBe('none');
    lane.finish();
    await settled();
    expect(lane.goodbye).toBe('quit');
  });

  it('never has more connections than it may, those that say goodbye included', async () => {
    const world = new World({ maxConnections: 1, maxMessagesPerConnection: 1 });
    const lane = await world.running('a', 'b');
    lane.finish();
    expect([lane.goodbye, lane.closed, world.server.dialing]).toEqual(['quit', false, 0]);
    await settled();
    expect([lane.closed, world.server.dialing]).toEqual([true, 1]);
  });
});

describe('a dial that fails', () => {
  it('is the answer to all messages that wait, at once', async () => {
    const world = new World({ maxConnections: 1 });
    world.add('a', 'b', 'c');
    world.server.refuse();
    await settled();
    expect(world.unserved.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    expect([world.server.dialed, world.pool.queued]).toEqual([1, 0]);
  });

  it('is no answer while another one is under way', async () => {
    const world = new World();
    world.add('a', 'b');
    world.server.refuse();
    await settled();
    expect(world.unserved).toEqual([]);
    const lane = world.server.accept();
    await settled();
    expect(lane.to).toEqual(['a@example.org']);
  });

  it('is the answer when the last dial that was under way has failed too, whatever came meanwhile', async () => {
    const world = new World({ maxConnections: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      world.add(name);
      await world.clock.pass(10_000);
    }
    for (let count = 0; count < 3; count += 1) {
      expect(world.unserved).toEqual([]);
      world.server.refuse();
      await world.clock.pass(10_000);
    }
    expect(world.unserved.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect([world.server.dialed, world.server.dialing]).toEqual([3, 0]);
  });

  it('leaves the messages to the connections that live, and is not repeated at once', async () => {
    const world = new World();
    const lane = await world.running('a');
    world.add('b', 'c');
    world.server.refuse(new SMTPDialError('421 too many connections', { retryable: true }));
    await settled();
    expect([world.unserved, world.server.dialing]).toEqual([[], 0]);
    await world.clock.pass(999);
    expect(world.server.dialing).toBe(0);
    await world.clock.pass(1);
    expect(world.server.dialing).toBe(1);
    lane.finish();
    expect(lane.to).toEqual(['b@example.org']);
  });

  it('makes later messages wait, but not long, and one success ends that', async () => {
    const world = new World({ maxConnections: 1 });
    for (const name of ['a', 'b', 'c']) {
      world.add(name);
      await world.clock.pass(200);
      world.server.refuse();
      await settled();
    }
    expect(world.unserved).toHaveLength(3);
    world.add('d');
    expect(world.server.dialing).toBe(0);
    await world.clock.pass(200);
    const lane = world.server.accept();
    await settled();
    lane.finish();
    lane.die();
    world.add('e');
    expect(world.server.dialing).toBe(1);
  });

  it('is what a server comes to that closes each new connection before it carried anything', async () => {
    const world = new World({ maxConnections: 1 });
    world.add('a');
    for (let count = 0; count < 3; count += 1) {
      await world.clock.pass(1_000);
      const lane = world.server.accept();
      await settled();
      lane.die();
      await settled();
    }
    expect(world.unserved).toEqual([['a', 'the server closes new connections at once']]);
    expect(world.server.dialed).toBe(3);
  });
});

describe('the rate', () => {
  it('holds messages back, also from connections that are idle or could be ridden on', async () => {
    const world = new World({ maxConnections: 1, bucket: new TokenBucket({ messages: 2, perMs: 1_000 }) });
    const lane = await world.running('a', 'b', 'c');
    expect(lane.ride()).toBe(true);
    lane.finish();
    lane.finish();
    expect([lane.idle, world.pool.queued]).toEqual([true, 1]);
    await world.clock.pass(499);
    expect(lane.idle).toBe(true);
    await world.clock.pass(1);
    expect(lane.to).toEqual(['c@example.org']);
  });

  it('opens no connection for a message that may not go yet', async () => {
    const world = new World({ maxConnections: 5, bucket: new TokenBucket({ messages: 1, perMs: 1_000 }) });
    const lane = await world.running('a');
    world.add('b', 'c');
    await world.clock.pass(500);
    expect([world.server.dialed, lane.to]).toEqual([1, ['a@example.org']]);
  });
});

describe('an anomaly', () => {
  it('lowers what is done on the server, and is told', async () => {
    const world = new World();
    const lane = await world.running('a');
    expect(lane.policy.overlap).toBe('session');
    lane.anomaly('refused-behind-content');
    expect(lane.policy.overlap).toBe('message');
    expect(world.anomalies).toMatchObject([[{ kind: 'refused-behind-content' }, { overlap: 'message' }]]);
  });
});

describe('closing', () => {
  it('says goodbye on idle connections, gives up dials, and resolves when nothing is left', async () => {
    const world = new World({ maxConnections: 3 });
    const lane = await world.running('a', 'b');
    lane.finish();
    lane.finish();
    const closing = world.pool.close();
    await closing;
    expect([lane.goodbye, world.pool.connections, world.server.dialing, world.clock.armed]).toEqual(['quit', 0, 0, 0]);
  });

  it('waits for a connection that is busy, and ends it when that takes too long', async () => {
    const world = new World();
    const lane = await world.running('a');
    let closed = false;
    const closing = world.pool.close().then(() => {
      closed = true;
    });
    await world.clock.pass(5_999);
    expect(closed).toBe(false);
    await world.clock.pass(1);
    await closing;
    expect(lane.goodbye).toBe('destroyed');
  });

  it('lets a connection say goodbye behind its last message', async () => {
    const world = new World();
    const lane = await world.running('a');
    world.nothingFollows = true;
    expect(lane.ride()).toBe(false);
    lane.finish();
    await settled();
    expect([lane.goodbye, lane.closed]).toEqual(['quit', true]);
  });

  it('closes a connection that comes too late', async () => {
    const world = new World();
    world.add('a');
    const lane = world.server.accept();
    await world.pool.close();
    expect(lane.goodbye).toBe('quit');
    expect(lane.ran).toEqual([]);
  });
});
