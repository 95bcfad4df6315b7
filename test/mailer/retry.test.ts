/** Who is tried again. */
import fc from 'fast-check';
import { exceptionOf } from '../../src/client/settle.js';
import { SMTPAbortedError, SMTPServerDisconnected } from '../../src/errors.js';
import { closedInFront, contentUntouched, pauseOf, resolveRetry, temporaryOf } from '../../src/mailer/retry.js';
import type { Failure, Outcome } from '../../src/protocol/transaction.js';
import { thrownBy } from '../support/thrown.js';
import { lostAt, outcomeOf, reply, type Fate } from './fake-lanes.js';

const ADDRESSES = ['a@x', 'b@x', 'c@x', 'd@x'];

function again(
  outcome: Outcome,
  options: { requireAllRecipients?: boolean; unknownToo?: boolean } = {},
): readonly number[] {
  const error = outcome.failure === undefined ? undefined : exceptionOf(outcome, 'ann@example.org');
  return temporaryOf(outcome, { error, requireAllRecipients: false, unknownToo: false, ...options });
}

describe('the policy', () => {
  it('is one attempt unless the caller asks for more', () => {
    expect(resolveRetry(undefined)).toMatchObject({ attempts: 1, unknownToo: false });
    expect(resolveRetry({ attempts: 4, onUnknown: 'retry' })).toMatchObject({ attempts: 4, unknownToo: true });
  });

  it.each([
    { attempts: 0 },
    { attempts: 1.5 },
    { attempts: NaN },
    { attempts: '3' as unknown as number },
    { attempts: 3, backoffMs: 100 as unknown as () => number },
    { attempts: 3, onUnknown: 'always' as 'retry' },
  ])('refuses %j', (given) => {
    expect(thrownBy(() => resolveRetry(given))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it('waits as the caller says, else longer each time up to a minute, never twice the same', () => {
    expect(pauseOf(resolveRetry({ attempts: 9, backoffMs: (attempt) => attempt * 7 }), 3)).toBe(21);
    expect(pauseOf(resolveRetry({ attempts: 9, backoffMs: () => 0 }), 1)).toBe(0);
    const policy = resolveRetry({ attempts: 9 });
    for (const [attempt, longest] of [
      [1, 1_000],
      [2, 2_000],
      [6, 32_000],
      [30, 60_000],
    ] as const) {
      const pauseMs = pauseOf(policy, attempt);
      expect(pauseMs).toBeGreaterThanOrEqual(longest / 2);
      expect(pauseMs).toBeLessThanOrEqual(longest);
    }
  });

  it.each([-1, NaN, '5', undefined])('refuses a pause of %p', (pause) => {
    const policy = resolveRetry({ attempts: 2, backoffMs: () => pause as number });
    expect(thrownBy(() => pauseOf(policy, 1))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

describe('those who are tried again', () => {
  it('were refused for now, and not for good', () => {
    expect(again(outcomeOf(ADDRESSES, ['accepted', 450, 550, 421]))).toEqual([1, 3]);
  });

  it('are all of them when the message never left', () => {
    expect(again(outcomeOf(ADDRESSES, ['not-sent'], lostAt('mail')))).toEqual([0, 1, 2, 3]);
  });

  it('are none when the caller gave up, or the caller was at fault', () => {
    const aborted: Failure = { kind: 'lost', stage: 'mail', cause: new SMTPAbortedError('enough') };
    expect(again(outcomeOf(ADDRESSES, ['not-sent'], aborted))).toEqual([]);
    expect(
      again(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'lost', stage: 'mail', cause: new Error('a bug') })),
    ).toEqual([]);
  });

  it('are decided by the answer to MAIL when the sender was refused', () => {
    expect(again(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(451) }))).toEqual([
      0, 1, 2, 3,
    ]);
    expect(again(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(550) }))).toEqual([]);
  });

  it('may have got it already only where the caller said so', () => {
    const outcome = outcomeOf(ADDRESSES, ['unknown', 'accepted', 550, 'unknown'], lostAt('final'));
    expect(again(outcome)).toEqual([]);
    expect(again(outcome, { unknownToo: true })).toEqual([0, 3]);
  });

  it('are all or none where all are required', () => {
    const required = { requireAllRecipients: true };
    expect(
      again(
        outcomeOf(ADDRESSES, ['not-sent', 450, 'not-sent', 450], { kind: 'recipients-refused', stage: 'rcpt' }),
        required,
      ),
    ).toEqual([0, 1, 2, 3]);
    expect(
      again(outcomeOf(ADDRESSES, ['not-sent', 450, 550], { kind: 'recipients-refused', stage: 'rcpt' }), required),
    ).toEqual([]);
    expect(again(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(550) }), required)).toEqual(
      [],
    );
  });

  it('are never those who were accepted, refused for good, or whose fate is not known', () => {
    const fate = fc.constantFrom<Fate>('accepted', 'unknown', 'not-sent', 450, 550);
    const failure = fc.constantFrom(undefined, lostAt('mail'), lostAt('final'));
    fc.assert(
      fc.property(
        fc.array(fate, { minLength: 4, maxLength: 4 }),
        failure,
        fc.boolean(),
        (fates, why, requireAllRecipients) => {
          const outcome = outcomeOf(ADDRESSES, fates, why);
          for (const position of again(outcome, { requireAllRecipients })) {
            expect(['not-sent', 450]).toContain(fates[position]);
          }
        },
      ),
    );
  });
});

