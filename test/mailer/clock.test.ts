/** The clock of the system: a timer fires, or not when it was cancelled. */
import { systemClock } from '../../src/mailer/clock.js';

describe('the clock of the system', () => {
  it('never goes back', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('runs an action once its time has come, in the order of the times, and not after it was cancelled', async () => {
    const ran: string[] = [];
    const cancelled = systemClock.after(0, () => ran.push('cancelled'));
    await new Promise<void>((resolve) => {
      systemClock.after(2, () => {
        ran.push('second');
        resolve();
      });
      systemClock.after(-5, () => ran.push('first'));
      cancelled.cancel();
    });
    expect(ran).toEqual(['first', 'second']);
  });

  it('does not fire at once for a time that Node cannot count to', () => {
    let fired = false;
    const timer = systemClock.after(2 ** 40, () => {
      fired = true;
    });
    timer.cancel();
    timer.cancel();
    expect(fired).toBe(false);
  });
});
