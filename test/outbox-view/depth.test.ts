import fc from 'fast-check';
import { depthOf, type Stay } from '../../src/outbox-view/depth.js';
import { windowAt } from '../../src/outbox-view/windows.js';

const NOW_MS = Date.UTC(2026, 10, 20, 12, 34, 56);
const HOUR_MS = 3_600_000;
const window = windowAt('1h', NOW_MS);

const depth = (stays: readonly Stay[]): ReturnType<typeof depthOf> => depthOf(stays, window, NOW_MS);

/** How many are there at a moment, found by asking each: arrivals of that millisecond count, departures of it do not yet. */
function thereAt(stays: readonly Stay[], atMs: number): number {
  return stays.filter(({ cameAtMs, leftAtMs = Infinity }) => {
    const came = Math.min(cameAtMs, NOW_MS);
    return came <= atMs && Math.max(came, Math.min(leftAtMs, leftAtMs === Infinity ? Infinity : NOW_MS)) >= atMs;
  }).length;
}

it('nothing is a line at 0', () => {
  const { now, most, intervals } = depth([]);
  expect([now, most, intervals.length]).toEqual([0, 0, 60]);
  expect(intervals.every(({ most: here, came, sent }) => here + came + sent === 0)).toBe(true);
});

it('a peak that lasts a moment shows, and so does what was there before the window', () => {
  const atMs = NOW_MS - 10 * 60_000;
  const brief = Array.from({ length: 50 }, () => ({ cameAtMs: atMs, leftAtMs: atMs + 5, leaving: 'sent' as const }));
  const { now, most, mostAtMs, intervals } = depth([...brief, { cameAtMs: window.fromMs - 1 }]);
  expect([now, most, mostAtMs]).toEqual([1, 51, atMs]);
  const peak = intervals.find(({ most: here }) => here === 51);
  expect(peak).toMatchObject({ came: 50, sent: 50, failed: 0 });
  expect(intervals.filter(({ most: here }) => here === 1)).toHaveLength(59);
});

it('one that came and left in the same millisecond was there', () => {
  expect(depth([{ cameAtMs: NOW_MS - 5, leftAtMs: NOW_MS - 5, leaving: 'failed' }])).toMatchObject({ now: 0, most: 1 });
});

it('clocks that were set do no harm: nobody leaves before they came, and nobody comes later than now', () => {
  const { now, most } = depth([
    { cameAtMs: NOW_MS - 1_000, leftAtMs: NOW_MS - 2 * HOUR_MS, leaving: 'sent' },
    { cameAtMs: NOW_MS + HOUR_MS },
    { cameAtMs: NOW_MS + HOUR_MS, leftAtMs: NOW_MS + 2 * HOUR_MS, leaving: 'sent' },
  ]);
  expect([now, most]).toEqual([1, 2]);
});

const stay: fc.Arbitrary<Stay> = fc
  .record({
    cameAtMs: fc.integer({ min: window.fromMs - HOUR_MS, max: NOW_MS + 1_000 }),
    tookMs: fc.option(fc.integer({ min: -1_000, max: 2 * HOUR_MS }), { nil: undefined }),
    leaving: fc.constantFrom('sent', 'failed', 'other'),
  })
  .map(({ cameAtMs, tookMs, leaving }) =>
    tookMs === undefined ? { cameAtMs } : { cameAtMs, leftAtMs: cameAtMs + tookMs, leaving },
  );

it('is what asking each entry at each moment gives', () => {
  fc.assert(
    fc.property(fc.array(stay, { maxLength: 30 }), (stays) => {
      const found = depth(stays);
      const moments = stays
        .flatMap(({ cameAtMs }) => [Math.min(cameAtMs, NOW_MS)])
        .filter((atMs) => atMs >= window.fromMs);
      for (const { atMs, most } of found.intervals) {
        const within = moments.filter((moment) => moment >= atMs && moment < atMs + window.intervalMs);
        // It only grows when somebody comes: the most is there at such a moment, or at the beginning.
        const before = thereAt(stays, atMs - 0.5);
        expect(most).toBe(Math.max(before, ...within.map((moment) => thereAt(stays, moment))));
      }
      expect(found.most).toBe(Math.max(...found.intervals.map(({ most }) => most)));
    }),
  );
});

it('nobody is lost: what was there, and came, either left or is there now', () => {
  fc.assert(
    fc.property(fc.array(stay, { maxLength: 50 }), (stays) => {
      const { now, intervals } = depth(stays);
      const sum = (name: 'came' | 'sent' | 'failed' | 'other'): number =>
        intervals.reduce((total, interval) => total + interval[name], 0);
      const before = thereAt(stays, window.fromMs - 0.5);
      expect(before + sum('came') - sum('sent') - sum('failed') - sum('other')).toBe(now);
      expect(intervals.every(({ most }) => most >= 0)).toBe(true);
    }),
  );
});
