import fc from 'fast-check';
import { Best } from '../../src/outbox-view/best.js';

it('keeps what sorting all and taking the first ones gives, equal ones in the order of adding', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(pairs, fc.integer({ min: 1, max: 12 }), (values, limit) => {
      const order = (a: readonly number[], b: readonly number[]): number => (a[0] ?? 0) - (b[0] ?? 0);
      const best = new Best<readonly number[]>(limit, order);
      for (const value of values) best.add(value);
      expect(best.values).toEqual([...values].sort(order).slice(0, limit));
    }),
  );
});
