import fc from 'fast-check';
import { sparkline } from '../../../src/cli/outbox/sparkline.js';

it.each([
  [[], 10, ''],
  [[0, 0], 10, '..'],
  [[0, 1, 2, 4, 8], 10, '.▁▂▄█'],
  [[1000, 1, 0], 10, '█▁.'],
  [[1, 9, 1, 1], 2, '█▁'],
])('%j in %d', (values, width, text) => {
  expect(sparkline(values, width)).toBe(text);
});

it('is never wider than it may be, shows the highest, and shows nothing as nothing', () => {
  const values = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (list, width) => {
      const text = sparkline(list, width);
      expect(text.length).toBe(Math.min(list.length, width));
      expect(text.includes('█')).toBe(list.some((value) => value > 0));
      if (list.length <= width)
        expect(Array.from(text, (block) => block === '.')).toEqual(list.map((value) => value === 0));
    }),
  );
});
