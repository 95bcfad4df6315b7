import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as lmdb from 'lmdb';
import { LmdbStore, openLmdbStore } from '../../src/outbox/lmdb-store.js';
import type { LmdbModule } from '../../src/outbox/load-lmdb.js';
import { temporaryFolder } from './folder.js';
import { additionOf, ownerOf, recordOf } from './records.js';
import { storeContract } from './store-contract.js';

describe('the store in LMDB', () => {
  storeContract(async () => await LmdbStore.open(join(temporaryFolder(), 'box')));

  it('makes its folder, and has everything when it is opened again', async () => {
    const path = join(temporaryFolder(), 'not', 'there', 'yet');
    const first = await LmdbStore.open(path);
    await first.add([additionOf('1', { key: 'k' })], { finishedBeforeMs: 0 });
    await first.claim({ owner: ownerOf('me'), nowMs: 1_000, limit: 1 });
    await first.close();
    const second = await LmdbStore.open(path);
    expect(await second.getByKey('k')).toMatchObject({ id: '1', state: 'sending', owner: 'me' });
    expect(await second.counts()).toMatchObject({ sending: 1, queued: 0 });
    expect((await second.heldBy('me')).records).toHaveLength(1);
    await second.close();
  });

  it('makes its folder for its owner alone', async () => {
    const path = join(temporaryFolder(), 'box');
    await (await LmdbStore.open(path)).close();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('can be open twice in one process, and one of the two closed', async () => {
    const path = join(temporaryFolder(), 'box');
    const [one, two] = [await LmdbStore.open(path), await LmdbStore.open(path)];
    await one.add([additionOf('1')], { finishedBeforeMs: 0 });
    expect(await two.get('1')).toBeDefined();
    await one.close();
    await two.add([additionOf('2')], { finishedBeforeMs: 0 });
    expect(await two.counts()).toMatchObject({ queued: 2 });
    await two.close();
  });

  it('says of a folder that cannot be one where it was', async () => {
    await expect(LmdbStore.open('/dev/null/box')).rejects.toMatchObject({
      name: 'OutboxError',
      code: 'ERR_OUTBOX_STORE',
      message: expect.stringContaining('/dev/null/box') as string,
    });
  });

  it('refuses everything when it is closed, and closes twice', async () => {
    const store = await LmdbStore.open(join(temporaryFolder(), 'box'));
    await store.close();
    await store.close();
    await expect(store.get('1')).rejects.toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
    await expect(store.beat(ownerOf('a'))).rejects.toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
  });

  it('resolves a write only after LMDB has said that it is flushed', async () => {
    const calls: string[] = [];
    let flush: () => void = () => undefined;
    const held = async (): Promise<void> => {
      await new Promise<void>((resolve) => {
        flush = resolve;
      });
    };
    const lmdbWatched = watched(calls, held);
    const store = await openLmdbStore(join(temporaryFolder(), 'box'), () => Promise.resolve(lmdbWatched));
    const added = store.add([additionOf('1')], { finishedBeforeMs: 0 }).then(() => calls.push('add resolved'));
    while (!calls.includes('flushed asked')) await new Promise((resolve) => setImmediate(resolve));
    // It is committed, as everybody can see, and yet nobody was told.
    expect(await store.get('1')).toBeDefined();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual(['transaction', 'committed', 'flushed asked']);
    flush();
    await added;
    expect(calls).toEqual(['transaction', 'committed', 'flushed asked', 'flushed', 'add resolved']);
    await store.close();
  });

  describe('with a record that cannot be read', () => {
    async function withDamage(damage: (octets: Buffer) => Buffer): Promise<LmdbStore> {
      const path = join(temporaryFolder(), 'box');
      const store = await LmdbStore.open(path);
      await store.add([additionOf('1', { key: 'k' }), additionOf('2')], { finishedBeforeMs: 0 });
      await store.close();
      const root = lmdb.open<Buffer>(path, { noSubdir: false, encoding: 'binary', maxDbs: 16 });
      const records = root.openDB<Buffer>({ name: 'records', encoding: 'binary' });
      await records.put('1', damage(Buffer.from(records.get('1') ?? [])));
      await root.close();
      return await LmdbStore.open(path);
    }

    const damages: readonly [string, (octets: Buffer) => Buffer][] = [
      ['a flipped bit', (octets) => Buffer.concat([octets.subarray(0, -1), Buffer.from([(octets.at(-1) ?? 0) ^ 1])])],
      ['half of it', (octets) => octets.subarray(0, octets.length / 2)],
      ['nothing but a few octets', () => Buffer.from('??')],
    ];

    it.each(damages)('(%s) reads it as quarantined', async (_name, damage) => {
      const store = await withDamage(damage);
      expect(await store.get('1')).toMatchObject({ state: 'quarantined', failure: { code: 'ERR_OUTBOX_CORRUPT' } });
      await store.close();
    });

    it.each(damages)('(%s) sets it aside, tells, and goes on with the others', async (_name, damage) => {
      const store = await withDamage(damage);
      const picked = await store.claim({ owner: ownerOf('me'), nowMs: 1_000, limit: 10 });
      expect(picked.records.map(({ id }) => id)).toEqual(['2']);
      expect(picked.damaged).toEqual([{ id: '1', reason: expect.stringContaining('record') as string }]);
      expect(await store.counts()).toMatchObject({ queued: 0, sending: 1, quarantined: 1 });
      expect((await store.list({ state: 'quarantined', limit: 10 })).map(({ id }) => id)).toEqual(['1']);
      expect(await store.nextDueAtMs()).toBeUndefined();
      // What is left of it stays for whoever wants to look.
      expect(Buffer.from((await store.content('1')) ?? []).toString()).toBe('content of 1');
      expect(await store.remove([{ id: '1', version: 0 }])).toBe(1);
      expect((await store.counts()).quarantined).toBe(0);
      await store.close();
    });
  });

  it('sets aside what a dead owner held and nobody can read', async () => {
    const path = join(temporaryFolder(), 'box');
    const store = await LmdbStore.open(path);
    await store.add([additionOf('1')], { finishedBeforeMs: 0 });
    await store.claim({ owner: ownerOf('dead'), nowMs: 1_000, limit: 1 });
    await store.close();
    const root = lmdb.open<Buffer>(path, { noSubdir: false, encoding: 'binary', maxDbs: 16 });
    await root.openDB<Buffer>({ name: 'records', encoding: 'binary' }).put('1', Buffer.from('?'));
    await root.close();
    const again = await LmdbStore.open(path);
    expect(await again.heldBy('dead')).toMatchObject({ records: [], damaged: [{ id: '1' }] });
    expect(await again.removeOwner(ownerOf('dead'))).toBe(true);
    await again.close();
  });

  it('keeps all of a write or nothing', async () => {
    const store = await LmdbStore.open(join(temporaryFolder(), 'box'));
    const unwritable = { ...additionOf('2'), record: { ...recordOf('2'), id: 'x'.repeat(5_000) } };
    await expect(store.add([additionOf('1'), unwritable], { finishedBeforeMs: 0 })).rejects.toMatchObject({
      code: 'ERR_OUTBOX_STORE',
    });
    expect(await store.get('1')).toBeUndefined();
    expect((await store.counts()).queued).toBe(0);
    await store.add([additionOf('3')], { finishedBeforeMs: 0 });
    expect(await store.get('3')).toBeDefined();
    await store.close();
  });
});

/** LMDB, with a note of what is called and when it answers; `flushed` waits for the test as well. */
function watched(calls: string[], held: () => Promise<void>): LmdbModule {
  return {
    open: ((path: string, options: lmdb.RootDatabaseOptions) => {
      const root = lmdb.open(path, options);
      let isFirst = true;
      return new Proxy(root, {
        get(target, name): unknown {
          if (name === 'childTransaction' && isFirst) {
            return async (action: () => unknown) => {
              calls.push('transaction');
              const result = await target.childTransaction(action);
              calls.push('committed');
              return result;
            };
          }
          if (name === 'flushed' && isFirst) {
            isFirst = false;
            calls.push('flushed asked');
            return Promise.all([target.flushed, held()]).then(() => calls.push('flushed'));
          }
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    }) as LmdbModule['open'],
  };
}
