import {
  SMTPAbortedError,
  SMTPDataError,
  SMTPException,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
  isPosthasteError,
} from '../../src/errors.js';
import { exceptionOf, refusedOf, settle, type SendFacts } from '../../src/client/settle.js';
import { makeReply } from '../../src/protocol/reply.js';
import type { Failure, Outcome } from '../../src/protocol/transaction.js';
import type { RecipientResult, Reply, Stage } from '../../src/types.js';
import { thrownBy } from '../support/thrown.js';

const ok = makeReply(250, ['2.0.0 Ok: queued as 4F2C91A0B3D']);
const noUser = makeReply(550, ['5.1.1 no such user']);
const busy = makeReply(451, ['4.3.0 busy']);

const FACTS: SendFacts = {
  envelope: { from: 's@x', to: ['r0@x', 'r1@x'] },
  messageId: '<m@x>',
  sizeBytes: 7,
  tls: undefined,
  warnings: [],
  timing: { total: 1 },
};

type Shape = readonly [status: RecipientResult['status'], stage: Stage, reply?: Reply];

/** Recipients r0@x, r1@x and so on. */
function recipientsOf(...shapes: readonly Shape[]): readonly RecipientResult[] {
  return shapes.map(([status, stage, reply], index) => {
    const base = { index, address: `r${String(index)}@x`, status, stage };
    return reply === undefined ? base : { ...base, reply };
  });
}

function outcomeOf(recipients: readonly RecipientResult[], rest: Partial<Outcome> = {}): Outcome {
  return { recipients, failure: undefined, finalReply: undefined, after: 'usable', ...rest };
}

const accepted: Shape = ['accepted', 'final', ok];
const refused: Shape = ['refused', 'rcpt', noUser];
const refusedForNow: Shape = ['refused', 'rcpt', busy];
const notSent: Shape = ['not-sent', 'rcpt', ok];
const unknown: Shape = ['unknown', 'final', ok];

describe('settle', () => {
  it('gives a result when all were accepted', () => {
    const recipients = recipientsOf(accepted, accepted);
    expect(settle(outcomeOf(recipients, { finalReply: ok }), FACTS)).toEqual({
      ...FACTS,
      recipients,
      accepted: ['r0@x', 'r1@x'],
      refused: new Map(),
      reply: ok,
      queueId: '4F2C91A0B3D',
    });
  });

  it('gives no result for an answer that accepted nobody', () => {
    const failure: Failure = { kind: 'data-refused', reply: noUser, stage: 'final' };
    const outcome = outcomeOf(recipientsOf(['refused', 'final', noUser]), { finalReply: noUser, failure });
    expect(thrownBy(() => settle(outcome, FACTS))).toBeInstanceOf(SMTPDataError);
  });

  it('gives a result when one was accepted, with the refusals in it', () => {
    const result = settle(outcomeOf(recipientsOf(refused, accepted), { finalReply: ok }), FACTS);
    expect(result.accepted).toEqual(['r1@x']);
    expect([...result.refused]).toEqual([['r0@x', noUser]]);
  });

  it('gives a result when one was accepted and others are unknown, whatever ended the connection', () => {
    const failures: readonly Failure[] = [
      { kind: 'lost', cause: new SMTPServerDisconnected('gone'), stage: 'final' },
      { kind: 'protocol', reason: 'rubbish', stage: 'final' },
    ];
    for (const failure of failures) {
      const outcome = outcomeOf(recipientsOf(accepted, unknown), { finalReply: ok, failure, after: 'close' });
      const result = settle(outcome, FACTS);
      expect(result.accepted).toEqual(['r0@x']);
      expect(result.recipients.map(({ status }) => status)).toEqual(['accepted', 'unknown']);
    }
  });

  it('takes the queue id from an acceptance, also when the last recipient of LMTP was refused', () => {
    const full = makeReply(552, ['5.2.2 quota, not queued as 123']);
    const recipients = recipientsOf(accepted, ['refused', 'final', full]);
    const result = settle(outcomeOf(recipients, { finalReply: full }), FACTS);
    expect(result).toMatchObject({ reply: full, queueId: '4F2C91A0B3D' });
  });

  it('throws when nobody was accepted', () => {
    const outcome = outcomeOf(recipientsOf(refused), { failure: { kind: 'recipients-refused', stage: 'rcpt' } });
    expect(thrownBy(() => settle(outcome, FACTS))).toBeInstanceOf(SMTPRecipientsRefused);
  });

  it('throws when the last word was a refusal of the content', () => {
    const recipients = recipientsOf(['refused', 'final', noUser]);
    const failure: Failure = { kind: 'data-refused', reply: noUser, stage: 'final' };
    const outcome = outcomeOf(recipients, { finalReply: noUser, failure });
    expect(thrownBy(() => settle(outcome, FACTS))).toBeInstanceOf(SMTPDataError);
  });

  it('names the sender of the envelope when it was refused', () => {
    const failure: Failure = { kind: 'sender-refused', reply: noUser };
    const error = thrownBy(() => settle(outcomeOf(recipientsOf(['not-sent', 'mail']), { failure }), FACTS));
    expect(error).toBeInstanceOf(SMTPSenderRefused);
    expect(error).toMatchObject({
      sender: 's@x',
      message: 'the server refused the sender <s@x>: 550 5.1.1 no such user',
    });
  });
});

