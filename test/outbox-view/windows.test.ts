import fc from 'fast-check';
import { isWindowName, WINDOW_NAMES, windowAt } from '../../src/outbox-view/windows.js';

it('a window ends with the interval in which it is now, and has whole intervals', () => {
  const moments = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...WINDOW_NAMES), moments, (name, nowMs) => {
      const { fromMs, toMs, intervalMs } = windowAt(name, nowMs);
      expect(toMs - intervalMs <= nowMs && nowMs < toMs).toBe(true);
      expect([fromMs % intervalMs, (toMs - fromMs) % intervalMs].map(Math.abs)).toEqual([0, 0]);
      expect((toMs - fromMs) / intervalMs).toBeLessThanOrEqual(84);
    }),
  );
});

it('knows its names', () => {
  expect(WINDOW_NAMES.every(isWindowName)).toBe(true);
  expect(['', '2h', 'constructor', '24H'].some(isWindowName)).toBe(false);
});
