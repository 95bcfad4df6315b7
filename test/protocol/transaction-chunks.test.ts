/** What a transaction by BDAT adds: RSET in front, chunks with answers of their own, content that waits for nobody; and what its driver asks of it. */
import { encodeCommand } from '../../src/protocol/command.js';
import { makeReply } from '../../src/protocol/reply.js';
import {
  MAX_GROUP_OCTETS,
  type Outcome,
  type Step,
  Transaction,
  type TransactionPlan,
} from '../../src/protocol/transaction.js';
import { planOf, type PlanOptions, recipient } from '../support/planned-exchange.js';

const reply = (code: number) => makeReply(code, [`reply ${String(code)}`]);

function fed(transaction: Transaction, ...codes: readonly number[]): Transaction {
  for (const code of codes) transaction.feed(reply(code));
  return transaction;
}

/** Everything that may be written now is. */
function begun(plan: TransactionPlan): Transaction {
  const transaction = new Transaction(plan);
  transaction.next();
  return transaction;
}

function verbsOf(step: Step): string {
  return step.kind === 'write' ? step.commands.map(({ verb }) => verb).join(' ') : step.kind;
}

function outcomeOf(transaction: Transaction): Outcome {
  const step = transaction.next();
  if (step.kind !== 'done') throw new Error(`it wants to ${step.kind}`);
  return step.outcome;
}

const summaryOf = ({ recipients, failure, finalReply, after }: Outcome) => ({
  recipients: recipients.map(({ status, stage }) => `${status} ${stage}`).join(', '),
  failure: failure === undefined ? undefined : `${failure.kind}${'stage' in failure ? ` ${failure.stage}` : ''}`,
  final: finalReply?.code,
  after,
});

const bdat = { data: undefined } as const;
const RSET = encodeCommand('RSET');

describe('RSET in front of MAIL', () => {
  const options = { ...bdat, reset: RSET } as const;

  it('leaves with the envelope, and its 250 counts for nothing else', () => {
    const transaction = new Transaction(planOf(options));
    expect(verbsOf(transaction.next())).toBe('RSET MAIL RCPT RCPT');
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'rset' });
    fed(transaction, 250);
    expect(transaction.answered).toBe(false);
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'mail' });
    fed(transaction, 250);
    expect(transaction.answered).toBe(true);
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'rcpt' });
    fed(transaction, 550, 250);
    expect(transaction.recipients.map(({ status, stage }) => `${status} ${stage}`)).toEqual([
      'refused rcpt',
      'not-sent rcpt',
    ]);
    expect(transaction.next()).toEqual({ kind: 'content' });
  });

  it.each([220, 251, 354, 421, 451, 500])('ends the transaction when it is answered with %d', (code) => {
    const outcome = outcomeOf(fed(begun(planOf(options)), code));
    expect(summaryOf(outcome)).toEqual({
      recipients: 'not-sent rset, not-sent rset',
      failure: 'lost rset',
      final: undefined,
      after: 'close',
    });
    const cause = outcome.failure?.kind === 'lost' ? outcome.failure.cause : undefined;
    expect(cause).toMatchObject({ name: 'SMTPServerDisconnected', stage: 'rset', retryable: true });
    expect(String(cause)).toContain(`the server refused RSET: ${String(code)}`);
  });

  it('stands in front of DATA as well', () => {
    const transaction = begun(planOf({ reset: RSET }));
    fed(transaction, 250, 250, 250, 550);
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'data' });
    fed(transaction, 354);
    expect(transaction.next()).toEqual({ kind: 'content' });
  });
});