describe('refusedOf', () => {
  it('holds the refused alone, and of a mailbox that stands twice the last reply', () => {
    const twice: readonly RecipientResult[] = [
      { index: 0, address: 'a@x', status: 'refused', stage: 'rcpt', reply: noUser },
      { index: 1, address: 'a@x', status: 'refused', stage: 'rcpt', reply: busy },
      { index: 2, address: 'b@x', status: 'accepted', stage: 'final', reply: ok },
      { index: 3, address: 'c@x', status: 'not-sent', stage: 'rcpt', reply: ok },
      { index: 4, address: 'd@x', status: 'unknown', stage: 'final', reply: ok },
    ];
    expect([...refusedOf(twice)]).toEqual([['a@x', busy]]);
  });
});

describe('exceptionOf', () => {
  function exception(failure: Failure | undefined, ...shapes: readonly Shape[]): SMTPException {
    const error = exceptionOf(outcomeOf(recipientsOf(...shapes), { failure, after: 'close' }), 's@x');
    expect(error.recipients).toEqual(recipientsOf(...shapes));
    expect(isPosthasteError(error)).toBe(true);
    return error;
  }

  it.each([
    [busy, true],
    [noUser, false],
    [makeReply(421, ['bye']), true],
    [makeReply(500, ['what']), false],
  ])('of a refused sender is SMTPSenderRefused, to be tried again only behind 4xx', (reply, retryable) => {
    const error = exception({ kind: 'sender-refused', reply }, ['not-sent', 'mail']);
    expect(error).toBeInstanceOf(SMTPSenderRefused);
    expect(error).toMatchObject({ reply, stage: 'mail', delivery: 'refused', retryable, code: 'ERR_SENDER_REFUSED' });
    expect(error.hint).toContain(retryable ? 'again later' : 'will not take it');
  });

  it.each([
    [[refused, refused], false],
    [[refused, refusedForNow], true],
    [[refusedForNow, refused], true],
    [[refusedForNow], true],
    [[notSent, refused], false],
  ] as const)(
    'of refused recipients is SMTPRecipientsRefused, to be tried again if any got 4xx',
    (shapes, retryable) => {
      const error = exception({ kind: 'recipients-refused', stage: 'rcpt' }, ...shapes);
      expect(error).toBeInstanceOf(SMTPRecipientsRefused);
      expect(error).toMatchObject({ stage: 'rcpt', delivery: 'refused', retryable, code: 'ERR_RECIPIENTS_REFUSED' });
      expect(error).toMatchObject({ refused: refusedOf(recipientsOf(...shapes)) });
    },
  );

  it('says how many were refused, and shows one of them', () => {
    const failure: Failure = { kind: 'recipients-refused', stage: 'rcpt' };
    expect(exception(failure, refused, refusedForNow, refused).message).toBe(
      'the server refused every recipient: <r0@x> 550 5.1.1 no such user (and 2 more)',
    );
    expect(exception(failure, refused).message).toBe(
      'the server refused every recipient: <r0@x> 550 5.1.1 no such user',
    );
    expect(exception(failure, notSent, refused).message).toBe(
      'the server refused a recipient: <r1@x> 550 5.1.1 no such user',
    );
    expect(exception(failure).message).toBe('the server refused every recipient');
  });

  it('of recipients that LMTP refused behind the content has stage body', () => {
    const failure: Failure = { kind: 'recipients-refused', stage: 'final' };
    const error = exception(failure, ['refused', 'final', noUser]);
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(error).toMatchObject({ stage: 'body', delivery: 'refused', retryable: false });
  });

  it.each(['data', 'body', 'final'] as const)('of refused content at %s is SMTPDataError', (stage) => {
    for (const [reply, retryable] of [
      [busy, true],
      [noUser, false],
    ] as const) {
      const error = exception({ kind: 'data-refused', reply, stage }, ['refused', stage, reply]);
      expect(error).toBeInstanceOf(SMTPDataError);
      expect(error).toMatchObject({ reply, stage, delivery: 'refused', retryable, code: 'ERR_DATA' });
    }
  });

  it('of content that was refused for good may be tried again when a recipient was refused for now', () => {
    const failure: Failure = { kind: 'data-refused', reply: noUser, stage: 'final' };
    expect(exception(failure, ['refused', 'final', noUser], refusedForNow).retryable).toBe(true);
    expect(exception(failure, ['refused', 'final', noUser], refused).retryable).toBe(false);
    // By hand with no recipient accepted, as data() may be called.
    expect(exception({ kind: 'data-refused', reply: busy, stage: 'data' }).retryable).toBe(true);
  });

  it('of a broken protocol is SMTPProtocolError: not sent and safe to try again, or unknown and not', () => {
    const failure: Failure = { kind: 'protocol', reason: 'rubbish', stage: 'rcpt' };
    const before = exception(failure, notSent);
    expect(before).toBeInstanceOf(SMTPProtocolError);
    expect(before).toMatchObject({ message: 'rubbish', stage: 'rcpt', delivery: 'not-sent', retryable: true });
    const behind = exception(failure, unknown, refused);
    expect(behind).toBeInstanceOf(SMTPProtocolError);
    expect(behind).toMatchObject({ delivery: 'unknown', retryable: false });
    expect(behind.hint).toContain('twice');
  });

  const causes = [
    new SMTPServerDisconnected('gone', { retryable: true, stage: 'final', hint: 'Connect again.' }),
    new SMTPTimeoutError('slow', { timeoutMs: 5, retryable: true, stage: 'final', hint: 'Wait.' }),
  ] as const;

  it.each(causes)('of a lost connection is of the class of its cause: $name', (cause) => {
    const failure: Failure = { kind: 'lost', cause, stage: 'final' };
    const { message, name, stage, hint, code } = cause;
    const before = exception(failure, notSent, refused);
    expect(before.constructor).toBe(cause.constructor);
    expect(before).toMatchObject({ message, name, stage, hint, code, delivery: 'not-sent', retryable: true });
    const behind = exception(failure, unknown, refused);
    expect(behind.constructor).toBe(cause.constructor);
    expect(behind).toMatchObject({ message, name, stage, code, delivery: 'unknown', retryable: false });
    expect(behind.hint).toContain('twice');
    // The driver's own error is not edited.
    expect(cause).toMatchObject({ delivery: 'not-sent', recipients: [], hint });
    if (cause instanceof SMTPTimeoutError) expect(behind).toMatchObject({ timeoutMs: 5 });
  });

  it('of an abort is AbortError with the reason of the signal, and is not tried again by itself', () => {
    const reason = new Error('changed my mind');
    const cause = new SMTPAbortedError('aborted', { stage: 'final', cause: reason });
    for (const [shape, delivery] of [
      [notSent, 'not-sent'],
      [unknown, 'unknown'],
    ] as const) {
      const error = exception({ kind: 'lost', cause, stage: 'final' }, shape);
      expect(error).toBeInstanceOf(SMTPAbortedError);
      expect(error).toMatchObject({ name: 'AbortError', cause: reason, delivery, retryable: false });
    }
  });

  it('of a failing source keeps its code, its hint and what the source threw', () => {
    const thrown = new Error('disk on fire');
    const cause = new SMTPException('reading failed', {
      code: 'ERR_CONTENT_SOURCE',
      stage: 'body',
      hint: 'h',
      cause: thrown,
    });
    const error = exception({ kind: 'lost', cause, stage: 'body' }, notSent);
    expect(error.constructor).toBe(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_CONTENT_SOURCE', hint: 'h', cause: thrown, delivery: 'not-sent' });
  });

  it('of another kind of lost connection is SMTPServerDisconnected still', () => {
    const cause = new SMTPTlsError('alert', { reason: 'ERR_SSL_X', retryable: true });
    const error = exception({ kind: 'lost', cause, stage: 'rcpt' }, notSent);
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ code: 'ERR_TLS', retryable: true });
  });

  it('of a fault of our own says so, keeps it, and is not tried again', () => {
    const cause = new RangeError('oops');
    const error = exception({ kind: 'lost', cause, stage: 'rcpt' }, notSent);
    expect(error).toMatchObject({ code: 'ERR_INTERNAL', cause, delivery: 'not-sent', retryable: false });
    expect(error.hint).toContain('report it');
    expect(exception({ kind: 'lost', cause, stage: 'final' }, unknown)).toMatchObject({ delivery: 'unknown' });
    expect(exception(undefined)).toMatchObject({ code: 'ERR_INTERNAL', retryable: false });
  });

  it('never says "try again" of what may have been delivered', () => {
    const failures: readonly (Failure | undefined)[] = [
      { kind: 'protocol', reason: 'rubbish', stage: 'final' },
      ...causes.map((cause): Failure => ({ kind: 'lost', cause, stage: 'final' })),
      { kind: 'lost', cause: new Error('x'), stage: 'final' },
      undefined,
    ];
    for (const failure of failures) {
      expect(exception(failure, unknown, refusedForNow)).toMatchObject({ delivery: 'unknown', retryable: false });
    }
  });
});
