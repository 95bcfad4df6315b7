/** Rates as text, and the bucket that keeps to them. */
import fc from 'fast-check';
import { parseRate, TokenBucket } from '../../src/mailer/rate.js';
import { thrownBy } from '../support/thrown.js';

describe('a rate', () => {
  it.each([
    ['10/s', 10, 1_000],
    ['600/min', 600, 60_000],
    ['5000 / hour', 5_000, 3_600_000],
    ['100/15min', 100, 900_000],
    ['1 per day', 1, 86_400_000],
    ['7/500ms', 7, 500],
  ])('%s', (text, messages, perMs) => {
    expect(parseRate(text)).toEqual({ messages, perMs });
    expect(parseRate({ messages, perMs })).toEqual({ messages, perMs });
  });

  it.each([
    '',
    's',
    '10',
    '10/',
    '/s',
    '0/s',
    '-1/s',
    '1.5/s',
    '10/week',
    '10/toString',
    '10/0s',
    '10/s ;',
    42,
    null,
    undefined,
    {},
    { messages: 0, perMs: 1 },
    { messages: 1.5, perMs: 1 },
    { messages: 1, perMs: 0 },
    { messages: 1, perMs: Infinity },
    { messages: '1', perMs: 1_000 },
  ])('%j is none', (given) => {
    expect(thrownBy(() => parseRate(given))).toMatchObject({ code: 'ERR_INVALID_OPTION', name: 'MessageError' });
  });
});

describe('a bucket of tokens', () => {
  it('lets a whole period go at once, and then one for each share of it', () => {
    const bucket = new TokenBucket({ messages: 3, perMs: 300 });
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
    expect(bucket.availableAtMs()).toBe(100);
    expect([99, 100, 100, 200].map((now) => bucket.take(now))).toEqual([false, true, false, true]);
  });

  it('does not save up more than one period', () => {
    const bucket = new TokenBucket({ messages: 2, perMs: 100 });
    expect([10_000, 10_000, 10_000].map((now) => bucket.take(now))).toEqual([true, true, false]);
  });

  it('gives again what was given back', () => {
    const bucket = new TokenBucket({ messages: 1, perMs: 100 });
    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
    bucket.giveBack();
    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
  });

  it('lets no more go than a full bucket and the shares of the time that has passed, and has one when it says so', () => {
    const waits = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5_000 }),
        waits,
        (messages, perMs, all) => {
          const bucket = new TokenBucket({ messages, perMs });
          let nowMs = 0;
          let taken = 0;
          for (const waitMs of all) {
            nowMs += waitMs;
            while (bucket.take(nowMs)) taken += 1;
            expect(taken).toBeLessThanOrEqual(messages + Math.floor((nowMs * messages) / perMs + 1e-3));
            expect(bucket.availableAtMs()).toBeGreaterThan(nowMs);
          }
          expect(bucket.take(bucket.availableAtMs())).toBe(true);
        },
      ),
    );
  });
});
