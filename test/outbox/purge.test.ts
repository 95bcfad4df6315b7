import { MemoryStore } from '../../src/outbox/memory-store.js';
import { purge } from '../../src/outbox/purge.js';
import { additionOf } from './records.js';

const over = { state: 'sent', nextAttemptAtMs: undefined } as unknown as { state: 'sent' };

describe('purging', () => {
  it('deletes what ended before a moment, over as many pages as there are', async () => {
    const store = new MemoryStore();
    const additions = Array.from({ length: 450 }, (_, index) =>
      additionOf(String(index).padStart(4, '0'), {
        ...over,
        enqueuedAtMs: index,
        finishedAtMs: index + (index % 2 === 0 ? 0 : 1_000),
      }),
    );
    await store.add(additions, { finishedBeforeMs: 0 });
    expect(await purge(store, { beforeMs: 400, states: ['sent'] })).toBe(200);
    expect((await store.counts()).sent).toBe(250);
  });

  it('leaves other states alone, and goes by the last attempt where there is no end', async () => {
    const store = new MemoryStore();
    const held = { state: 'unknown', nextAttemptAtMs: undefined, attemptedAtMs: 50 } as unknown as { state: 'unknown' };
    await store.add([additionOf('1', held), additionOf('2', { ...over, finishedAtMs: 50 }), additionOf('3')], {
      finishedBeforeMs: 0,
    });
    const late = { beforeMs: 1_500 };
    expect(await purge(store, { beforeMs: 50, states: ['sent', 'unknown'] })).toBe(0);
    expect(await purge(store, { ...late, states: ['sent'] })).toBe(1);
    expect(await purge(store, { ...late, states: ['unknown'] })).toBe(1);
    expect(await store.counts()).toMatchObject({ queued: 1, sent: 0, unknown: 0 });
  });
});
