import { Watch } from '../../src/testing/watch.js';

describe('Watch', () => {
  it('is true at once when the condition holds', async () => {
    expect(await new Watch().until(() => true, 60_000)).toBe(true);
  });

  it('asks again after each change', async () => {
    const watch = new Watch();
    let count = 0;
    const waiting = watch.until(() => count === 2, 60_000);
    for (let change = 0; change < 2; change += 1) {
      count += 1;
      watch.changed();
    }
    expect(await waiting).toBe(true);
  });

  it('is false when nothing changes', async () => {
    expect(await new Watch().until(() => false, 1)).toBe(false);
  });

  it('is false when it is closed, and true if the condition holds all the same', async () => {
    const watch = new Watch();
    const waiting = watch.until(() => false, 60_000);
    watch.close();
    expect(await waiting).toBe(false);
    expect(await watch.until(() => false, 60_000)).toBe(false);
    expect(await watch.until(() => true, 60_000)).toBe(true);
  });

  it('rejects with what the condition throws', async () => {
    const watch = new Watch();
    let ready = false;
    const condition = (): boolean => {
      if (ready) throw new Error('mine');
      return false;
    };
    const waiting = watch.until(condition, 60_000);
    ready = true;
    watch.changed();
    await expect(waiting).rejects.toThrow('mine');
  });
});
