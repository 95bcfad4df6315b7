import { enqueueBatches } from '../../src/outbox/enqueue-batches.js';
import type { OutboxEntry } from '../../src/outbox/entry.js';
import type { EnqueueItem } from '../../src/outbox/options.js';
import { additionOf } from './records.js';

const items = (count: number): EnqueueItem[] =>
  Array.from({ length: count }, (_, index) => ({ message: { from: 'a' }, key: String(index) }));

function world(contentBytes = 1) {
  const batches: string[][] = [];
  return {
    batches,
    prepare: ({ key = '' }: EnqueueItem) =>
      Promise.resolve({ ...additionOf(key), content: Buffer.alloc(contentBytes) }),
    write: (batch: readonly { readonly record: OutboxEntry }[]) => {
      batches.push(batch.map(({ record }) => record.id));
      return Promise.resolve(batch.map(({ record }) => record));
    },
  };
}

describe('many messages', () => {
  it('are written a few hundred at a time, and given back in order', async () => {
    const w = world();
    const entries = await enqueueBatches(items(1_203), w);
    expect(w.batches.map(({ length }) => length)).toEqual([500, 500, 203]);
    expect(entries.map(({ id }) => id)).toEqual(items(1_203).map(({ key }) => key));
    expect(await enqueueBatches([], w)).toEqual([]);
  });

  it('are not held in memory beyond some megabytes', async () => {
    const w = world(9 * 1_048_576);
    await enqueueBatches(items(5), w);
    expect(w.batches.map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  it('of which one is bad, or during which the caller gives up: what was written stays, and nothing else is', async () => {
    const w = world();
    const prepare = async (item: EnqueueItem) => {
      if (item.key === '600') throw new Error('bad');
      return await w.prepare(item);
    };
    await expect(enqueueBatches(items(1_000), { ...w, prepare })).rejects.toThrow('bad');
    expect(w.batches.map(({ length }) => length)).toEqual([500]);
    const checkAborted = (): void => {
      throw new Error('given up');
    };
    await expect(enqueueBatches(items(1), { ...w, checkAborted })).rejects.toThrow('given up');
  });
});