describe('content by BDAT', () => {
  const asked = (options: PlanOptions, ...codes: readonly number[]): Transaction =>
    fed(begun(planOf({ ...bdat, ...options })), ...codes);

  it('waits for the answers to MAIL and to every RCPT', () => {
    for (const codes of [[], [250], [250, 250]]) expect(asked({}, ...codes).next().kind).toBe('read');
    expect(asked({}, 250, 250, 250).next()).toEqual({ kind: 'content' });
    expect(asked({}, 250, 550, 250).next()).toEqual({ kind: 'content' });
  });

  it('waits for what is not written yet', () => {
    const transaction = asked({ pipelining: false, count: 1 }, 250);
    expect(verbsOf(transaction.next())).toBe('RCPT');
    fed(transaction, 250);
    expect(transaction.next()).toEqual({ kind: 'content' });
  });

  it.each([
    ['MAIL is refused', {}, [550, 250, 250], 'sender-refused'],
    ['every recipient is refused', {}, [250, 550, 550], 'recipients-refused rcpt'],
    [
      'one is refused where all are required',
      { requireAllRecipients: true },
      [250, 550, 250],
      'recipients-refused rcpt',
    ],
  ] as const)('is not sent when %s', (_what, options, codes, failure) => {
    expect(summaryOf(outcomeOf(asked(options, ...codes)))).toMatchObject({ failure, after: 'reset' });
  });

  it('is sent to all where all are required and taken', () => {
    expect(asked({ requireAllRecipients: true }, 250, 250, 250).next()).toEqual({ kind: 'content' });
  });

  /** In the middle of the content, with so many chunks that are not answered. */
  function inChunks(count: number): Transaction {
    const transaction = asked({}, 250, 250, 550);
    expect(transaction.next()).toEqual({ kind: 'content' });
    for (let chunk = 0; chunk < count; chunk += 1) transaction.chunkWritten();
    return transaction;
  }

  it('is owed an answer for each chunk, and one for the last', () => {
    const transaction = inChunks(2);
    expect(transaction.repliesOwed).toBe(2);
    fed(transaction, 250);
    expect([transaction.repliesOwed, transaction.settled]).toEqual([1, false]);
    fed(transaction, 250);
    expect([transaction.repliesOwed, transaction.settled, transaction.contentEnded]).toEqual([0, false, false]);
    expect(transaction.next()).toEqual({ kind: 'content' });
    transaction.endContent();
    expect([transaction.repliesOwed, transaction.contentEnded]).toEqual([1, true]);
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'final' });
    fed(transaction, 250);
    expect(summaryOf(outcomeOf(transaction))).toEqual({
      recipients: 'accepted final, refused rcpt',
      failure: undefined,
      final: 250,
      after: 'usable',
    });
  });

  it('ends with a yes that no chunk is owed', () => {
    expect(summaryOf(outcomeOf(fed(inChunks(1), 250, 250)))).toMatchObject({
      recipients: 'not-sent body, refused rcpt',
      failure: 'protocol body',
      after: 'close',
    });
  });

  it.each([
    [1, 552, 'reset'],
    [1, 421, 'close'],
    [2, 552, 'close'],
    [0, 552, 'close'],
  ])('ends with a no: %d chunks that are not answered, %d: %s', (chunks, code, after) => {
    expect(summaryOf(outcomeOf(fed(inChunks(chunks), code)))).toEqual({
      recipients: 'refused body, refused rcpt',
      failure: 'data-refused body',
      final: undefined,
      after,
    });
  });

  it('ends with what is neither yes nor no', () => {
    expect(summaryOf(outcomeOf(fed(inChunks(1), 354)))).toMatchObject({ failure: 'protocol body', after: 'close' });
  });
});

describe('content that waits for nobody', () => {
  const unasked = (options: PlanOptions = {}): Transaction => begun(planOf({ ...bdat, unasked: true, ...options }));

  /** Content and envelope are on their way. */
  const sent = (options: PlanOptions = {}): Transaction => {
    const transaction = unasked(options);
    expect(transaction.next()).toEqual({ kind: 'content' });
    transaction.endContent();
    return transaction;
  };

  it('goes out behind the envelope, and the answers are read in their order', () => {
    const transaction = sent();
    expect([transaction.repliesOwed, transaction.contentEnded]).toEqual([4, true]);
    for (const [stage, owed] of [
      ['mail', 3],
      ['rcpt', 2],
      ['rcpt', 1],
    ] as const) {
      expect(transaction.next()).toEqual({ kind: 'read', stage });
      fed(transaction, 250);
      expect(transaction.repliesOwed).toBe(owed);
    }
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'final' });
    expect(transaction.finalReplies).toBe(0);
    fed(transaction, 250);
    expect(transaction.finalReplies).toBe(1);
    expect(summaryOf(outcomeOf(transaction))).toMatchObject({ recipients: 'accepted final, accepted final' });
  });

  it('does not go out behind a MAIL that is refused already, or for nobody', () => {
    expect(fed(unasked(), 550).next()).toEqual({ kind: 'read', stage: 'rcpt' });
    expect(summaryOf(outcomeOf(fed(unasked(), 250, 550, 550)))).toMatchObject({ failure: 'recipients-refused rcpt' });
    expect(fed(unasked(), 250, 550, 250).next()).toEqual({ kind: 'content' });
  });

  it('goes out when all of a long envelope is written', () => {
    const transaction = unasked({ count: 150 });
    expect(transaction.next()).toEqual({ kind: 'read', stage: 'mail' });
    fed(transaction, ...Array<number>(60).fill(250));
    expect(verbsOf(transaction.next())).toMatch(/^RCPT RCPT/);
    expect(transaction.next()).toEqual({ kind: 'content' });
  });

  it.each([
    ['a no', [554], 'sender-refused', 'reset'],
    ['421', [421], 'sender-refused', 'close'],
    ['a yes, which shows a reply too many', [250], 'protocol final', 'close'],
    ['what is neither', [354], 'sender-refused', 'close'],
  ] as const)('whose MAIL was refused may be answered with %s', (_what, finals, failure, after) => {
    const outcome = outcomeOf(fed(sent(), 550, 503, 503, ...finals));
    expect(summaryOf(outcome)).toMatchObject({ failure, after, final: undefined });
  });

  it.each([
    ['a no', 554, 'reset'],
    ['421', 421, 'close'],
    ['a yes', 250, 'close'],
  ] as const)('for nobody may be answered with %s', (_what, code, after) => {
    expect(summaryOf(outcomeOf(fed(sent(), 250, 550, 550, code)))).toEqual({
      recipients: 'refused rcpt, refused rcpt',
      failure: 'recipients-refused rcpt',
      final: undefined,
      after,
    });
  });

  it('is sent to nobody when its MAIL was refused, also when the connection is lost behind that', () => {
    const transaction = fed(sent(), 450);
    expect(summaryOf(transaction.lost(new Error('gone'), 'rcpt'))).toMatchObject({
      recipients: 'not-sent rcpt, not-sent rcpt',
      failure: 'sender-refused',
      after: 'close',
    });
  });

  it('is unknown when the connection is lost, and stays refused where it was', () => {
    const transaction = fed(sent(), 250, 550);
    expect(summaryOf(transaction.lost(new Error('gone'), 'rcpt'))).toMatchObject({
      recipients: 'refused rcpt, unknown rcpt',
      failure: 'lost rcpt',
      after: 'close',
    });
  });
});

