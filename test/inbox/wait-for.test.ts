import { MessageStore } from '../../src/inbox/message-store.js';
import { fits, MAX_WAITERS, Waiters, type WaitOptions } from '../../src/inbox/wait-for.js';
import { rejectionOf } from '../support/rejection.js';
import { stored } from './arrivals.js';

const store = (): MessageStore => new MessageStore({ maxMessages: 10, maxOctets: 1_000_000 });

it('a filter fits when all that it says fits', async () => {
  const message = await stored(5);
  expect(fits(message, {})).toBe(true);
  expect(fits(message, { to: 'BOB@example.org', from: 'ann@example.org', subject: 'ell', after: 4 })).toBe(true);
  expect(fits(message, { subject: /^hello$/i })).toBe(true);
  for (const filter of [
    { to: 'ann@example.org' },
    { from: 'bob@example.org' },
    { subject: 'hello' },
    { subject: /^x/ },
    { after: 5 },
  ]) {
    expect(fits(message, filter)).toBe(false);
  }
  const global = /Hello/g;
  expect([fits(message, { subject: global }), fits(message, { subject: global })]).toEqual([true, true]);
});

it('the oldest that fits comes first, and then the next one that comes', async () => {
  const kept = store();
  const waiters = new Waiters(kept);
  kept.add(await stored(1));
  kept.add(await stored(2));
  expect((await waiters.wait({})).id).toBe(1);
  const next = waiters.wait({ after: 2 });
  kept.add(await stored(3));
  expect((await next).id).toBe(3);
});

it('a time-out says what was waited for, and what came instead', async () => {
  const kept = store();
  expect(await rejectionOf(new Waiters(kept).wait({ timeoutMs: 0 }))).toMatchObject({
    code: 'ERR_INBOX_WAIT_TIMEOUT',
    hint: expect.stringContaining('No message at all') as unknown,
  });
  kept.add(await stored(1));
  expect(await rejectionOf(new Waiters(kept).wait({ to: 'x@y.org', subject: /z/, timeoutMs: 0 }))).toMatchObject({
    message: 'no message with to "x@y.org", subject /z/ came within 0 ms',
    hint: '1 other messages are there; the last: bob@example.org: "Hello".',
  });
});

it('a signal and the end of the inbox end a wait', async () => {
  const waiters = new Waiters(store());
  const abort = new AbortController();
  const waiting = rejectionOf(waiters.wait({ signal: abort.signal }));
  const reason = new Error('enough');
  abort.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await rejectionOf(waiters.wait({ signal: abort.signal }))).toBe(reason);
  const other = rejectionOf(waiters.wait({}));
  waiters.close();
  expect(await other).toMatchObject({ code: 'ERR_INBOX_CLOSED' });
  expect(await rejectionOf(waiters.wait({}))).toMatchObject({ code: 'ERR_INBOX_CLOSED' });
});

it('so many may wait, and no more', async () => {
  const waiters = new Waiters(store());
  const all = Array.from({ length: MAX_WAITERS }, () => rejectionOf(waiters.wait({})));
  expect(await rejectionOf(waiters.wait({}))).toMatchObject({ code: 'ERR_INBOX_TOO_MANY_WAITERS' });
  waiters.close();
  await Promise.all(all);
});

it.each([
  { timeoutMs: -1 },
  { timeoutMs: Number.NaN },
  { timeoutMs: '5' },
  { to: 5 },
  { from: {} },
  { subject: 5 },
  { after: 'x' },
])('%j is refused', async (options) => {
  expect(await rejectionOf(new Waiters(store()).wait(options as unknown as WaitOptions))).toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});
