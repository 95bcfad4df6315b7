/** The sum of several transactions of one message. */
import type { Shipped } from '../../src/client/sendmail.js';
import { Tally } from '../../src/mailer/tally.js';
import type { Failure } from '../../src/protocol/transaction.js';
import { lostAt, outcomeOf, type Fate } from './fake-lanes.js';

const ADDRESSES = ['a@x', 'b@x', 'c@x', 'd@x'];

function shippedTo(positions: readonly number[], fates: readonly Fate[], failure?: Failure): Shipped {
  const to = positions.map((position) => ADDRESSES[position] ?? '');
  return {
    outcome: outcomeOf(to, fates, failure),
    envelope: { from: '', to },
    sizeBytes: 7,
    warnings: [{ code: 'WARN_X', message: 'x' }],
    timing: { mail: 2, final: 3 },
  };
}

function tallyOf(...transactions: readonly (readonly [readonly number[], readonly Fate[], Failure?])[]): Tally {
  const tally = new Tally(ADDRESSES);
  for (const [positions, fates, failure] of transactions)
    tally.add(positions, shippedTo(positions, fates, failure), undefined);
  return tally;
}

describe('a tally', () => {
  it('knows of nobody at first', () => {
    const tally = new Tally(ADDRESSES);
    expect(tally.recipients.map(({ status }) => status)).toEqual(['not-sent', 'not-sent', 'not-sent', 'not-sent']);
    expect([tally.someAccepted, tally.transactions]).toEqual([false, 0]);
  });

  it('puts each result at the place of its recipient', () => {
    const tally = tallyOf(
      [
        [0, 1],
        ['accepted', 550],
      ],
      [[2, 3], ['accepted']],
    );
    expect(tally.recipients.map(({ index, address, status }) => [index, address, status])).toEqual([
      [0, 'a@x', 'accepted'],
      [1, 'b@x', 'refused'],
      [2, 'c@x', 'accepted'],
      [3, 'd@x', 'accepted'],
    ]);
    expect([tally.someAccepted, tally.transactions, tally.sizeBytes]).toEqual([true, 2, 7]);
  });

  it('lets the last word count, but not a refusal of what may have been delivered', () => {
    const tally = tallyOf(
      [[0, 1, 2, 3], [450, 'unknown', 'unknown', 450], lostAt('final')],
      [
        [0, 1, 2, 3],
        ['accepted', 'accepted', 550, 550],
      ],
    );
    expect(tally.recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'unknown', 'refused']);
  });

  it('gives the failure that speaks of the unknown one before a later one', () => {
    const lost = lostAt('final');
    const tally = tallyOf([[0, 1, 2, 3], ['unknown'], lost], [[0, 1, 2, 3], [550]]);
    expect(tally.outcome().failure).toBe(lost);
    expect(tallyOf([[0], ['not-sent'], lostAt('mail')], [[0], [550]]).outcome().failure).toEqual({
      kind: 'recipients-refused',
      stage: 'rcpt',
    });
  });

  it('keeps the final reply of a transaction that somebody was accepted in', () => {
    const tally = tallyOf([[0], ['accepted']], [[1], [550]]);
    expect(tally.outcome().finalReply?.code).toBe(250);
  });

  it('sums the times, and says each warning once', () => {
    const tally = tallyOf([[0], ['accepted']], [[1], ['accepted']]);
    tally.warn({ code: 'WARN_X', message: 'y' });
    expect(tally.timing).toEqual({ mail: 4, final: 6 });
    expect(tally.warnings.map(({ message }) => message)).toEqual(['x', 'y']);
  });
});
