/**
 * Runs a transaction against a server of a few codes, without a stream: what the planner wants written is answered at
 * once, into a queue, and each `read` step takes one reply out of it.
 */
import { encodeCommand, type Command } from '../../src/protocol/command.js';
import { makeReply } from '../../src/protocol/reply.js';
import { Transaction, type Outcome, type TransactionPlan } from '../../src/protocol/transaction.js';
import type { Stage } from '../../src/types.js';

export interface Server {
  /** The code that answers a command; undefined when the server has gone away. */
  answer(command: Command): number | undefined;
  /** The codes that answer the content's end. */
  finals(): readonly number[];
  /** The code that answers a lone dot behind an envelope that nobody accepted. */
  emptyDot?(): number;
}

export interface PlanOptions extends Partial<TransactionPlan> {
  /** How many recipients, r0@x and so on. Default 2. */
  readonly count?: number;
}

export function planOf({ count = 2, ...options }: PlanOptions = {}): TransactionPlan {
  return {
    mail: encodeCommand('MAIL FROM:<s@x>'),
    recipients: Array.from({ length: count }, (_, index) => recipient(`r${String(index)}@x`)),
    data: encodeCommand('DATA'),
    pipelining: true,
    finalReplies: 'one',
    requireAllRecipients: false,
    ...options,
  };
}

export function recipient(address: string): TransactionPlan['recipients'][number] {
  return { address, command: encodeCommand(`RCPT TO:<${address}>`) };
}

export type Event =
  | { readonly kind: 'write'; readonly commands: readonly Command[] }
  | { readonly kind: 'feed'; readonly stage: Stage; readonly code: number }
  | { readonly kind: 'content' }
  | { readonly kind: 'empty-content' };

export interface Exchange {
  readonly transaction: Transaction;
  readonly outcome: Outcome;
  readonly events: readonly Event[];
}

/** How the exchange ends when the server says no more. */
export const GONE = new Error('the server went away');

/**
 * `stopAfter`: so many events happen, and then the connection is lost; the moments around the content's end count as
 * events of their own. More than a thousand steps per command are taken for an endless loop.
 */
export function exchange(plan: TransactionPlan, server: Server, stopAfter = Infinity): Exchange {
  const transaction = new Transaction(plan);
  const owed: number[] = [];
  const events: Event[] = [];
  let stage: Stage = 'mail';
  for (let steps = 0; ; steps += 1) {
    if (steps > 10 * (plan.recipients.length + 5)) throw new Error('the planner comes to no end');
    checkOwed(transaction);
    const step = transaction.next();
    if (step.kind === 'done') return { transaction, outcome: step.outcome, events };
    if (events.length >= stopAfter) return { transaction, outcome: transaction.lost(GONE, stage), events };
    switch (step.kind) {
      case 'write':
        for (const command of step.commands) {
          const code = server.answer(command);
          if (code !== undefined) owed.push(code);
        }
        events.push(step);
        break;
      case 'read': {
        ({ stage } = step);
        if (transaction.repliesOwed < 1) throw new Error('a read without a reply owed');
        const code = owed.shift();
        if (code === undefined) return { transaction, outcome: transaction.lost(GONE, stage), events };
        transaction.feed(makeReply(code, [`reply ${String(code)}`]));
        events.push({ kind: 'feed', stage, code });
        break;
      }
      case 'content':
        stage = 'body';
        transaction.endContent();
        owed.push(...server.finals());
        events.push(step);
        break;
      case 'empty-content':
        transaction.endContent();
        owed.push(server.emptyDot?.() ?? 554);
        events.push(step);
    }
  }
}

function checkOwed(transaction: Transaction): void {
  if (transaction.repliesOwed < 0) throw new Error(`${String(transaction.repliesOwed)} replies owed`);
}

export interface Codes {
  readonly mail: number;
  readonly rcpt: readonly number[];
  readonly data: number;
  readonly finals: readonly number[];
}

/** A server that keeps to the rules: it takes no RCPT without MAIL, no DATA without RCPT, and goes away behind a 421. */
export function orderlyServer(codes: Codes): Server {
  let gone = false;
  let recipients = 0;
  let accepted = 0;
  const say = (code: number): number | undefined => {
    if (gone) return undefined;
    gone = code === 421;
    return code;
  };
  const ok = (code: number): boolean => code >= 200 && code < 300;
  return {
    answer({ verb }) {
      if (verb === 'MAIL') return say(codes.mail);
      if (!ok(codes.mail)) return say(503);
      if (verb === 'DATA') return say(accepted > 0 ? codes.data : 503);
      const code = codes.rcpt[recipients] ?? 550;
      recipients += 1;
      if (ok(code)) accepted += 1;
      return say(code);
    },
    finals: () => codes.finals.flatMap((code) => say(code) ?? []),
  };
}
