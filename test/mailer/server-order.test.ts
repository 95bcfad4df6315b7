/** Which of several servers is next. */
import { DEAD_MS, ServerOrder } from '../../src/mailer/server-order.js';
import { FakeClock } from './fake-clock.js';

describe('failover', () => {
  it('begins with the first that lives, and tries each once in an attempt', () => {
    const order = new ServerOrder(3, 'failover', new FakeClock());
    expect([order.choose([]), order.choose([0]), order.choose([0, 1]), order.choose([0, 1, 2])]).toEqual([
      0,
      1,
      2,
      undefined,
    ]);
    expect(order.choose([])).toBe(0);
  });

  it('leaves out one that died, for a while, or until it is known to live', async () => {
    const clock = new FakeClock();
    const order = new ServerOrder(2, 'failover', clock);
    order.died(0);
    expect(order.choose([])).toBe(1);
    await clock.pass(DEAD_MS - 1);
    expect(order.choose([])).toBe(1);
    await clock.pass(1);
    expect(order.choose([])).toBe(0);
    order.died(0);
    order.lived(0);
    expect(order.choose([])).toBe(0);
  });

  it('tries the one that died longest ago when all are dead', async () => {
    const clock = new FakeClock();
    const order = new ServerOrder(3, 'failover', clock);
    for (const server of [1, 0, 2]) {
      order.died(server);
      await clock.pass(10);
    }
    expect([order.choose([]), order.choose([1]), order.choose([1, 0])]).toEqual([1, 0, 2]);
  });
});

describe('roundrobin', () => {
  it('begins with another one for each message, and goes on from there', () => {
    const order = new ServerOrder(3, 'roundrobin', new FakeClock());
    expect([order.choose([]), order.choose([]), order.choose([]), order.choose([])]).toEqual([0, 1, 2, 0]);
    expect([order.choose([1]), order.choose([1, 2]), order.choose([1, 2, 0])]).toEqual([2, 0, undefined]);
  });

  it('gives the turn of a dead one to the next', () => {
    const order = new ServerOrder(3, 'roundrobin', new FakeClock());
    order.died(1);
    expect([order.choose([]), order.choose([]), order.choose([])]).toEqual([0, 2, 2]);
  });
});
