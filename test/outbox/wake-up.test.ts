import { WakeUp } from '../../src/outbox/wake-up.js';
import { FakeEnvironment, settled } from './fake-environment.js';

describe('a sleep', () => {
  it('ends in time, or when it is woken, and leaves no timer', async () => {
    const environment = new FakeEnvironment();
    const wakeUp = new WakeUp(environment);
    let woken = 0;
    const count = (): void => {
      woken += 1;
    };
    void wakeUp.sleep(100).then(count);
    await environment.pass(99);
    expect(woken).toBe(0);
    await environment.pass(1);
    expect(woken).toBe(1);
    void wakeUp.sleep(100).then(count);
    await settled();
    wakeUp.wake();
    await settled();
    expect([woken, environment.timerCount]).toEqual([2, 0]);
  });

  it('does not begin when somebody woke it before, once', async () => {
    const environment = new FakeEnvironment();
    const wakeUp = new WakeUp(environment);
    wakeUp.wake();
    wakeUp.wake();
    await wakeUp.sleep(100);
    let isOver = false;
    void wakeUp.sleep(100).then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
  });
});