describe('a reply that may answer something else', () => {
  it('decides nothing, and takes back what it decided', () => {
    const transaction = begun(planOf());
    fed(transaction, 250, 250, 550, 354);
    transaction.endContent();
    fed(transaction, 250);
    expect(summaryOf(transaction.doubt('out of step', 0))).toMatchObject({
      recipients: 'unknown final, refused rcpt',
      failure: 'protocol final',
      after: 'close',
    });
    expect(transaction.recipients[0]).not.toHaveProperty('reply');
  });

  it('leaves the replies of LMTP that came before', () => {
    for (const [kept, recipients] of [
      [0, 'unknown final, refused rcpt, unknown final, unknown final'],
      [1, 'accepted final, refused rcpt, unknown final, unknown final'],
      [2, 'accepted final, refused rcpt, refused final, unknown final'],
    ] as const) {
      const transaction = begun(planOf({ count: 4, finalReplies: 'per-recipient' }));
      fed(transaction, 250, 250, 550, 250, 250, 354);
      transaction.endContent();
      fed(transaction, 250, 552, 250);
      expect(transaction.finalReplies).toBe(3);
      expect(summaryOf(transaction.doubt('out of step', kept)).recipients).toBe(recipients);
    }
  });
});

describe('what the driver asks', () => {
  it('whether anything was given out to be written', () => {
    const transaction = new Transaction(planOf());
    expect(transaction.begun).toBe(false);
    transaction.next();
    expect([transaction.begun, transaction.answered]).toEqual([true, false]);
    fed(transaction, 250);
    expect(transaction.answered).toBe(true);
  });

  it('for more to write only when no reply is in hand', () => {
    const transaction = begun(planOf({ count: 150 }));
    fed(transaction, ...Array<number>(60).fill(250));
    expect(transaction.next(true)).toEqual({ kind: 'read', stage: 'rcpt' });
    expect(transaction.next().kind).toBe('write');
    expect(new Transaction(planOf()).next(true).kind).toBe('write');
  });

  it('what became of it when it is told that nothing more comes, before anything did', () => {
    expect(summaryOf(new Transaction(planOf()).lost(new Error('gone'), 'mail'))).toEqual({
      recipients: 'not-sent mail, not-sent mail',
      failure: 'lost mail',
      final: undefined,
      after: 'close',
    });
  });
});

describe('a group of 16 KiB', () => {
  /** MAIL and one RCPT that come to so many octets together. */
  const groupOf = (octets: number): string => {
    const mail = encodeCommand('MAIL FROM:<s@x>');
    const overhead = encodeCommand('RCPT TO:<@x>').sizeOctets;
    const first = 8_000;
    const second = octets - mail.sizeOctets - 2 * overhead - first;
    const recipients = [recipient(`${'x'.repeat(first)}@x`), recipient(`${'y'.repeat(second)}@x`)];
    return verbsOf(new Transaction(planOf({ mail, recipients })).next());
  };

  it('holds 16,384 octets, and not one more', () => {
    expect(groupOf(MAX_GROUP_OCTETS)).toBe('MAIL RCPT RCPT');
    expect(groupOf(MAX_GROUP_OCTETS + 1)).toBe('MAIL RCPT');
  });

  it('holds one command, however long it is', () => {
    const mail = { ...encodeCommand('MAIL FROM:<s@x>'), sizeOctets: MAX_GROUP_OCTETS + 1 };
    expect(verbsOf(new Transaction(planOf({ mail })).next())).toBe('MAIL');
  });
});
