import { jest } from '@jest/globals';
import { FRESH_MS, Watch } from '../../src/outbox-view/watch.js';
import { entry, FakeOutbox } from './fake-outbox.js';

let nowMs: number;
let outbox: FakeOutbox;
let watch: Watch;
beforeEach(() => {
  nowMs = 1_000_000;
  outbox = new FakeOutbox([entry()]);
  watch = new Watch({ outbox, store: './outbox', probe: () => Promise.resolve(), now: () => nowMs });
});

it('all who ask at the same time share one look, and so do those who ask a moment later', async () => {
  const overviews = await Promise.all([watch.overview('1h'), watch.overview('24h'), watch.overview('1h')]);
  expect([outbox.looks, overviews.map(({ window }) => window.name)]).toEqual([1, ['1h', '24h', '1h']]);
  nowMs += FRESH_MS - 1;
  await watch.overview('7d');
  expect(outbox.looks).toBe(1);
  nowMs += 1;
  await watch.overview('7d');
  expect(outbox.looks).toBe(2);
});

it('what was changed here is looked at anew', async () => {
  await watch.overview('1h');
  watch.forget();
  await watch.overview('1h');
  expect(outbox.looks).toBe(2);
});

it('a store that is gone is said, and looked for again', async () => {
  outbox.fault = new Error('gone');
  await expect(watch.overview('1h')).rejects.toThrow('gone');
  outbox.fault = undefined;
  expect((await watch.overview('1h')).entries).toBe(1);
});

describe('over time', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  it('looks while it is needed, says what failed, and goes on until it is stopped', async () => {
    const heard: string[] = [];
    let isNeeded = false;
    watch.start({
      isNeeded: () => isNeeded,
      changed: (asOfMs) => heard.push(`changed ${String(asOfMs)}`),
      failed: (error) => heard.push(String(error)),
    });
    await jest.advanceTimersByTimeAsync(20_000);
    expect([heard, outbox.looks]).toEqual([[], 0]);
    isNeeded = true;
    await jest.advanceTimersByTimeAsync(2_000);
    outbox.fault = new Error('gone');
    await jest.advanceTimersByTimeAsync(2_000);
    outbox.fault = undefined;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(heard).toEqual(['changed 1000000', 'Error: gone', 'changed 1000000']);
    watch.stop();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heard).toHaveLength(3);
  });

  it('rests ten times as long as looking took, at the whole or at single entries', async () => {
    const look = async (): Promise<void> => {
      await Promise.resolve();
      jest.setSystemTime(Date.now() + 1_000);
    };
    const slow = new Watch({
      outbox: {
        async *list() {
          await look();
          yield entry();
        },
      },
      store: './outbox',
      probe: () => Promise.resolve(),
      now: Date.now,
    });
    let looks = 0;
    slow.start({ isNeeded: () => true, changed: () => (looks += 1), failed: () => undefined });
    await jest.advanceTimersByTimeAsync(2_000);
    expect(looks).toBe(1);
    await jest.advanceTimersByTimeAsync(9_900);
    expect(looks).toBe(1);
    await jest.advanceTimersByTimeAsync(200);
    expect(looks).toBe(2);
    // The second it takes goes by as well.
    await slow.spend(look);
    await jest.advanceTimersByTimeAsync(18_000);
    expect(looks).toBe(2);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(looks).toBe(3);
    slow.stop();
  });
});
