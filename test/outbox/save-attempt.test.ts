import { MemoryStore } from '../../src/outbox/memory-store.js';
import { changed } from '../../src/outbox/record.js';
import { saveAttempt } from '../../src/outbox/save-attempt.js';
import type { OutboxRecord, OutboxStore } from '../../src/outbox/store.js';
import { FakeEnvironment, settled } from './fake-environment.js';
import { additionOf, ownerOf } from './records.js';

const two = [
  { address: 'a', status: 'pending' },
  { address: 'b', status: 'pending' },
] as const;

async function claimedIn(store: OutboxStore): Promise<OutboxRecord> {
  await store.add([additionOf('1', { recipients: two })], { finishedBeforeMs: 0 });
  const { records } = await store.claim({ owner: ownerOf('me'), nowMs: 1_000, limit: 1 });
  const [record] = records;
  if (record === undefined) throw new Error('nothing was claimed');
  return record;
}

/** What an attempt came to: the first has it, and the second is to be asked again. */
function deferred(before: OutboxRecord): OutboxRecord {
  return changed(before, {
    state: 'deferred',
    owner: undefined,
    recipients: [{ address: 'a', status: 'accepted' }, two[1]],
    nextAttemptAtMs: 9_000,
  });
}

const optionsFor = (store: OutboxStore, stopping = new AbortController().signal) => {
  const environment = new FakeEnvironment();
  const reported: unknown[] = [];
  const report = (error: unknown): void => {
    reported.push(error);
  };
  return { store, environment, pollMs: 1_000, ownerId: 'me', stopping, report, reported };
};

describe('the outcome of an attempt', () => {
  it('is written in the place of what was there', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    const after = deferred(before);
    expect(await saveAttempt({ before, after }, optionsFor(store))).toBe(after);
    expect(await store.get('1')).toBe(after);
  });

  it('counts as written when it stands there though the store said that it had failed', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    const after = deferred(before);
    let failures = 1;
    store.update = async (record, version) => {
      const isWritten = await MemoryStore.prototype.update.call(store, record, version);
      failures -= 1;
      if (failures >= 0) throw new Error('the answer was lost');
      return isWritten;
    };
    const options = optionsFor(store);
    const saved = saveAttempt({ before, after }, options);
    await options.environment.pass(1_000);
    expect(await saved).toEqual(after);
    expect(options.reported).toHaveLength(1);
    expect((await store.get('1'))?.version).toBe(after.version);
  });

  it('is written over a mark of its own that it did not know to be there', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    await store.update(changed(before, { state: 'sending', departed: [0, 1] }), before.version);
    const saved = await saveAttempt({ before, after: deferred(before) }, optionsFor(store));
    expect(saved).toMatchObject({ state: 'deferred', version: before.version + 2 });
  });

  it('tells who has accepted to what another process has made of the entry meanwhile', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    const recipients = two.map((recipient) => ({ ...recipient, status: 'unknown' as const }));
    await store.update(changed(before, { state: 'unknown', owner: undefined, recipients }), before.version);
    const saved = await saveAttempt({ before, after: deferred(before) }, optionsFor(store));
    expect(saved).toMatchObject({ state: 'unknown', recipients: [{ status: 'accepted' }, { status: 'unknown' }] });
  });

  it('changes nothing else of it, and not what was cancelled', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    const waiting = changed(before, { state: 'deferred', owner: undefined, nextAttemptAtMs: 77 });
    await store.update(waiting, before.version);
    const saved = await saveAttempt({ before, after: deferred(before) }, optionsFor(store));
    expect(saved).toMatchObject({ state: 'deferred', nextAttemptAtMs: 77, recipients: [{ status: 'accepted' }, { status: 'pending' }] }); // prettier-ignore
    const gone = changed(waiting, { state: 'cancelled', nextAttemptAtMs: undefined, finishedAtMs: 1 });
    await store.update({ ...gone, version: 9 }, saved?.version ?? 0);
    const all = changed(before, {
      state: 'sent',
      owner: undefined,
      recipients: two.map((r) => ({ ...r, status: 'accepted' as const })),
    });
    expect(await saveAttempt({ before, after: all }, optionsFor(store))).toMatchObject({
      state: 'cancelled',
      finishedAtMs: 1,
    });
  });

  it('is not written when another process has the entry in hand, or nobody has it any more', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    const other = changed(before, { state: 'sending', owner: 'other', attempts: 2 });
    await store.update(other, before.version);
    expect(await saveAttempt({ before, after: deferred(before) }, optionsFor(store))).toBeUndefined();
    expect(await store.get('1')).toBe(other);
    await store.remove([other]);
    expect(await saveAttempt({ before, after: deferred(before) }, optionsFor(store))).toBeUndefined();
  });

  it('is tried again with longer and longer pauses, and a few times more when the outbox stops', async () => {
    const store = new MemoryStore();
    const before = await claimedIn(store);
    let tries = 0;
    store.update = () => {
      tries += 1;
      return Promise.reject(new Error('no'));
    };
    const stopping = new AbortController();
    const options = optionsFor(store, stopping.signal);
    const saved = saveAttempt({ before, after: deferred(before) }, options).catch((error: unknown) => error);
    await options.environment.pass(7_500);
    // At 0, 1, 3 and 7 seconds.
    expect(tries).toBe(4);
    stopping.abort();
    expect(await saved).toEqual(new Error('no'));
    await settled();
    expect(tries).toBe(8);
    expect(options.environment.timerCount).toBe(0);
  });
});
