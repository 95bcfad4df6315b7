import { findEntries } from '../../src/outbox-view/find-entries.js';
import { entry, FakeOutbox, NOW_MS } from './fake-outbox.js';

const outbox = new FakeOutbox([
  entry({ id: 'sent-old', state: 'sent', finishedAtMs: NOW_MS - 9_000, subject: 'Invoice 7' }),
  entry({ id: 'sent-new', state: 'sent', finishedAtMs: NOW_MS - 1_000, to: ['Ann@Example.org'] }),
  entry({ id: 'later', nextAttemptAtMs: NOW_MS + 9_000, key: 'order-7' }),
  entry({ id: 'soon', state: 'deferred', nextAttemptAtMs: NOW_MS + 1_000, from: 'ann@shop.example' }),
  entry({ id: 'now', state: 'sending', messageId: '<7@shop.example>' }),
  entry({ id: 'held', state: 'unknown' }),
]);
const ids = async (filter: Partial<Parameters<typeof findEntries>[1]> = {}): Promise<readonly string[]> =>
  (await findEntries(outbox, { limit: 50, ...filter })).entries.map(({ id }) => id);

it('what somebody has to decide stands first, then what moves, then what is over, the last one first', async () => {
  expect(await ids()).toEqual(['held', 'now', 'soon', 'later', 'sent-new', 'sent-old']);
  expect(await ids({ state: 'sent' })).toEqual(['sent-new', 'sent-old']);
});

it('finds in addresses, subject, id, key and Message-ID, in any case', async () => {
  expect(await ids({ find: ' ANN@ ' })).toEqual(['soon', 'sent-new']);
  expect(await ids({ find: '7' })).toEqual(['now', 'later', 'sent-old']);
  expect(await ids({ find: 'held' })).toEqual(['held']);
  expect(await ids({ find: 'nobody' })).toEqual([]);
});

it('counts all and gives few', async () => {
  expect(await findEntries(outbox, { limit: 2 })).toMatchObject({ total: 6, entries: [{ id: 'held' }, { id: 'now' }] });
});
