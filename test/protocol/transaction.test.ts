import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { encodeCommand } from '../../src/protocol/command.js';
import { makeReply } from '../../src/protocol/reply.js';
import {
  MAX_GROUP_COMMANDS,
  MAX_GROUP_OCTETS,
  Transaction,
  type Outcome,
  type TransactionPlan,
} from '../../src/protocol/transaction.js';
import type { RecipientResult, Reply } from '../../src/types.js';
import {
  exchange,
  GONE,
  orderlyServer,
  planOf,
  recipient,
  type Codes,
  type Exchange,
  type PlanOptions,
  type Server,
} from '../support/planned-exchange.js';

const reply = (code: number) => makeReply(code, [`reply ${String(code)}`]);

/** A server that answers with these codes one after another, whatever is asked. */
function servingInOrder(codes: readonly number[], finals: readonly number[] = [], emptyDot = 554): Server {
  const rest = [...codes];
  return { answer: () => rest.shift(), finals: () => finals, emptyDot: () => emptyDot };
}

/** `accepted final 250`, one per recipient. */
function shown(recipients: readonly RecipientResult[]): readonly string[] {
  return recipients.map(
    ({ status, stage, reply: last }) => `${status} ${stage} ${last === undefined ? '-' : String(last.code)}`,
  );
}

function failureOf({ failure }: Outcome): string | undefined {
  if (failure === undefined) return undefined;
  const code = 'reply' in failure ? ` ${String(failure.reply.code)}` : '';
  return `${failure.kind}${'stage' in failure ? ` ${failure.stage}` : ''}${code}`;
}

const summaryOf = (outcome: Outcome) => ({
  recipients: shown(outcome.recipients),
  failure: failureOf(outcome),
  final: outcome.finalReply?.code,
  after: outcome.after,
});

const kindsOf = ({ events }: Exchange): readonly string[] => events.map(({ kind }) => kind);

const groupsOf = ({ events }: Exchange) => events.flatMap((event) => (event.kind === 'write' ? [event.commands] : []));

const writtenBy = (run: Exchange): readonly string[] =>
  groupsOf(run).map((group) => group.map(({ verb }) => verb).join(' '));

function* combinations(choices: readonly (readonly number[])[]): Generator<readonly number[], void, undefined> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const code of first) for (const others of combinations(rest)) yield [code, ...others];
}

/** What must come of these codes, read off the rules and not off the planner. */
function expectedOf(codes: Codes, lmtp: boolean): ReturnType<typeof summaryOf> {
  const ok = (code: number): boolean => code < 300;
  const no = (code: number): boolean => code >= 400;
  const results = codes.rcpt.map(() => 'not-sent mail -');
  const end = (failure: string | undefined, after: Outcome['after'], final?: number) => ({
    recipients: results,
    failure,
    final,
    after,
  });
  const { mail, data } = codes;
  if (no(mail)) return end(`sender-refused ${String(mail)}`, mail === 421 ? 'close' : 'reset');
  if (!ok(mail)) return end('protocol mail', 'close');
  const accepted: number[] = [];
  for (const [index, code] of codes.rcpt.entries()) {
    if (ok(code)) {
      accepted.push(index);
      results[index] = `not-sent rcpt ${String(code)}`;
    } else if (code === 421) {
      results.fill('refused rcpt 421', index);
      return end('recipients-refused rcpt', 'close');
    } else if (no(code)) {
      results[index] = `refused rcpt ${String(code)}`;
    } else {
      results.fill('not-sent rcpt -', index);
      return end('protocol rcpt', 'close');
    }
  }
  if (accepted.length === 0) return end('recipients-refused rcpt', 'reset');
  if (no(data)) {
    for (const index of accepted) results[index] = `refused data ${String(data)}`;
    return end(`data-refused data ${String(data)}`, data === 421 ? 'close' : 'reset');
  }
  if (data !== 354) {
    for (const index of accepted) results[index] = `not-sent data ${String(codes.rcpt[index])}`;
    return end('protocol data', 'close');
  }
  const unknownFrom = (position: number): void => {
    for (const index of accepted.slice(position)) results[index] = `unknown final ${String(codes.rcpt[index])}`;
  };
  let last: number | undefined;
  const finals = lmtp ? codes.finals.slice(0, accepted.length) : codes.finals.slice(0, 1);
  for (const [position, code] of finals.entries()) {
    if (!ok(code) && !no(code)) {
      unknownFrom(position);
      return end('protocol final', 'close', last);
    }
    last = code;
    const decided = lmtp ? accepted.slice(position, position + 1) : accepted;
    for (const index of decided) results[index] = `${ok(code) ? 'accepted' : 'refused'} final ${String(code)}`;
    if (code === 421 && position + 1 < finals.length) {
      unknownFrom(position + 1);
      return end('lost final', 'close', last);
    }
  }
  const after = last === 421 ? 'close' : 'usable';
  if (results.some((result) => result.startsWith('accepted'))) return end(undefined, after, last);
  return end(lmtp ? 'recipients-refused final' : `data-refused final ${String(last)}`, after, last);
}

