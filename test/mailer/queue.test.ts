/** First in, first out, and out of the middle. */
import fc from 'fast-check';
import { Queue, type Place } from '../../src/mailer/queue.js';

describe('a queue', () => {
  it('behaves as a list does, whatever is done with it', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'push' } as const),
      fc.constant({ kind: 'unshift' } as const),
      fc.constant({ kind: 'shift' } as const),
      fc.constant({ kind: 'takeAll' } as const),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new Queue<{ readonly id: number }>();
        const places = new Map<object, Place>();
        let model: { readonly id: number }[] = [];
        for (const [id, one] of steps.entries()) {
          const item = { id };
          switch (one.kind) {
            case 'push':
              places.set(item, queue.push(item));
              model.push(item);
              break;
            case 'unshift':
              places.set(item, queue.unshift(item));
              model.unshift(item);
              break;
            case 'shift':
              expect(queue.shift()).toBe(model.shift());
              break;
            case 'takeAll':
              expect(queue.takeAll()).toEqual(model);
              model = [];
              break;
            case 'remove': {
              const gone = model[one.at] ?? item;
              expect(queue.remove(places.get(gone))).toBe(model.includes(gone));
              model = model.filter((other) => other !== gone);
              break;
            }
          }
          expect(queue.length).toBe(model.length);
          expect(queue.items()).toEqual(model);
        }
        expect(queue.takeAll()).toEqual(model);
      }),
    );
  });

  it('takes a hundred thousand out of its middle without walking over the others', () => {
    const queue = new Queue<{ readonly id: number }>();
    const places = Array.from({ length: 100_000 }, (_, id) => queue.push({ id }));
    for (const place of places.reverse()) queue.remove(place);
    expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  });

  it('takes nothing out at a place of another queue, or twice', () => {
    const [one, other] = [new Queue<string>(), new Queue<string>()];
    const place = one.push('a');
    expect([other.remove(place), one.remove(undefined), one.length]).toEqual([false, false, 1]);
    expect([one.remove(place), one.remove(place), one.length]).toEqual([true, false, 0]);
  });
});
