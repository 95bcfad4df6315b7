import { octetsOf } from '../../src/inbox/inbox-message.js';
import { MessageStore, type StoreEvent } from '../../src/inbox/message-store.js';
import { stored } from './arrivals.js';

const ROOM = { maxMessages: 10, maxOctets: 1_000_000 };

it('the oldest go when there are too many', async () => {
  const store = new MessageStore({ ...ROOM, maxMessages: 2 });
  const events: StoreEvent[] = [];
  store.listen((event) => events.push(event));
  for (const id of [1, 2, 3]) store.add(await stored(id));
  expect(store.messages.map(({ id }) => id)).toEqual([2, 3]);
  expect(events.slice(-2)).toEqual([
    { type: 'added', message: store.get(3) },
    { type: 'removed', ids: [1] },
  ]);
});

it('the oldest go when they weigh too much; the newest stays, whatever it weighs', async () => {
  const one = await stored(1);
  const store = new MessageStore({ ...ROOM, maxOctets: 2 * octetsOf(one) });
  store.add(one);
  store.add(await stored(2));
  store.add(await stored(3));
  expect(store.messages.map(({ id }) => id)).toEqual([2, 3]);
  store.add(await stored(4, `Subject: x\n\n${'x'.repeat(5000)}`));
  expect(store.messages.map(({ id }) => id)).toEqual([4]);
  expect(store.octets).toBe(octetsOf(store.messages[0] ?? one));
});

it('deleting gives the room back, tells, and never gives a number twice', async () => {
  const store = new MessageStore(ROOM);
  const events: StoreEvent[] = [];
  const end = store.listen((event) => events.push(event));
  store.add(await stored(store.nextId()));
  store.add(await stored(store.nextId()));
  expect([store.delete(1), store.delete(1), store.clear(), store.clear()]).toEqual([true, false, 1, 0]);
  expect([store.octets, store.messages, store.nextId()]).toEqual([0, [], 3]);
  expect(events.filter(({ type }) => type === 'removed')).toEqual([
    { type: 'removed', ids: [1] },
    { type: 'removed', ids: [2] },
  ]);
  end();
  store.add(await stored(3));
  expect(events).toHaveLength(4);
});
