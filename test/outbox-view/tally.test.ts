import fc from 'fast-check';
import type { OutboxEntry, OutboxState } from '../../src/outbox/index.js';
import { MOST_NEXT, MOST_REPLIES, Tally } from '../../src/outbox-view/tally.js';
import { WINDOW_NAMES } from '../../src/outbox-view/windows.js';
import { STATES } from '../../src/outbox-view/words.js';
import { busyOutbox } from './busy-outbox.js';
import { entry, NOW_MS, reply } from './fake-outbox.js';

function tally(entries: readonly OutboxEntry[]): Tally {
  const made = new Tally('./outbox', NOW_MS);
  for (const one of entries) made.add(one);
  return made;
}

it('an empty outbox has nothing, and no number that is none', () => {
  const overview = tally([]).overview('24h');
  expect(overview).toMatchObject({
    entries: 0,
    due: { count: 0, longestMs: 0 },
    depth: { now: 0, most: 0 },
    next: [],
    replies: [],
    domains: [],
    notes: [],
  });
  expect(JSON.stringify(overview)).not.toMatch(/null|NaN/);
});

it('what comes next is in the order in which it will be tried, with those who have not got it yet', () => {
  const recipients = [
    { address: 'a@x.example', status: 'accepted', reply: reply(250, 'Ok') },
    { address: 'b@x.example', status: 'pending', reply: reply(451, '4.7.1 later') },
  ] as const;
  const entries = [
    entry({ id: 'later', nextAttemptAtMs: NOW_MS + 60_000 }),
    entry({ id: 'due', nextAttemptAtMs: NOW_MS - 90_000, state: 'deferred', attempts: 2, recipients, subject: 'Hi' }),
    entry({ id: 'urgent', nextAttemptAtMs: NOW_MS + 60_000, priority: 5 }),
    entry({ id: 'sent', state: 'sent' }),
  ];
  const { next, due } = tally(entries).overview('1h');
  expect(next.map(({ id }) => id)).toEqual(['due', 'urgent', 'later']);
  expect(next[0]).toEqual({
    id: 'due',
    atMs: NOW_MS - 90_000,
    attempt: 3,
    to: ['b@x.example'],
    subject: 'Hi',
    said: '451 4.7.1 later',
  });
  expect(due).toEqual({ count: 1, longestMs: 90_000 });
});

it('the last replies are the newest first, of attempts alone', () => {
  const entries = [
    entry({
      id: 'first',
      state: 'sent',
      attemptedAtMs: NOW_MS - 9_000,
      recipients: [{ address: 'a@b', status: 'accepted', reply: reply(250, 'Ok') }],
    }),
    entry({ id: 'none' }),
    entry({
      id: 'last',
      state: 'failed',
      attemptedAtMs: NOW_MS - 1_000,
      recipients: [{ address: 'c@d', status: 'refused', reply: reply(550, 'no') }],
    }),
  ];
  expect(tally(entries).overview('1h').replies).toEqual([
    { id: 'last', atMs: NOW_MS - 1_000, state: 'failed', address: 'c@d', code: 550, text: '550 no' },
    { id: 'first', atMs: NOW_MS - 9_000, state: 'sent', address: 'a@b', code: 250, text: '250 Ok' },
  ]);
});

it('what cannot be read counts as a state, and nowhere else', () => {
  const overview = tally([entry({ state: 'quarantined', enqueuedAtMs: 0 })]).overview('7d');
  expect([overview.counts.quarantined, overview.depth.most, overview.domains]).toEqual([1, 0, []]);
  expect(overview.notes).toHaveLength(1);
});

it('what is unknown has left the queue when it became so', () => {
  const { depth } = tally([
    entry({ state: 'unknown', enqueuedAtMs: NOW_MS - 30 * 60_000, attemptedAtMs: NOW_MS - 20 * 60_000 }),
  ]).overview('1h');
  expect([depth.now, depth.most]).toEqual([0, 1]);
  expect(depth.intervals.filter(({ other }) => other === 1)).toHaveLength(1);
});

const anyEntry: fc.Arbitrary<OutboxEntry> = fc
  .record({
    state: fc.constantFrom<OutboxState>(...STATES),
    agoMs: fc.integer({ min: 0, max: 8 * 86_400_000 }),
    tookMs: fc.integer({ min: 0, max: 86_400_000 }),
    to: fc.uniqueArray(fc.constantFrom('a@x.example', 'b@y.example', 'c@z.example'), { minLength: 1 }),
    priority: fc.integer({ min: -2, max: 2 }),
  })
  .map(({ state, agoMs, tookMs, to, priority }) => {
    const enqueuedAtMs = NOW_MS - agoMs;
    const endedAtMs = Math.min(NOW_MS, enqueuedAtMs + tookMs);
    const isOver = ['sent', 'partial', 'failed', 'cancelled'].includes(state);
    return entry({
      state,
      to,
      priority,
      enqueuedAtMs,
      ...(state === 'queued' ? { nextAttemptAtMs: enqueuedAtMs } : { attemptedAtMs: endedAtMs }),
      ...(isOver ? { finishedAtMs: endedAtMs } : {}),
    });
  });

it('the parts of an overview agree with each other, in every window', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 40 }), fc.constantFrom(...WINDOW_NAMES), (entries, name) => {
      const { counts, depth, due, next, replies, entries: total, window } = tally(entries).overview(name);
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(total);
      expect(depth.now).toBe(counts.queued + counts.sending + counts.deferred);
      expect(depth.most).toBeGreaterThanOrEqual(depth.now);
      expect([next.length <= MOST_NEXT, replies.length <= MOST_REPLIES]).toEqual([true, true]);
      expect(due.count).toBeLessThanOrEqual(counts.queued + counts.deferred);
      expect(next.map(({ atMs }) => atMs)).toEqual(next.map(({ atMs }) => atMs).sort((a, b) => a - b));
      expect(depth.intervals).toHaveLength((window.toMs - window.fromMs) / window.intervalMs);
      const came = depth.intervals.reduce((sum, interval) => sum + interval.came, 0);
      const inWindow = entries.filter(
        ({ state, enqueuedAtMs }) => state !== 'quarantined' && enqueuedAtMs >= window.fromMs,
      );
      expect(came).toBe(inWindow.length);
    }),
  );
});

it('the day of a shop is looked at in one go', () => {
  const overview = tally(busyOutbox(NOW_MS)).overview('24h');
  expect(overview.counts).toMatchObject({ sending: 2, deferred: 4, unknown: 1, partial: 1, cancelled: 1 });
  expect(overview.depth.most).toBeGreaterThan(100);
  expect(overview.domains.length).toBeGreaterThan(5);
});
