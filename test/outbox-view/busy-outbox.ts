/** A day of a shop's mail, the same each time: for the page, the terminal and their pictures. */
import type { OutboxEntry } from '../../src/outbox/index.js';
import { entry, reply, type EntryFields } from './fake-outbox.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DOMAINS = ['example.org', 'gmail.example', 'gmail.example', 'outlook.example', 'firma.example', 'uni.example'];
const NAMES = ['ann', 'bob', 'cid', 'dora', 'emil', 'frida', 'gustav', 'hana', 'ivo', 'jana'];
const SUBJECTS = [
  'Your order 18{} is on its way',
  'Invoice 2026-{}',
  'Reset your password',
  'Your parcel {} was delivered',
];

/** A generator of the usual kind: no two calls look alike, and all runs do. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function busyOutbox(nowMs: number): OutboxEntry[] {
  const roll = dice(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
  const address = (): string => `${pick(NAMES)}@${pick(DOMAINS)}`;
  const subject = (): string => pick(SUBJECTS).replace('{}', String(100 + Math.floor(roll() * 900)));
  const made: OutboxEntry[] = [];
  for (let index = 0; index < 900; index += 1) {
    // Two waves of a day: the morning, and a newsletter a few hours ago that took a while.
    const isWave = roll() < 0.35;
    const enqueuedAtMs = Math.round(
      nowMs - (isWave ? 5 * HOUR_MS + roll() * 4 * MINUTE_MS : roll() ** 1.4 * 24 * HOUR_MS),
    );
    const tookMs = isWave ? roll() * 70 * MINUTE_MS : roll() * 90_000;
    const finishedAtMs = Math.min(nowMs - 400, Math.round(enqueuedAtMs + tookMs));
    const at = { enqueuedAtMs, attemptedAtMs: finishedAtMs, finishedAtMs, subject: subject(), attempts: 1 };
    const to = address();
    if (roll() < 0.03) {
      const refused = reply(550, '5.1.1 The e-mail account that you tried to reach does not exist');
      made.push(
        entry({ ...at, to: [to], state: 'failed', recipients: [{ address: to, status: 'refused', reply: refused }] }),
      );
    } else {
      const said = reply(250, `2.0.0 Ok: queued as 4bV${String(1000 + index)}`);
      made.push(
        entry({ ...at, to: [to], state: 'sent', recipients: [{ address: to, status: 'accepted', reply: said }] }),
      );
    }
  }
  return [...made, ...openOnes(nowMs)].sort((a, b) => a.enqueuedAtMs - b.enqueuedAtMs);
}

function openOnes(nowMs: number): OutboxEntry[] {
  const greylisted = reply(451, '4.7.1 Greylisted, please try again in 5 minutes');
  const throttled = reply(
    421,
    '4.7.28 Our system has detected an unusual rate of mail\nfrom your address. Try again later.',
  );
  const long =
    'a.very.long.local.part.that.goes.on.and.on@department.of.long.names.at.a.university.with.a.long.name.example';
  const deferred = (to: string, inMs: number, said: typeof greylisted, attempts: number): EntryFields => ({
    to: [to],
    state: 'deferred',
    attempts,
    enqueuedAtMs: nowMs - attempts * 9 * MINUTE_MS,
    attemptedAtMs: nowMs - 9_000 - inMs / 100,
    nextAttemptAtMs: nowMs + inMs,
    subject: 'Your order 1843 is on its way',
    failure: {
      code: 'ERR_RECIPIENTS_REFUSED',
      message: 'all recipients were refused',
      delivery: 'refused',
      stage: 'rcpt',
      reply: said,
    },
    recipients: [{ address: to, status: 'pending', reply: said }],
  });
  const three = ['ann@example.org', 'gone@example.org', 'cid@firma.example'];
  return [
    entry(deferred('ann@slow.example', 75_000, greylisted, 1)),
    entry(deferred('news@gmail.example', 6 * MINUTE_MS, throttled, 2)),
    entry(deferred(long, 41 * MINUTE_MS, greylisted, 4)),
    entry({
      ...deferred('dora@down.example', 2 * HOUR_MS, greylisted, 6),
      failure: {
        code: 'ERR_CONNECT',
        message: 'no connection to mx.down.example:25: the connection timed out',
        delivery: 'not-sent',
        stage: 'connect',
      },
      recipients: [{ address: 'dora@down.example', status: 'pending' }],
    }),
    entry({
      to: ['nobody@uni.example'],
      state: 'failed',
      enqueuedAtMs: nowMs - 8_000,
      attemptedAtMs: nowMs - 6_000,
      finishedAtMs: nowMs - 6_000,
      subject: 'Your order 1844 is on its way',
      recipients: [{ address: 'nobody@uni.example', status: 'refused', reply: reply(550, '5.1.1 User unknown') }],
    }),
    entry({ to: ['emil@example.org'], state: 'sending', enqueuedAtMs: nowMs - 3_000, subject: 'Reset your password' }),
    entry({ to: ['hana@gmail.example'], state: 'sending', enqueuedAtMs: nowMs - 2_000, subject: 'Invoice 2026-411' }),
    ...[1, 2, 3].map((index) =>
      entry({
        to: [`${NAMES[index] ?? ''}@gmail.example`],
        enqueuedAtMs: nowMs - index * 900,
        nextAttemptAtMs: nowMs - index * 900,
        subject: 'Your parcel 734 was delivered',
      }),
    ),
    entry({
      to: ['jana@uni.example'],
      enqueuedAtMs: nowMs - HOUR_MS,
      nextAttemptAtMs: nowMs + 3 * HOUR_MS,
      subject: 'Reminder: your appointment tomorrow — Grüße aus Köln',
    }),
    entry({
      to: ['ivo@outlook.example'],
      state: 'unknown',
      enqueuedAtMs: nowMs - 26 * MINUTE_MS,
      attemptedAtMs: nowMs - 25 * MINUTE_MS,
      subject: 'Your order 1791 is on its way',
      failure: {
        code: 'ERR_DISCONNECTED',
        message: 'the server closed the connection before it answered the end of the content',
        delivery: 'unknown',
        stage: 'final',
      },
    }),
    entry({
      to: three,
      state: 'partial',
      enqueuedAtMs: nowMs - 50 * MINUTE_MS,
      attemptedAtMs: nowMs - 49 * MINUTE_MS,
      finishedAtMs: nowMs - 49 * MINUTE_MS,
      key: 'order-1777',
      messageId: '<20261120.1777@shop.example>',
      subject: 'Your order 1777 is on its way',
      recipients: three.map((address) =>
        address.startsWith('gone')
          ? { address, status: 'refused', reply: reply(550, '5.1.1 No such user here') }
          : { address, status: 'accepted', reply: reply(250, '2.0.0 Ok: queued as 4bV9917') },
      ),
    }),
    entry({
      to: ['frida@firma.example'],
      state: 'cancelled',
      enqueuedAtMs: nowMs - 3 * HOUR_MS,
      finishedAtMs: nowMs - 2 * HOUR_MS,
      subject: 'Price list',
    }),
  ];
}
