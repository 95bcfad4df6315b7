/** Operations at random, on either store and on a model that is too simple to be wrong: all three always say the same. */
import fc from 'fast-check';
import { changed, claimed, isWaiting } from '../../src/outbox/record.js';
import { LmdbStore } from '../../src/outbox/lmdb-store.js';
import { MemoryStore } from '../../src/outbox/memory-store.js';
import type { OutboxRecord, OutboxStore } from '../../src/outbox/store.js';
import { temporaryFolder } from './folder.js';
import { additionOf, ownerOf } from './records.js';

type Operation =
  | { readonly kind: 'add'; readonly key: string | undefined; readonly priority: number; readonly atMs: number; readonly before: number } // prettier-ignore
  | { readonly kind: 'claim'; readonly owner: string; readonly nowMs: number; readonly limit: number }
  | { readonly kind: 'settle'; readonly pick: number; readonly to: 'sent' | 'deferred' | 'unknown'; readonly atMs: number; readonly stale: boolean } // prettier-ignore
  | { readonly kind: 'remove'; readonly pick: number; readonly stale: boolean }
  | { readonly kind: 'removeOwner'; readonly owner: string };

const moment = fc.integer({ min: 0, max: 20 });
const owner = fc.constantFrom('a', 'b');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
    priority: fc.constantFrom(-100, 0, 0, 3),
    atMs: moment,
    before: moment,
  }),
  fc.record({ kind: fc.constant('claim' as const), owner, nowMs: moment, limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    kind: fc.constant('settle' as const),
    pick: fc.nat(),
    to: fc.constantFrom('sent' as const, 'deferred' as const, 'unknown' as const),
    atMs: moment,
    stale: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('remove' as const), pick: fc.nat(), stale: fc.boolean() }),
  fc.record({ kind: fc.constant('removeOwner' as const), owner }),
);

/** All records in one list, and every question answered by looking at each of them. */
class Model {
  records: OutboxRecord[] = [];
  readonly owners = new Map<string, number>();

  add(record: OutboxRecord, finishedBeforeMs: number): boolean {
    const standing = this.records.find(({ key }) => key !== undefined && key === record.key);
    if (standing !== undefined) {
      if (standing.finishedAtMs === undefined || standing.finishedAtMs >= finishedBeforeMs) return false;
      this.records = this.records.filter((other) => other !== standing);
    }
    this.records.push(record);
    return true;
  }

  claim(by: string, nowMs: number, limit: number): string[] {
    const due = this.records.filter((record) => isWaiting(record) && (record.nextAttemptAtMs ?? 0) <= nowMs);
    due.sort(
      (x, y) =>
        y.priority - x.priority ||
        (x.nextAttemptAtMs ?? 0) - (y.nextAttemptAtMs ?? 0) ||
        x.id.localeCompare(y.id, 'en', { numeric: false }),
    );
    const taken = due.slice(0, limit);
    for (const record of taken) this.put(claimed(record, by));
    if (taken.length > 0 && !this.owners.has(by)) this.owners.set(by, 1);
    return taken.map(({ id }) => id);
  }

  put(record: OutboxRecord): void {
    this.records = this.records.map((other) => (other.id === record.id ? record : other));
  }

  removeOwner(id: string): boolean {
    if (this.records.some((record) => record.owner === id)) return false;
    return this.owners.delete(id);
  }

  picked(pick: number): OutboxRecord | undefined {
    return this.records[pick % Math.max(this.records.length, 1)];
  }
}

async function holds(store: OutboxStore, operations: readonly Operation[]): Promise<void> {
  const model = new Model();
  let count = 0;
  for (const step of operations) {
    switch (step.kind) {
      case 'add': {
        count += 1;
        const { key, priority, atMs, before } = step;
        const id = String(count).padStart(4, '0');
        const addition = additionOf(id, { priority, nextAttemptAtMs: atMs, ...(key !== undefined && { key }) });
        const [answer] = await store.add([addition], { finishedBeforeMs: before });
        expect(answer?.added).toBe(model.add(addition.record, before));
        break;
      }
      case 'claim': {
        const { nowMs, limit } = step;
        const { records } = await store.claim({ owner: ownerOf(step.owner), nowMs, limit });
        expect(records.map(({ id }) => id)).toEqual(model.claim(step.owner, nowMs, limit));
        break;
      }
      case 'settle': {
        const record = model.picked(step.pick);
        if (record === undefined) break;
        const isOver = step.to === 'sent';
        const after = changed(record, {
          state: step.to,
          owner: undefined,
          nextAttemptAtMs: step.to === 'deferred' ? step.atMs : undefined,
          finishedAtMs: isOver ? step.atMs : undefined,
        });
        const isRight = !step.stale;
        expect(await store.update(after, record.version - (step.stale ? 1 : 0))).toBe(isRight);
        if (isRight) model.put(after);
        break;
      }
      case 'remove': {
        const record = model.picked(step.pick);
        if (record === undefined) break;
        const version = record.version - (step.stale ? 1 : 0);
        expect(await store.remove([{ id: record.id, version }])).toBe(step.stale ? 0 : 1);
        if (!step.stale) model.records = model.records.filter((other) => other !== record);
        break;
      }
      case 'removeOwner':
        expect(await store.removeOwner(ownerOf(step.owner))).toBe(model.removeOwner(step.owner));
    }
  }
  await saysTheSame(store, model);
}

async function saysTheSame(store: OutboxStore, { records, owners }: Model): Promise<void> {
  const sorted = [...records].sort((x, y) => (x.id < y.id ? -1 : 1));
  expect(await store.list({ limit: 1_000 })).toEqual(sorted);
  const counts = await store.counts();
  for (const [state, count] of Object.entries(counts)) {
    const ofState = sorted.filter((record) => record.state === state);
    expect(count).toBe(ofState.length);
    expect(await store.list({ state: state as OutboxRecord['state'], limit: 1_000 })).toEqual(ofState);
  }
  const due = records.filter(isWaiting).map(({ nextAttemptAtMs = 0 }) => nextAttemptAtMs);
  expect(await store.nextDueAtMs()).toBe(due.length === 0 ? undefined : Math.min(...due));
  for (const key of ['k', 'l']) {
    expect(await store.getByKey(key)).toEqual(records.find((record) => record.key === key));
  }
  expect((await store.owners()).map(({ id }) => id).sort()).toEqual([...owners.keys()].sort());
  for (const id of ['a', 'b']) {
    const held = (await store.heldBy(id)).records.map((record) => record.id).sort();
    expect(held).toEqual(sorted.filter((record) => record.owner === id).map((record) => record.id));
  }
}

describe('a store, under any operations in any order,', () => {
  it('in memory says what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        await holds(new MemoryStore(), operations);
      }),
    );
  });

  it('in LMDB says what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        const store = await LmdbStore.open(temporaryFolder());
        try {
          await holds(store, operations);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 15 },
    );
  });
});