describe('content that can be read once', () => {
  it('is whole as long as the server did not ask for it', () => {
    expect(contentUntouched(outcomeOf(ADDRESSES, [450]))).toBe(true);
    expect(contentUntouched(outcomeOf(ADDRESSES, ['not-sent'], lostAt('mail')))).toBe(true);
    expect(contentUntouched(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(450) }))).toBe(
      true,
    );
    expect(
      contentUntouched(outcomeOf(ADDRESSES, [450], { kind: 'data-refused', reply: reply(451), stage: 'data' })),
    ).toBe(true);
  });

  it('is gone behind that', () => {
    expect(contentUntouched(outcomeOf(ADDRESSES, ['accepted', 450]))).toBe(false);
    expect(contentUntouched(outcomeOf(ADDRESSES, ['unknown'], lostAt('final')))).toBe(false);
    expect(
      contentUntouched(
        outcomeOf(ADDRESSES, ['not-sent'], { kind: 'lost', stage: 'body', cause: new SMTPServerDisconnected('gone') }),
      ),
    ).toBe(false);
    expect(
      contentUntouched(outcomeOf(ADDRESSES, [450], { kind: 'data-refused', reply: reply(451), stage: 'final' })),
    ).toBe(false);
  });
});

describe('a session that was closed in front of the content', () => {
  it('is one that 421 ended at MAIL, at every RCPT, or at DATA', () => {
    expect(closedInFront(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(421) }))).toBe(true);
    expect(closedInFront(outcomeOf(ADDRESSES, [421]))).toBe(true);
    expect(closedInFront(outcomeOf(ADDRESSES, [421], { kind: 'data-refused', reply: reply(421), stage: 'data' }))).toBe(
      true,
    );
  });

  it('is no other', () => {
    expect(closedInFront(outcomeOf(ADDRESSES, ['not-sent'], { kind: 'sender-refused', reply: reply(451) }))).toBe(
      false,
    );
    expect(closedInFront(outcomeOf(ADDRESSES, [550, 421]))).toBe(false);
    expect(
      closedInFront(outcomeOf(ADDRESSES, [421], { kind: 'data-refused', reply: reply(421), stage: 'final' })),
    ).toBe(false);
    expect(closedInFront(outcomeOf(ADDRESSES, ['not-sent'], lostAt('mail')))).toBe(false);
    expect(closedInFront(outcomeOf(ADDRESSES, ['accepted']))).toBe(false);
  });
});