describe('Transaction', () => {
  describe('against a server that keeps to the rules', () => {
    const MAIL = [250, 251, 354, 421, 450, 550];
    const RCPT = [250, 252, 334, 421, 452, 550];
    const DATA = [354, 250, 334, 421, 451, 554];
    const FINAL = [250, 251, 354, 421, 450, 554];

    it.each([
      ['serial SMTP', false, false],
      ['pipelined SMTP', true, false],
      ['serial LMTP', false, true],
      ['pipelined LMTP', true, true],
    ])('comes to what the rules say for every combination of codes: %s', (_what, pipelining, lmtp) => {
      const wrong: unknown[] = [];
      const plan = planOf({ pipelining, finalReplies: lmtp ? 'per-recipient' : 'one' });
      for (const [mail = 0, first = 0, second = 0, data = 0, ...finals] of combinations([
        MAIL,
        RCPT,
        RCPT,
        DATA,
        FINAL,
        ...(lmtp ? [FINAL] : []),
      ])) {
        const codes: Codes = { mail, rcpt: [first, second], data, finals };
        const summary = summaryOf(exchange(plan, orderlyServer(codes)).outcome);
        const expected = expectedOf(codes, lmtp);
        if (!isDeepStrictEqual(summary, expected)) wrong.push({ codes, summary, expected });
      }
      expect(wrong.slice(0, 3)).toEqual([]);
    });

    it('comes to the same serially and pipelined for many recipients, whatever the codes', () => {
      const rcpt = fc.array(fc.constantFrom(250, 250, 250, 251, 421, 450, 550), { minLength: 1, maxLength: 250 });
      const codes = fc.record({
        mail: fc.constantFrom(250, 250, 250, 421, 550),
        rcpt,
        data: fc.constantFrom(354, 354, 354, 421, 554),
        finals: fc.array(fc.constantFrom(250, 250, 421, 450, 550), { minLength: 250, maxLength: 250 }),
      });
      fc.assert(
        fc.property(codes, fc.boolean(), (answers, lmtp) => {
          const options: PlanOptions = { count: answers.rcpt.length, finalReplies: lmtp ? 'per-recipient' : 'one' };
          const [serial, pipelined] = [false, true].map((pipelining) =>
            summaryOf(exchange(planOf({ ...options, pipelining }), orderlyServer(answers)).outcome),
          );
          expect(pipelined).toEqual(serial);
        }),
      );
    });
  });

  describe('against a server that keeps to no rule', () => {
    const code = fc.constantFrom(200, 221, 250, 251, 299, 334, 354, 355, 421, 450, 451, 500, 503, 550, 554, 599);
    const plans = fc.record({
      count: fc.integer({ min: 1, max: 6 }),
      pipelining: fc.boolean(),
      finalReplies: fc.constantFrom('one' as const, 'per-recipient' as const),
      requireAllRecipients: fc.boolean(),
      envelopeGiven: fc.boolean(),
    });

    it('sends content only behind 354, an accepted MAIL and an accepted RCPT, and settles whatever comes', () => {
      fc.assert(
        fc.property(
          plans,
          fc.array(code, { minLength: 8, maxLength: 8 }),
          fc.array(code, { minLength: 6, maxLength: 6 }),
          (options, codes, finals) => {
            const run = exchange(planOf(options), servingInOrder(codes, finals, finals[0]));
            const fed = run.events.flatMap((event) => (event.kind === 'feed' ? [event] : []));
            const before = fed.filter(({ stage }) => stage !== 'final');
            const isOk = ({ code: answer }: { code: number }): boolean => answer < 300;
            const rcpts = before.filter(({ stage }) => stage === 'rcpt');
            if (kindsOf(run).includes('content')) {
              expect(before.at(-1)).toMatchObject({ stage: 'data', code: 354 });
              if (!options.envelopeGiven) {
                expect(before.filter(({ stage }) => stage === 'mail').every(isOk)).toBe(true);
                expect(rcpts.some(isOk)).toBe(true);
                if (options.requireAllRecipients) expect(rcpts.every(isOk)).toBe(true);
              }
            }
            checkOutcome(run, options.count);
          },
        ),
        { numRuns: 1000 },
      );
    });

    it('makes nothing of a reply that comes behind the end, and takes back nothing that was decided', () => {
      fc.assert(
        fc.property(
          plans,
          fc.array(code, { maxLength: 30 }),
          fc.integer({ max: 40, min: 0 }),
          (options, codes, endAt) => {
            const transaction = new Transaction(planOf(options));
            for (const [position, answer] of codes.entries()) {
              transaction.next();
              if (position === endAt && transaction.next().kind === 'content') transaction.endContent();
              const before = transaction.recipients.filter(({ status }) => status === 'accepted').length;
              transaction.feed(reply(answer));
              expect(transaction.repliesOwed).toBeGreaterThanOrEqual(0);
              const statuses = transaction.recipients.map(({ status }) => status);
              expect(statuses.filter((status) => status === 'accepted').length).toBeGreaterThanOrEqual(before);
              if (!transaction.contentEnded) {
                expect(statuses).not.toContain('accepted');
                expect(statuses).not.toContain('unknown');
              }
            }
            expect(transaction.recipients).toHaveLength(options.count);
          },
        ),
      );
    });
  });

  /** What holds for every outcome, whatever the server did. */
  function checkOutcome({ outcome, transaction, events }: Exchange, count: number): void {
    expect(outcome.recipients.map(({ index }) => index)).toEqual([...Array(count).keys()]);
    const ended = events.some(({ kind }) => kind === 'content');
    expect(transaction.contentEnded).toBe(ended);
    for (const { status, reply: last } of outcome.recipients) {
      if (status === 'accepted') expect([ended, (last?.code ?? 0) < 300]).toEqual([true, true]);
      if (status === 'refused') expect(last?.code).toBeGreaterThanOrEqual(400);
      if (status === 'unknown') expect(ended).toBe(true);
      if (status === 'not-sent') expect(ended).toBe(false);
    }
    const accepted = outcome.recipients.some(({ status }) => status === 'accepted');
    if (!accepted) expect(outcome.failure).toBeDefined();
    expect(transaction.next()).toEqual({ kind: 'done', outcome });
    expect(transaction.repliesOwed).toBe(0);
  }

  describe('the answer to DATA', () => {
    const run = (options: PlanOptions, codes: readonly number[], finals: readonly number[] = [], emptyDot?: number) =>
      exchange(planOf({ pipelining: true, ...options }), servingInOrder(codes, finals, emptyDot));

    it('A: 354 with an accepted recipient opens the content', () => {
      const accepted = run({}, [250, 550, 250, 354], [250]);
      expect(kindsOf(accepted)).toEqual(['write', 'feed', 'feed', 'feed', 'feed', 'content', 'feed']);
      expect(summaryOf(accepted.outcome)).toEqual({
        recipients: ['refused rcpt 550', 'accepted final 250'],
        failure: undefined,
        final: 250,
        after: 'usable',
      });
    });

    it.each([250, 450, 554, 250])(
      'B: 354 for nobody is ended with a lone dot, whose answer %d changes nothing',
      (emptyDot) => {
        const empty = run({}, [250, 550, 451, 354], [], emptyDot);
        expect(kindsOf(empty)).toEqual(['write', 'feed', 'feed', 'feed', 'feed', 'empty-content', 'feed']);
        expect(empty.transaction.contentEnded).toBe(false);
        expect(summaryOf(empty.outcome)).toEqual({
          recipients: ['refused rcpt 550', 'refused rcpt 451'],
          failure: 'recipients-refused rcpt',
          final: undefined,
          after: 'usable',
        });
      },
    );

    it.each([421, 354, 334])('B: behind a %d to the lone dot the connection is not used again', (emptyDot) => {
      const { outcome } = run({}, [250, 550, 550, 354], [], emptyDot);
      expect(summaryOf(outcome)).toMatchObject({ failure: 'recipients-refused rcpt', after: 'close' });
    });

    it('B: a reply in front of the lone dot closes', () => {
      const transaction = new Transaction(planOf({ count: 1 }));
      transaction.next();
      for (const code of [250, 550, 354]) transaction.feed(reply(code));
      expect(transaction.next()).toEqual({ kind: 'empty-content' });
      transaction.feed(reply(554));
      expect(transaction.next()).toMatchObject({ kind: 'done' });
      expect(summaryOf(transaction.lost(GONE, 'body'))).toMatchObject({
        failure: 'recipients-refused rcpt',
        after: 'close',
      });
    });

    it('B: in LMTP no reply would come, so there is no dot, and the connection is closed', () => {
      const empty = run({ finalReplies: 'per-recipient' }, [250, 550, 451, 354]);
      expect(kindsOf(empty)).not.toContain('empty-content');
      expect(summaryOf(empty.outcome)).toMatchObject({
        recipients: ['refused rcpt 550', 'refused rcpt 451'],
        failure: 'protocol data',
        after: 'close',
      });
    });

    it.each(['one', 'per-recipient'] as const)(
      'C: 354 behind a refused MAIL is never followed by content (%s)',
      (finalReplies) => {
        const broken = run({ finalReplies }, [550, 250, 250, 354], [250, 250]);
        expect(kindsOf(broken)).toEqual(['write', 'feed', 'feed', 'feed', 'feed']);
        expect(summaryOf(broken.outcome)).toEqual({
          recipients: ['not-sent mail -', 'not-sent mail -'],
          failure: 'sender-refused 550',
          final: undefined,
          after: 'close',
        });
      },
    );

    it.each([
      ["MAIL's", [550, 503, 503, 554], 'sender-refused 550', 'reset'],
      ["MAIL's, though the server took recipients", [450, 250, 250, 554], 'sender-refused 450', 'reset'],
      ["RCPT's", [250, 550, 450, 554], 'recipients-refused rcpt', 'reset'],
      ["DATA's", [250, 550, 250, 451], 'data-refused data 451', 'reset'],
      ["MAIL's, and closes behind 421", [550, 503, 503, 421], 'sender-refused 550', 'close'],
      ["RCPT's, and closes behind 421", [250, 550, 450, 421], 'recipients-refused rcpt', 'close'],
      ["DATA's, and closes behind 421", [250, 250, 250, 421], 'data-refused data 421', 'close'],
      ["MAIL's, and closes behind 421 at RCPT", [550, 503, 421], 'sender-refused 550', 'close'],
    ] as const)('D: a refusal is followed by no dot, and the error is %s', (_whose, codes, failure, after) => {
      const refused = run({}, codes);
      expect(kindsOf(refused)).not.toContain('empty-content');
      expect(kindsOf(refused)).not.toContain('content');
      expect(summaryOf(refused.outcome)).toMatchObject({ failure, after });
    });

    it.each([200, 250, 299, 300, 334, 353, 355])('E: %d breaks the protocol, and no content follows', (code) => {
      for (const codes of [
        [250, 250, 550, code],
        [250, 550, 550, code],
        [550, 503, 503, code],
      ]) {
        const broken = run({}, codes, [250]);
        expect(kindsOf(broken)).toEqual(['write', 'feed', 'feed', 'feed', 'feed']);
        expect(summaryOf(broken.outcome)).toMatchObject({ failure: 'protocol data', after: 'close' });
        expect(shown(broken.outcome.recipients).join()).not.toMatch(/accepted|unknown/);
      }
    });
  });

  describe('421', () => {
    it.each([0, 1, 2, 3])('at RCPT %d refuses it and all behind it, and closes', (position) => {
      for (const pipelining of [true, false]) {
        const codes = [250, ...Array<number>(position).fill(250), 421];
        const { outcome } = exchange(planOf({ count: 4, pipelining }), servingInOrder(codes));
        expect(summaryOf(outcome)).toEqual({
          recipients: Array.from({ length: 4 }, (_, index) =>
            index < position ? 'not-sent rcpt 250' : 'refused rcpt 421',
          ),
          failure: 'recipients-refused rcpt',
          final: undefined,
          after: 'close',
        });
      }
    });

    it('at a RCPT behind a refused MAIL ends the transaction there', () => {
      const run = exchange(planOf(), servingInOrder([550, 421, 503, 503]));
      expect(kindsOf(run)).toEqual(['write', 'feed', 'feed']);
      expect(summaryOf(run.outcome)).toMatchObject({ failure: 'sender-refused 550', after: 'close' });
    });

    it('at the end is a refusal, and closes', () => {
      const { outcome } = exchange(planOf(), servingInOrder([250, 250, 250, 354], [421]));
      expect(summaryOf(outcome)).toEqual({
        recipients: ['refused final 421', 'refused final 421'],
        failure: 'data-refused final 421',
        final: 421,
        after: 'close',
      });
    });
  });

  describe('before the end of the content', () => {
    function inContent(finalReplies: TransactionPlan['finalReplies'] = 'one'): Transaction {
      const transaction = new Transaction(planOf({ finalReplies }));
      transaction.next();
      for (const code of [250, 250, 550, 354]) transaction.feed(reply(code));
      expect(transaction.next()).toEqual({ kind: 'content' });
      return transaction;
    }

    it.each([421, 451, 552])('an early %d is a refusal of the content, and closes', (code) => {
      for (const finalReplies of ['one', 'per-recipient'] as const) {
        const transaction = inContent(finalReplies);
        transaction.feed(reply(code));
        const step = transaction.next();
        if (step.kind !== 'done') throw new Error(step.kind);
        expect(summaryOf(step.outcome)).toEqual({
          recipients: [`refused body ${String(code)}`, 'refused rcpt 550'],
          failure: `data-refused body ${String(code)}`,
          final: undefined,
          after: 'close',
        });
      }
    });

    it.each([220, 250, 354])('an early %d breaks the protocol, and nothing is sent', (code) => {
      const transaction = inContent();
      transaction.feed(reply(code));
      const step = transaction.next();
      if (step.kind !== 'done') throw new Error(step.kind);
      expect(summaryOf(step.outcome)).toMatchObject({
        recipients: ['not-sent body 250', 'refused rcpt 550'],
        failure: 'protocol body',
        after: 'close',
      });
    });

    it('no reply is owed; behind it one is, and in LMTP one per accepted recipient', () => {
      for (const [finalReplies, owed] of [
        ['one', [1]],
        ['per-recipient', [2, 1]],
      ] as const) {
        const transaction = new Transaction(planOf({ count: 3, finalReplies }));
        transaction.next();
        for (const code of [250, 250, 550, 250, 354]) transaction.feed(reply(code));
        expect(transaction.repliesOwed).toBe(0);
        transaction.endContent();
        for (const count of owed) {
          expect(transaction.repliesOwed).toBe(count);
          expect(transaction.next()).toEqual({ kind: 'read', stage: 'final' });
          transaction.feed(reply(250));
        }
        expect(transaction.repliesOwed).toBe(0);
        expect(transaction.next().kind).toBe('done');
      }
    });
  });

  describe('LMTP', () => {
    const options = { count: 4, finalReplies: 'per-recipient' } as const;

    it('gives each final reply to the accepted recipient that it is for, by index', () => {
      const { outcome } = exchange(planOf(options), servingInOrder([250, 250, 550, 250, 250, 354], [250, 452, 251]));
      expect(summaryOf(outcome)).toEqual({
        recipients: ['accepted final 250', 'refused rcpt 550', 'refused final 452', 'accepted final 251'],
        failure: undefined,
        final: 251,
        after: 'usable',
      });
    });

    it('tells two recipients of one address apart', () => {
      const recipients = [recipient('a@x'), recipient('a@x')];
      const plan = planOf({ recipients, finalReplies: 'per-recipient' });
      const { outcome } = exchange(plan, servingInOrder([250, 250, 250, 354], [250, 552]));
      expect(shown(outcome.recipients)).toEqual(['accepted final 250', 'refused final 552']);
    });

    it('is refused as by RCPT when all are refused behind the content', () => {
      const { outcome } = exchange(planOf(options), servingInOrder([250, 250, 550, 250, 250, 354], [552, 452, 554]));
      expect(summaryOf(outcome)).toMatchObject({ failure: 'recipients-refused final', final: 554, after: 'usable' });
    });

    it.each([0, 1, 2, 3])(
      'decides the first %d when the server goes away behind them; the rest is unknown',
      (answered) => {
        const codes = [250, 250, 250, 250, 250, 354];
        const finals = Array<number>(answered).fill(250);
        const { outcome } = exchange(planOf(options), servingInOrder(codes, finals));
        expect(shown(outcome.recipients)).toEqual(
          Array.from({ length: 4 }, (_, index) => (index < answered ? 'accepted final 250' : 'unknown final 250')),
        );
        expect(summaryOf(outcome)).toMatchObject({ failure: 'lost final', after: 'close' });
      },
    );

    it('keeps what was decided when the server then breaks the protocol', () => {
      const { outcome } = exchange(planOf(options), servingInOrder([250, 250, 250, 250, 250, 354], [552, 250, 354]));
      expect(summaryOf(outcome)).toEqual({
        recipients: ['refused final 552', 'accepted final 250', 'unknown final 250', 'unknown final 250'],
        failure: 'protocol final',
        final: 250,
        after: 'close',
      });
    });
  });

  describe('a connection that is lost', () => {
    const OK: Codes = { mail: 250, rcpt: [250, 550, 250], data: 354, finals: [250, 250] };

    it.each([
      ['serial SMTP', false, 'one'],
      ['pipelined SMTP', true, 'one'],
      ['serial LMTP', false, 'per-recipient'],
      ['pipelined LMTP', true, 'per-recipient'],
    ] as const)(
      'at any point of %s leaves not-sent before the end of the content, and unknown behind it',
      (_what, pipelining, finalReplies) => {
        const plan = planOf({ count: 3, pipelining, finalReplies });
        const whole = exchange(plan, orderlyServer(OK));
        expect(failureOf(whole.outcome)).toBeUndefined();
        for (let stopAfter = 0; stopAfter < whole.events.length; stopAfter += 1) {
          const run = exchange(plan, orderlyServer(OK), stopAfter);
          const ended = kindsOf(run).includes('content');
          const finals = run.events.filter((event) => event.kind === 'feed' && event.stage === 'final').length;
          const undecided = ended ? 'unknown' : 'not-sent';
          const statuses = run.outcome.recipients.map(({ status }) => status);
          const refusalCame = run.events.some((event) => event.kind === 'feed' && event.code === 550);
          expect(statuses).toEqual([
            finals > 0 ? 'accepted' : undecided,
            refusalCame ? 'refused' : undecided,
            undecided,
          ]);
          expect(run.outcome.failure).toMatchObject({ kind: 'lost', cause: GONE });
          expect(run.outcome.after).toBe('close');
          expect(run.transaction.lost(new Error('again'), 'quit')).toEqual(run.outcome);
          checkOutcome(run, 3);
        }
      },
    );

    it('changes nothing when all was said', () => {
      const { transaction, outcome } = exchange(planOf(), servingInOrder([250, 250, 250, 354], [250]));
      expect(transaction.lost(GONE, 'final')).toEqual(outcome);
      expect(shown(outcome.recipients)).toEqual(['accepted final 250', 'accepted final 250']);
    });

    it('still says that MAIL was refused, which is more than that the server went away', () => {
      const { outcome } = exchange(planOf(), servingInOrder([550]));
      expect(summaryOf(outcome)).toMatchObject({ failure: 'sender-refused 550', after: 'close' });
    });

    it('still says that every recipient was refused', () => {
      expect(failureOf(exchange(planOf({ count: 1 }), servingInOrder([250, 550])).outcome)).toBe(
        'recipients-refused rcpt',
      );
      const { outcome } = exchange(planOf(), servingInOrder([250, 550, 450]));
      expect(summaryOf(outcome)).toMatchObject({
        recipients: ['refused rcpt 550', 'refused rcpt 450'],
        failure: 'recipients-refused rcpt',
        after: 'close',
      });
    });

    it('is the reason when there was nobody to refuse', () => {
      const { outcome } = exchange(planOf({ count: 0, envelopeGiven: true }), servingInOrder([]));
      expect(summaryOf(outcome)).toMatchObject({ failure: 'lost data', after: 'close' });
    });

    it('keeps the refusals that came in time', () => {
      const { outcome } = exchange(planOf({ count: 3 }), servingInOrder([250, 550, 250]));
      expect(summaryOf(outcome)).toMatchObject({
        recipients: ['refused rcpt 550', 'not-sent rcpt 250', 'not-sent rcpt -'],
        failure: 'lost rcpt',
      });
    });
  });

  describe('a server that breaks the protocol', () => {
    it('leaves not-sent before the end of the content, and unknown behind it, with no success after it', () => {
      const plan = planOf({ count: 1 });
      for (const [codes, ended] of [
        [[], false],
        [[250], false],
        [[250, 250], false],
        [[250, 250, 354], false],
        [[250, 250, 354], true],
      ] as const) {
        const transaction = new Transaction(plan);
        transaction.next();
        for (const code of codes) transaction.feed(reply(code));
        if (ended) transaction.endContent();
        const outcome = transaction.violated('rubbish', 'rcpt');
        expect(outcome.recipients[0]?.status).toBe(ended ? 'unknown' : 'not-sent');
        expect(outcome).toMatchObject({ failure: { kind: 'protocol', reason: 'rubbish' }, after: 'close' });
        transaction.feed(reply(250));
        expect(transaction.recipients[0]?.status).toBe(ended ? 'unknown' : 'not-sent');
      }
    });

    it.each([
      ['MAIL', [354], '354 in answer to MAIL'],
      ['RCPT', [250, 334], '334 in answer to RCPT'],
      ['DATA', [250, 250, 250, 250], '250 in answer to DATA'],
    ] as const)('at %s is told apart by its reason', (_verb, codes, reason) => {
      const { failure } = exchange(planOf(), servingInOrder(codes)).outcome;
      expect(failure).toMatchObject({ kind: 'protocol', reason });
    });

    it('by a reply behind the last one is not used again, and what was decided stays', () => {
      const { transaction } = exchange(planOf(), servingInOrder([250, 250, 550, 354], [250]));
      transaction.feed(reply(554));
      const step = transaction.next();
      if (step.kind !== 'done') throw new Error(step.kind);
      expect(summaryOf(step.outcome)).toEqual({
        recipients: ['accepted final 250', 'refused rcpt 550'],
        failure: 'protocol final',
        final: 250,
        after: 'close',
      });
    });

    it('by a reply in front of any command is out of step', () => {
      const transaction = new Transaction(planOf());
      transaction.feed(reply(250));
      expect(transaction.next()).toMatchObject({
        kind: 'done',
        outcome: { failure: { kind: 'protocol' }, after: 'close' },
      });
    });

    it.each([334, 354])('by %d to a RCPT is not believed afterwards', (code) => {
      const { outcome } = exchange(planOf(), servingInOrder([250, 250, code, 354], [250]));
      expect(summaryOf(outcome)).toMatchObject({
        recipients: ['not-sent rcpt 250', 'not-sent rcpt -'],
        failure: 'protocol rcpt',
        after: 'close',
      });
    });
  });

  describe('grouping', () => {
    const accepting = (count: number): Server => servingInOrder([250, ...Array<number>(count).fill(250), 354], [250]);

    it('writes MAIL, every RCPT and DATA at once where PIPELINING allows it', () => {
      const run = exchange(planOf({ count: 3 }), accepting(3));
      expect(writtenBy(run)).toEqual(['MAIL RCPT RCPT RCPT DATA']);
      expect(kindsOf(run).slice(0, 2)).toEqual(['write', 'feed']);
    });

    it('waits for each answer where it does not', () => {
      const run = exchange(planOf({ count: 2, pipelining: false }), accepting(2));
      expect(writtenBy(run)).toEqual(['MAIL', 'RCPT', 'RCPT', 'DATA']);
      expect(kindsOf(run)).toEqual([
        'write',
        'feed',
        'write',
        'feed',
        'write',
        'feed',
        'write',
        'feed',
        'content',
        'feed',
      ]);
    });

    it('sends nothing behind a refused MAIL, and no DATA for nobody, where it waits', () => {
      expect(writtenBy(exchange(planOf({ pipelining: false }), servingInOrder([550])))).toEqual(['MAIL']);
      expect(writtenBy(exchange(planOf({ pipelining: false }), servingInOrder([250, 550, 550])))).toEqual([
        'MAIL',
        'RCPT',
        'RCPT',
      ]);
    });

    it('stops when MAIL is refused and the rest of the envelope was not written yet', () => {
      const run = exchange(planOf({ count: 300 }), servingInOrder([550, ...Array<number>(300).fill(503)]));
      expect(groupsOf(run).map((group) => group.length)).toEqual([100]);
      expect(summaryOf(run.outcome)).toMatchObject({ failure: 'sender-refused 550', after: 'reset' });
    });

    /** The most commands and octets that were ever without an answer. */
    function peakOf({ events }: Exchange): { commands: number; octets: number; written: number } {
      const waiting: number[] = [];
      const peak = { commands: 0, octets: 0, written: 0 };
      for (const event of events) {
        if (event.kind === 'feed') waiting.shift();
        if (event.kind !== 'write') continue;
        waiting.push(...event.commands.map(({ sizeOctets }) => sizeOctets));
        peak.written += event.commands.length;
        peak.commands = Math.max(peak.commands, waiting.length);
        peak.octets = Math.max(
          peak.octets,
          waiting.reduce((sum, octets) => sum + octets, 0),
        );
      }
      return peak;
    }

    it('keeps at most 100 commands without an answer, for 1,000 recipients', () => {
      expect([MAX_GROUP_COMMANDS, MAX_GROUP_OCTETS]).toEqual([100, 16_384]);
      const run = exchange(planOf({ count: 1000 }), accepting(1000));
      expect(run.outcome.recipients.every(({ status }) => status === 'accepted')).toBe(true);
      expect(peakOf(run)).toMatchObject({ commands: 100, written: 1002 });
      // Each write refills half a window, so that there is one packet for fifty replies and not for one.
      expect(groupsOf(run).length).toBeLessThanOrEqual(20);
    });

    it('keeps at most 16 KiB without an answer, for 1,000 recipients with long addresses', () => {
      const recipients = Array.from({ length: 1000 }, (_, index) => recipient(`${'x'.repeat(900)}${String(index)}@x`));
      const run = exchange(planOf({ recipients }), accepting(1000));
      const peak = peakOf(run);
      expect(peak.written).toBe(1002);
      expect(peak.octets).toBeLessThanOrEqual(MAX_GROUP_OCTETS);
      expect(peak.octets).toBeGreaterThan(MAX_GROUP_OCTETS - 1000);
    });

    it('keeps both limits for addresses of any length, and comes to an end', () => {
      const lengths = fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 60 });
      fc.assert(
        fc.property(lengths, (octets) => {
          const recipients = octets.map((length) => recipient(`${'x'.repeat(length)}@x`));
          const run = exchange(planOf({ recipients }), accepting(recipients.length));
          const peak = peakOf(run);
          expect(peak.written).toBe(recipients.length + 2);
          expect(peak.octets).toBeLessThanOrEqual(MAX_GROUP_OCTETS);
          expect(failureOf(run.outcome)).toBeUndefined();
        }),
        { numRuns: 50 },
      );
    });
  });

  describe('requireAllRecipients', () => {
    const options = { count: 3, requireAllRecipients: true } as const;

    it('writes DATA behind the last answer to RCPT, also when pipelining', () => {
      const run = exchange(planOf(options), servingInOrder([250, 250, 250, 250, 354], [250]));
      expect(writtenBy(run)).toEqual(['MAIL RCPT RCPT RCPT', 'DATA']);
      expect(kindsOf(run).slice(0, 6)).toEqual(['write', 'feed', 'feed', 'feed', 'feed', 'write']);
      expect(failureOf(run.outcome)).toBeUndefined();
    });

    it.each([true, false])('sends nothing when one recipient is refused (pipelining: %s)', (pipelining) => {
      const run = exchange(planOf({ ...options, pipelining }), servingInOrder([250, 250, 550, 250, 354], [250]));
      expect(
        groupsOf(run)
          .flat()
          .map(({ verb }) => verb),
      ).toEqual(['MAIL', 'RCPT', 'RCPT', 'RCPT']);
      expect(summaryOf(run.outcome)).toEqual({
        recipients: ['not-sent rcpt 250', 'refused rcpt 550', 'not-sent rcpt 250'],
        failure: 'recipients-refused rcpt',
        final: undefined,
        after: 'reset',
      });
    });

    it("is no concern of DATA's own refusal", () => {
      const run = exchange(planOf(options), servingInOrder([250, 250, 250, 250, 451]));
      expect(summaryOf(run.outcome)).toMatchObject({ failure: 'data-refused data 451', after: 'reset' });
    });
  });

  describe('an envelope that the caller gave by hand', () => {
    const options = { envelopeGiven: true, pipelining: false } as const;

    it('begins with DATA', () => {
      const run = exchange(planOf(options), servingInOrder([354], [250]));
      expect(writtenBy(run)).toEqual(['DATA']);
      expect(shown(run.outcome.recipients)).toEqual(['accepted final 250', 'accepted final 250']);
    });

    it.each([0, 2])('fails with the answer to DATA, for %d recipients', (count) => {
      const run = exchange(planOf({ ...options, count }), servingInOrder([503]));
      expect(summaryOf(run.outcome)).toMatchObject({ failure: 'data-refused data 503', after: 'reset' });
    });

    it('sends nothing but a dot when there is no recipient and the server says 354 all the same', () => {
      const run = exchange(planOf({ ...options, count: 0 }), servingInOrder([354], [250], 554));
      expect(kindsOf(run)).toEqual(['write', 'feed', 'empty-content', 'feed']);
      expect(run.outcome.finalReply).toBeUndefined();
    });

    it('gets one final reply for each recipient in LMTP', () => {
      const run = exchange(planOf({ ...options, finalReplies: 'per-recipient' }), servingInOrder([354], [250, 552]));
      expect(shown(run.outcome.recipients)).toEqual(['accepted final 250', 'refused final 552']);
    });
  });

  it('is owed one reply for each command that it wrote, and is settled when there is no more to come', () => {
    const transaction = new Transaction(planOf());
    expect(transaction.repliesOwed).toBe(0);
    transaction.next();
    for (const [code, owed] of [
      [250, 3],
      [250, 2],
      [550, 1],
      [354, 0],
    ] as const) {
      transaction.feed(reply(code));
      expect([transaction.repliesOwed, transaction.settled]).toEqual([owed, false]);
    }
    transaction.endContent();
    expect([transaction.repliesOwed, transaction.settled]).toEqual([1, false]);
    transaction.feed(reply(250));
    expect([transaction.repliesOwed, transaction.settled]).toEqual([0, true]);
  });

  describe('replies that come together', () => {
    /** Up to the answer to DATA, or the end; `atOnce`: as many replies in each step as may be. */
    function run(plan: TransactionPlan, codes: readonly number[], atOnce: boolean): readonly unknown[] {
      const transaction = new Transaction(plan);
      const rest = codes.map(reply);
      const seen: unknown[] = [];
      for (;;) {
        const step = transaction.next(rest.length > 0);
        if (step.kind === 'write') seen.push(step.commands.length);
        else if (step.kind !== 'read' || rest.length === 0)
          return [...seen, step.kind, summaryOf(transaction.lost(GONE, 'rcpt'))];
        else if (atOnce) transaction.feedAll(rest.splice(0, transaction.repliesInARow));
        else transaction.feed(rest.shift() ?? reply(500));
      }
    }

    it('come to the same as one by one', () => {
      const code = fc.oneof({ weight: 12, arbitrary: fc.constant(250) }, fc.constantFrom(251, 354, 421, 450, 550));
      fc.assert(
        fc.property(
          fc.array(code, { maxLength: 12 }),
          fc.record({ count: fc.nat(10), pipelining: fc.boolean(), requireAllRecipients: fc.boolean() }),
          (codes, options) => {
            expect(run(planOf(options), codes, true)).toEqual(run(planOf(options), codes, false));
          },
        ),
      );
    });

    it('are as many as there are answers to RCPT on their way', () => {
      const transaction = new Transaction(planOf({ count: 150, reset: encodeCommand('RSET') }));
      const inARow = (): number => {
        transaction.next();
        return transaction.repliesInARow;
      };
      expect(inARow()).toBe(1);
      transaction.feed(reply(250));
      expect(inARow()).toBe(1);
      transaction.feed(reply(250));
      expect(inARow()).toBe(98);
      transaction.feedAll(Array<Reply>(48).fill(reply(250)));
      // The other half of the window was refilled, with the last of them and DATA.
      expect(inARow()).toBe(100);
      transaction.feedAll(Array<Reply>(100).fill(reply(250)));
      expect(inARow()).toBe(2);
      transaction.feedAll(Array<Reply>(2).fill(reply(250)));
      expect(inARow()).toBe(1);
      expect(transaction.next()).toEqual({ kind: 'read', stage: 'data' });
    });

    it('are the rest of them at the end of LMTP', () => {
      const transaction = new Transaction(planOf({ count: 3, finalReplies: 'per-recipient' }));
      transaction.next();
      for (const code of [250, 250, 250, 250, 354]) transaction.feed(reply(code));
      transaction.endContent();
      expect(transaction.repliesInARow).toBe(3);
      transaction.feedAll([reply(250), reply(552)]);
      expect(transaction.repliesInARow).toBe(1);
      transaction.feedAll([reply(250)]);
      expect(shown(transaction.recipients)).toEqual(['accepted final 250', 'refused final 552', 'accepted final 250']);
    });

    it('count for nothing behind one that settles everything', () => {
      const transaction = new Transaction(planOf({ count: 3 }));
      transaction.next();
      transaction.feed(reply(250));
      transaction.feedAll([reply(250), reply(421), reply(250)]);
      const step = transaction.next();
      expect(step.kind === 'done' && summaryOf(step.outcome)).toEqual({
        recipients: ['not-sent rcpt 250', 'refused rcpt 421', 'refused rcpt 421'],
        failure: 'recipients-refused rcpt',
        final: undefined,
        after: 'close',
      });
    });
  });

  it('shows what is known of each recipient while it runs', () => {
    const transaction = new Transaction(planOf());
    expect(shown(transaction.recipients)).toEqual(['not-sent mail -', 'not-sent mail -']);
    transaction.next();
    for (const code of [250, 250, 550, 354]) transaction.feed(reply(code));
    expect(shown(transaction.recipients)).toEqual(['not-sent rcpt 250', 'refused rcpt 550']);
    expect(transaction.recipients.map(({ address }) => address)).toEqual(['r0@x', 'r1@x']);
  });

  it('takes the commands that it is given, and makes none', () => {
    const mail = encodeCommand('MAIL FROM:<s@x> SIZE=7');
    const run = exchange(planOf({ mail, count: 1 }), servingInOrder([250, 250, 354], [250]));
    expect(groupsOf(run)[0]?.[0]).toBe(mail);
  });
});
