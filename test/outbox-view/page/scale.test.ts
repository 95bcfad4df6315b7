import fc from 'fast-check';
import { countMarks, timeMarks } from '../../../src/outbox-view/page/scale.js';

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [212, [0, 100, 200, 300]],
])('the marks for up to %d are %j', (most, marks) => {
  expect(countMarks(most, 4)).toEqual(marks);
});

it('marks hold the most, are whole, and are few', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (most) => {
      const marks = countMarks(most, 4);
      expect(marks.at(-1)).toBeGreaterThanOrEqual(Math.max(1, most));
      expect(marks.length).toBeLessThanOrEqual(5);
      expect(marks.every(Number.isInteger)).toBe(true);
    }),
  );
});

it('moments are whole on the clock of the reader', () => {
  const HOUR = 3_600_000;
  const fromMs = Date.UTC(2026, 10, 20, 12, 40);
  expect(timeMarks(fromMs, fromMs + 6 * HOUR, 6, 0).map((ms) => new Date(ms).toISOString().slice(11, 16))).toEqual([
    '13:00',
    '14:00',
    '15:00',
    '16:00',
    '17:00',
    '18:00',
  ]);
  // India is half an hour off.
  expect(timeMarks(fromMs, fromMs + 6 * HOUR, 6, 5.5 * HOUR).map((ms) => new Date(ms).getUTCMinutes())).toContain(30);
  expect(timeMarks(fromMs, fromMs + 6 * HOUR, 0, 0).length).toBeLessThanOrEqual(2);
});
