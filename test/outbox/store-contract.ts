/** What every store of an outbox keeps. Call it inside of a `describe` with a function that opens an empty store. */
import { OUTBOX_STATES } from '../../src/outbox/counts.js';
import { changed } from '../../src/outbox/record.js';
import type { OutboxRecord, OutboxStore } from '../../src/outbox/store.js';
import { additionOf, ownerOf } from './records.js';

const ANY_TIME = { finishedBeforeMs: 0 };

export function storeContract(openEmpty: () => Promise<OutboxStore>): void {
  let store: OutboxStore;

  beforeEach(async () => {
    store = await openEmpty();
  });

  afterEach(async () => {
    await store.close();
  });

  async function existing(id: string): Promise<OutboxRecord> {
    const record = await store.get(id);
    if (record === undefined) throw new Error(`there is no ${id}`);
    return record;
  }

  async function put(id: string, change: Parameters<typeof changed>[1]): Promise<OutboxRecord> {
    const before = await existing(id);
    const after = changed(before, change);
    expect(await store.update(after, before.version)).toBe(true);
    return after;
  }

  const finished = { state: 'sent', nextAttemptAtMs: undefined, finishedAtMs: 5_000 } as const;

  it('gives back what was added: record, content, key', async () => {
    const reply = { code: 250, enhancedCode: undefined, lines: ['ok'], text: 'ok' };
    const addition = additionOf('1', {
      key: 'order 7 \u0000 ü',
      recipients: [{ address: 'b@example.net', status: 'accepted', reply }],
      failure: { code: 'ERR_X', message: 'm', delivery: 'refused', stage: 'rcpt', reply },
    });
    expect(await store.add([addition], ANY_TIME)).toEqual([{ record: addition.record, added: true }]);
    expect(await store.get('1')).toStrictEqual(addition.record);
    expect(await store.getByKey('order 7 \u0000 ü')).toStrictEqual(addition.record);
    expect(Buffer.from((await store.content('1')) ?? []).toString()).toBe('content of 1');
  });

  it('knows nothing of what was never added', async () => {
    expect(await store.get('1')).toBeUndefined();
    expect(await store.getByKey('1')).toBeUndefined();
    expect(await store.content('1')).toBeUndefined();
    expect(await store.nextDueAtMs()).toBeUndefined();
  });

  it('keeps a content of which the caller changes the octets afterwards', async () => {
    const content = Buffer.from('abc');
    await store.add([{ ...additionOf('1'), content }], ANY_TIME);
    content.fill(0);
    expect(Buffer.from((await store.content('1')) ?? []).toString()).toBe('abc');
  });

  it('gives the standing entry for a key that is taken, and writes nothing', async () => {
    const first = additionOf('1', { key: 'k' });
    await store.add([first], ANY_TIME);
    expect(await store.add([additionOf('2', { key: 'k' })], ANY_TIME)).toEqual([
      { record: first.record, added: false },
    ]);
    expect(await store.get('2')).toBeUndefined();
  });

  it('lets the first of one call have the key', async () => {
    const both = [additionOf('1', { key: 'k' }), additionOf('2', { key: 'k' })];
    const answers = await store.add(both, ANY_TIME);
    expect(answers.map(({ record: { id }, added }) => [id, added])).toEqual([['1', true], ['1', false]]); // prettier-ignore
  });

  it('gives a key of many callers at once to one of them', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => String(index).padStart(2, '0'));
    const answers = await Promise.all(ids.map(async (id) => await store.add([additionOf(id, { key: 'k' })], ANY_TIME)));
    expect(answers.flat().filter(({ added }) => added)).toHaveLength(1);
    expect(new Set(answers.flat().map(({ record }) => record.id)).size).toBe(1);
  });

  it('replaces a finished entry under the same key when it is old enough, and never one that is not finished', async () => {
    await store.add([additionOf('1', { key: 'k' })], ANY_TIME);
    const [open] = await store.add([additionOf('2', { key: 'k' })], { finishedBeforeMs: Number.MAX_SAFE_INTEGER });
    expect(open?.record.id).toBe('1');
    await put('1', finished);
    const [young] = await store.add([additionOf('2', { key: 'k' })], { finishedBeforeMs: 5_000 });
    expect(young?.record.id).toBe('1');
    const [old] = await store.add([additionOf('2', { key: 'k' })], { finishedBeforeMs: 5_001 });
    expect(old).toMatchObject({ added: true, record: { id: '2' } });
    expect(await store.get('1')).toBeUndefined();
    expect(await store.content('1')).toBeUndefined();
    expect((await store.getByKey('k'))?.id).toBe('2');
  });

  it('updates only the version that was expected', async () => {
    await store.add([additionOf('1')], ANY_TIME);
    const before = await existing('1');
    const one = changed(before, { state: 'deferred', nextAttemptAtMs: 2_000 });
    expect(await store.update(one, before.version)).toBe(true);
    expect(await store.update(changed(before, { state: 'cancelled' }), before.version)).toBe(false);
    expect(await store.get('1')).toStrictEqual(one);
    expect(await store.update({ ...one, id: 'nobody' }, 1)).toBe(false);
  });

  it('lets one of many updates of a version win', async () => {
    await store.add([additionOf('1')], ANY_TIME);
    const before = await existing('1');
    const updates = Array.from({ length: 10 }, async (_, priority) => {
      return await store.update({ ...changed(before, { state: 'queued' }), priority }, before.version);
    });
    expect((await Promise.all(updates)).filter((won) => won)).toHaveLength(1);
  });

  it('claims what is due: higher priority first, then due longest, then enqueued first', async () => {
    await store.add(
      [
        additionOf('1', { nextAttemptAtMs: 3_000 }),
        additionOf('2', { nextAttemptAtMs: 2_000 }),
        additionOf('3', { nextAttemptAtMs: 2_000 }),
        additionOf('4', { nextAttemptAtMs: 3_000, priority: 100 }),
        additionOf('5', { nextAttemptAtMs: 1_000, priority: -100 }),
        additionOf('6', { nextAttemptAtMs: 3_001, priority: 7 }),
      ],
      ANY_TIME,
    );
    const claim = async (nowMs: number, limit: number): Promise<readonly string[]> =>
      (await store.claim({ owner: ownerOf('me'), nowMs, limit })).records.map(({ id }) => id);
    expect(await claim(3_000, 2)).toEqual(['4', '2']);
    expect(await claim(3_000, 10)).toEqual(['3', '1', '5']);
    expect(await claim(3_000, 10)).toEqual([]);
    expect(await claim(3_001, 10)).toEqual(['6']);
  });

  it('writes into a claimed entry who has it, that an attempt begins, and nothing else', async () => {
    const { record } = additionOf('1', { departed: [0], state: 'deferred' });
    await store.add([{ record, content: Buffer.from('x') }], ANY_TIME);
    const { records } = await store.claim({ owner: ownerOf('me'), nowMs: 1_000, limit: 1 });
    const { nextAttemptAtMs, departed, ...rest } = record;
    expect([nextAttemptAtMs, departed]).toEqual([1_000, [0]]);
    expect(records).toStrictEqual([{ ...rest, state: 'sending', owner: 'me', version: 2, attempts: 1 }]);
    expect(await store.get('1')).toStrictEqual(records[0]);
    expect((await store.heldBy('me')).records).toStrictEqual(records);
    expect((await store.heldBy('you')).records).toEqual([]);
  });

  it('gives each entry to one of many claims', async () => {
    await store.add(
      Array.from({ length: 30 }, (_, index) => additionOf(`e${String(index)}`)),
      ANY_TIME,
    );
    const claims = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        return await store.claim({ owner: ownerOf(`o${String(index)}`), nowMs: 1_000, limit: 5 });
      }),
    );
    const ids = claims.flatMap(({ records }) => records.map(({ id }) => id));
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  });

  it('says when the next entry is due', async () => {
    await store.add([additionOf('1', { nextAttemptAtMs: 9_000, priority: 5 }), additionOf('2', { nextAttemptAtMs: 7_000 })], ANY_TIME); // prettier-ignore
    expect(await store.nextDueAtMs()).toBe(7_000);
    await put('2', { state: 'cancelled', nextAttemptAtMs: undefined });
    expect(await store.nextDueAtMs()).toBe(9_000);
    await store.claim({ owner: ownerOf('me'), nowMs: 9_000, limit: 1 });
    expect(await store.nextDueAtMs()).toBeUndefined();
  });

  it('lists by id, by state, behind an id, and so many', async () => {
    await store.add(
      ['3', '1', '2', '4'].map((id) => additionOf(id)),
      ANY_TIME,
    );
    await put('2', finished);
    const ids = async (options: Parameters<OutboxStore['list']>[0]): Promise<readonly string[]> =>
      (await store.list(options)).map(({ id }) => id);
    expect(await ids({ limit: 10 })).toEqual(['1', '2', '3', '4']);
    expect(await ids({ limit: 2, after: '1' })).toEqual(['2', '3']);
    expect(await ids({ limit: 10, state: 'queued' })).toEqual(['1', '3', '4']);
    expect(await ids({ limit: 1, state: 'queued', after: '1' })).toEqual(['3']);
    expect(await ids({ limit: 10, state: 'sent' })).toEqual(['2']);
    expect(await ids({ limit: 10, state: 'failed' })).toEqual([]);
  });

  it('counts each state', async () => {
    const none = Object.fromEntries(OUTBOX_STATES.map((state) => [state, 0]));
    expect(await store.counts()).toEqual(none);
    await store.add([additionOf('1'), additionOf('2'), additionOf('3')], ANY_TIME);
    await put('1', finished);
    await store.claim({ owner: ownerOf('me'), nowMs: 1_000, limit: 1 });
    expect(await store.counts()).toEqual({ ...none, queued: 1, sending: 1, sent: 1 });
  });

  it('removes entries of the version that was seen, with content and key', async () => {
    await store.add([additionOf('1', { key: 'k' }), additionOf('2')], ANY_TIME);
    await put('2', finished);
    const targets = [{ id: '1', version: 1 }, { id: '2', version: 1 }, { id: '3', version: 1 }]; // prettier-ignore
    expect(await store.remove(targets)).toBe(1);
    expect(await store.get('1')).toBeUndefined();
    expect(await store.content('1')).toBeUndefined();
    expect(await store.getByKey('k')).toBeUndefined();
    expect(await store.get('2')).toBeDefined();
    expect(await store.nextDueAtMs()).toBeUndefined();
    expect((await store.counts()).queued).toBe(0);
    expect(await store.add([additionOf('4', { key: 'k' })], ANY_TIME)).toMatchObject([{ added: true }]);
  });

  it('writes owners down, and down again', async () => {
    await store.beat(ownerOf('a', 1));
    await store.beat({ ...ownerOf('b', 1), processStart: '77' });
    await store.beat(ownerOf('a', 2));
    const owners = [...(await store.owners())].sort((x, y) => (x.id < y.id ? -1 : 1));
    expect(owners).toStrictEqual([ownerOf('a', 2), { ...ownerOf('b', 1), processStart: '77' }]);
  });

  it('forgets an owner only when its beat is the known one and nothing is in its hand', async () => {
    await store.add([additionOf('1')], ANY_TIME);
    await store.beat(ownerOf('a', 2));
    expect(await store.removeOwner({ id: 'a', beat: 1 })).toBe(false);
    await store.claim({ owner: ownerOf('a', 2), nowMs: 1_000, limit: 1 });
    expect(await store.removeOwner({ id: 'a', beat: 2 })).toBe(false);
    await put('1', { ...finished, owner: undefined });
    expect(await store.removeOwner({ id: 'a', beat: 2 })).toBe(true);
    expect(await store.owners()).toEqual([]);
  });

  it('knows the owner of whatever was claimed, though it was forgotten meanwhile', async () => {
    await store.add([additionOf('1')], ANY_TIME);
    await store.claim({ owner: ownerOf('a', 3), nowMs: 1_000, limit: 1 });
    expect(await store.owners()).toStrictEqual([ownerOf('a', 3)]);
  });
}
