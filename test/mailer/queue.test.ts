/** First in, first out, and out of the middle. */
import fc from 'fast-check';
import { Queue } from '../../src/mailer/queue.js';

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
        let model: { readonly id: number }[] = [];
        for (const [id, one] of steps.entries()) {
          const item = { id };
          switch (one.kind) {
            case 'push':
              queue.push(item);
              model.push(item);
              break;
            case 'unshift':
              queue.unshift(item);
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
              expect(queue.remove(gone)).toBe(model.includes(gone));
              model = model.filter((other) => other !== gone);
              break;
            }
          }
          expect(queue.length).toBe(model.length);
        }
        expect(queue.takeAll()).toEqual(model);
      }),
    );
  });

  it('takes a hundred thousand out of its middle without walking over the others', () => {
    const queue = new Queue<{ readonly id: number }>();
    const items = Array.from({ length: 100_000 }, (_, id) => ({ id }));
    for (const item of items) queue.push(item);
    for (const item of [...items].reverse()) queue.remove(item);
    expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  });
});
