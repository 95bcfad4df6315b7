import fc from 'fast-check';
import { hashOf, placeOf, VIEWS } from '../../../src/inbox/page/place.js';

it('an address leads back to its place', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e14 }), fc.constantFrom(...VIEWS), (id, view) => {
      expect(placeOf(hashOf({ id, view }))).toEqual({ id, view });
    }),
  );
});

it.each(['', '#', '#/', '#/x', '#/-1', '#/1/2/3', '#/1.5', 'javascript:alert(1)'])('%j is the list', (hash) => {
  expect(placeOf(hash).id).toBeUndefined();
});

it('an unknown view is the message', () => {
  expect(placeOf('#/4/nonsense')).toEqual({ id: 4, view: 'message' });
});
