/** Which recipients go into one transaction. */
import fc from 'fast-check';
import { firstBatch, overflowOf } from '../../src/mailer/split.js';
import type { Outcome } from '../../src/protocol/transaction.js';
import { makeReply } from '../../src/protocol/reply.js';
import { outcomeOf, pathOf } from './fake-lanes.js';

const NONE = { recipients: undefined, recipientDomains: undefined };

describe('a batch of recipients', () => {
  it('is all of them when the server announced nothing', () => {
    expect(firstBatch(['a@x', 'b@x'].map(pathOf), NONE)).toEqual({ now: [0, 1], later: [] });
  });

  it('has no more recipients than RCPTMAX, and keeps both places of a mailbox together', () => {
    const paths = ['a@x', 'b@x', 'c@x', 'a@X', 'c@x', 'd@x'].map(pathOf);
    expect(firstBatch(paths, { ...NONE, recipients: 2 })).toEqual({ now: [0, 1, 3], later: [2, 4, 5] });
  });

  it('has no more domains than RCPTDOMAINMAX', () => {
    const paths = ['a@x', 'b@y', 'c@X', 'd@z', 'e@y'].map(pathOf);
    expect(firstBatch(paths, { ...NONE, recipientDomains: 2 })).toEqual({ now: [0, 1, 2, 4], later: [3] });
  });

  it('loses nobody, takes somebody, and is within the limits, whatever is given', () => {
    const address = fc
      .tuple(fc.nat(8), fc.nat(4))
      .map(([name, domain]) => `u${String(name)}@d${String(domain)}.example`);
    const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(address, { minLength: 1, maxLength: 30 }),
        limit,
        limit,
        (addresses, recipients, domains) => {
          const paths = addresses.map(pathOf);
          let left = paths.map((_, position) => position);
          const sentTo = new Set<string>();
          for (let rounds = 0; left.length > 0; rounds += 1) {
            expect(rounds).toBeLessThan(31);
            const batch = firstBatch(
              left.flatMap((position) => paths[position] ?? []),
              { recipients, recipientDomains: domains },
            );
            const now = batch.now.map((place) => addresses[left[place] ?? -1] ?? '');
            const mailboxes = new Set(now);
            expect(mailboxes.size).toBeGreaterThan(0);
            expect(mailboxes.size).toBeLessThanOrEqual(recipients ?? Infinity);
            expect(new Set(now.map((one) => one.split('@')[1])).size).toBeLessThanOrEqual(domains ?? Infinity);
            for (const mailbox of mailboxes) {
              // No mailbox gets the message twice.
              expect(sentTo.has(mailbox)).toBe(false);
              sentTo.add(mailbox);
            }
            expect([...batch.now, ...batch.later].sort((a, b) => a - b)).toEqual([...left.keys()]);
            left = batch.later.map((place) => left[place] ?? -1);
          }
          expect(sentTo).toEqual(new Set(addresses));
        },
      ),
    );
  });
});

describe('the overflow of a transaction', () => {
  const ADDRESSES = ['a@x', 'b@x', 'c@x'];
  const refusedWith = (code: number, text: string): Outcome => {
    const outcome = outcomeOf(ADDRESSES, ['accepted', code, code]);
    const reply = makeReply(code, [text]);
    return {
      ...outcome,
      recipients: outcome.recipients.map((result) => (result.status === 'refused' ? { ...result, reply } : result)),
    };
  };

  it.each([
    [452, '4.5.3 too many recipients'],
    [452, 'too many recipients'],
    [552, '5.5.3 too many recipients'],
    [552, 'too many'],
  ])('is whom %i %s refused while others got the message', (code, text) => {
    expect(overflowOf(refusedWith(code, text))).toEqual([1, 2]);
  });

  it.each([
    [452, '4.2.2 mailbox full'],
    [552, '5.2.2 mailbox full'],
    [450, '4.5.3 what'],
    [550, '5.1.1 no such user'],
  ])('is not whom %i %s refused', (code, text) => {
    expect(overflowOf(refusedWith(code, text))).toEqual([]);
  });

  it('is nobody when nobody got the message: it would never come to an end', () => {
    expect(overflowOf(outcomeOf(ADDRESSES, [452, 452, 452]))).toEqual([]);
    expect(overflowOf(outcomeOf(ADDRESSES, ['unknown', 452, 452]))).toEqual([]);
  });
});
