import type { OutboxState } from '../../src/outbox/index.js';
import {
  ago,
  isRetryRisky,
  lastWords,
  mayCancel,
  mayRetry,
  number,
  people,
  rate,
  replyWords,
  span,
  STATE_MEANINGS,
  STATES,
  toneOf,
  until,
} from '../../src/outbox-view/words.js';
import { entry, reply } from './fake-outbox.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

it.each([
  [0, '0 s'],
  [-5, '0 s'],
  [45_400, '45 s'],
  [99_000, '99 s'],
  [100_000, '2 min'],
  [99 * MINUTE, '99 min'],
  [100 * MINUTE, '2 h'],
  [47 * HOUR, '47 h'],
  [48 * HOUR, '2 days'],
  [150 * HOUR, '6 days'],
])('%d ms are %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

it('what comes, what is due, and what was', () => {
  expect([until(5 * MINUTE, 0), until(0, 12_000), until(500, 0), until(0, 999)]).toEqual([
    'in 5 min',
    'due for 12 s',
    'now',
    'now',
  ]);
  expect([ago(0, 12_000), ago(0, 500), ago(9_000, 0)]).toEqual(['12 s ago', 'now', 'now']);
});

it('numbers, rates and people', () => {
  expect([number(1_234_567), rate(0), rate(0.04), rate(9.94), rate(1_234.4)]).toEqual([
    '1,234,567',
    '0',
    '0.0',
    '9.9',
    '1,234',
  ]);
  expect([people([]), people(['a@b']), people(['a@b', 'c@d', 'e@f'])]).toEqual(['nobody', 'a@b', 'a@b and 2 more']);
  expect(replyWords(reply(550, '5.1.1 no\n such user'))).toBe('550 5.1.1 no such user');
  expect(replyWords(reply(250, ''))).toBe('250');
});

describe('the last words about an entry', () => {
  it('are the reply of the failure, for somebody who has not got it', () => {
    const failure = { code: 'ERR_X', message: 'no', delivery: 'refused', reply: reply(451, 'later') } as const;
    const recipients = [
      { address: 'a@b', status: 'accepted', reply: reply(250, 'Ok') },
      { address: 'c@d', status: 'pending' },
    ] as const;
    expect(lastWords(entry({ state: 'deferred', failure, recipients }))).toEqual({
      address: 'c@d',
      code: 451,
      text: '451 later',
    });
  });

  it('else the reply to one who was refused, the failure without a reply, or the last who was accepted', () => {
    const refused = [
      { address: 'a@b', status: 'accepted', reply: reply(250, 'Ok') },
      { address: 'c@d', status: 'refused', reply: reply(550, 'no') },
    ] as const;
    expect(lastWords(entry({ state: 'partial', recipients: refused }))).toEqual({
      address: 'c@d',
      code: 550,
      text: '550 no',
    });
    const failure = { code: 'ERR_X', message: 'timed\nout', delivery: 'not-sent' } as const;
    expect(lastWords(entry({ state: 'deferred', failure }))).toEqual({ address: 'bob@example.org', text: 'timed out' });
    const [accepted] = refused;
    expect(lastWords(entry({ state: 'sent', recipients: [accepted] }))).toEqual({
      address: 'a@b',
      code: 250,
      text: '250 Ok',
    });
  });

  it('are of what happened last: no old reply when there was no connection, no old failure when it was sent', () => {
    const failure = { code: 'ERR_X', message: 'no connection', delivery: 'not-sent' } as const;
    const recipients = [{ address: 'a@b', status: 'pending', reply: reply(451, 'later') }] as const;
    expect(lastWords(entry({ state: 'deferred', failure, recipients }))?.text).toBe('no connection');
    const refusal = { ...failure, delivery: 'refused' } as const;
    expect(lastWords(entry({ state: 'deferred', failure: refusal, recipients }))?.text).toBe('451 later');
    const accepted = [{ address: 'a@b', status: 'accepted', reply: reply(250, 'Ok') }] as const;
    expect(lastWords(entry({ state: 'sent', failure, recipients: accepted }))?.text).toBe('250 Ok');
  });

  it('are not there before the first attempt', () => {
    expect(lastWords(entry())).toBeUndefined();
    expect(lastWords(entry({ to: [], recipients: [] }))).toBeUndefined();
  });
});

it('every state has its place, its meaning and its tone, and what may be asked is what the outbox does', () => {
  const all: readonly OutboxState[] = STATES;
  expect(new Set(all).size).toBe(9);
  expect(all.filter((state) => STATE_MEANINGS[state] === '')).toEqual([]);
  expect(all.map(toneOf)).toEqual(['plain', 'plain', 'warn', 'note', 'bad', 'good', 'warn', 'bad', 'plain']);
  expect(all.filter(mayCancel)).toEqual(['queued', 'deferred', 'unknown']);
  expect(all.filter((state) => !mayRetry(state))).toEqual(['sending', 'quarantined', 'sent']);
  expect([isRetryRisky(entry({ state: 'unknown' })), isRetryRisky(entry({ state: 'failed' }))]).toEqual([true, false]);
});
