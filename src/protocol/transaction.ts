/**
 * One mail transaction as a planner: it says what to write and which reply is owed, is fed the replies, and knows at every
 * moment what became of each recipient. It never waits and never touches a socket.
 *
 * With `pipelining` (RFC 2920) MAIL, every RCPT and DATA leave in one group; otherwise each command waits for its answer.
 * The answer to DATA is the barrier: content is sent only behind a 354 with an accepted MAIL and at least one accepted RCPT.
 */
import type { RecipientResult, Reply, Stage } from '../types.js';
import type { Command } from './command.js';
import { isRefusal, isShutdown, isSuccess } from './reply.js';

/** A group is capped at this many commands, or octets, without an answer, so that neither side's buffers can fill up. */
export const MAX_GROUP_COMMANDS = 100;
export const MAX_GROUP_OCTETS = 16_384;

export interface TransactionPlan {
  readonly mail: Command;
  readonly recipients: readonly { readonly address: string; readonly command: Command }[];
  readonly data: Command;
  readonly pipelining: boolean;
  /** LMTP answers the content once per accepted recipient (RFC 2033 section 4.2). */
  readonly finalReplies: 'one' | 'per-recipient';
  /** Sends nothing unless every recipient is accepted; DATA then waits for the last RCPT's answer. */
  readonly requireAllRecipients: boolean;
  /** The caller gave MAIL and RCPT by hand, and all these recipients were accepted: begin with DATA. Default false. */
  readonly envelopeGiven?: boolean;
}

export type Step =
  | { readonly kind: 'write'; readonly commands: readonly Command[] }
  /** One reply is owed; `stage` tells whose. */
  | { readonly kind: 'read'; readonly stage: Stage }
  /** Send the content and its end, then call `endContent()`. A reply that comes before is fed all the same. */
  | { readonly kind: 'content' }
  /** DATA was accepted for nobody: end it with a lone dot, then call `endContent()`. */
  | { readonly kind: 'empty-content' }
  | { readonly kind: 'done'; readonly outcome: Outcome };

export type Failure =
  | { readonly kind: 'sender-refused'; readonly reply: Reply }
  | { readonly kind: 'recipients-refused'; readonly stage: 'rcpt' | 'final' }
  | { readonly kind: 'data-refused'; readonly reply: Reply; readonly stage: 'data' | 'body' | 'final' }
  | { readonly kind: 'protocol'; readonly reason: string; readonly stage: Stage }
  | { readonly kind: 'lost'; readonly cause: unknown; readonly stage: Stage };

/** What may be done with the connection afterwards. `reset`: RSET is owed before the next MAIL. */
export type After = 'usable' | 'reset' | 'close';

export interface Outcome {
  /** One per recipient, by index. */
  readonly recipients: readonly RecipientResult[];
  /** Why nobody was accepted, or what went wrong behind an acceptance; undefined when all went well. */
  readonly failure: Failure | undefined;
  /** The last reply to the content, when there was one. */
  readonly finalReply: Reply | undefined;
  readonly after: After;
}

type State = 'envelope' | 'content' | 'empty-content' | 'final' | 'done';

export class Transaction {
  readonly #plan: TransactionPlan;
  readonly #commands: readonly Command[];
  readonly #results: RecipientResult[];
  #state: State = 'envelope';
  #written = 0;
  #answered = 0;
  #unansweredOctets = 0;
  #mailReply: Reply | undefined;
  #accepted: number[] = [];
  #finalReply: Reply | undefined;
  /** How many of the owed final replies have come. */
  #finals = 0;
  #contentEnded = false;
  #sawShutdown = false;
  #failure: Failure | undefined;
  #after: After = 'usable';

  constructor(plan: TransactionPlan) {
    this.#plan = plan;
    this.#commands = [plan.mail, ...plan.recipients.map((recipient) => recipient.command), plan.data];
    this.#results = plan.recipients.map(({ address }, index) => ({
      index,
      address,
      status: 'not-sent',
      stage: 'mail',
    }));
    if (plan.envelopeGiven === true) {
      this.#written = this.#answered = this.#commands.length - 1;
      this.#accepted = [...this.#results.keys()];
    }
  }

  /** What is known so far, by index. */
  get recipients(): readonly RecipientResult[] {
    return this.#results;
  }

  /** True from the moment at which the end of the content was handed to the socket for somebody. */
  get contentEnded(): boolean {
    return this.#contentEnded;
  }

  /** True when every recipient's fate is decided, or given up: nothing more is to be written or fed. */
  get settled(): boolean {
    return this.#state === 'done';
  }

  /** How many replies the server owes to what has been written. More in hand than that, and it is out of step. */
  get repliesOwed(): number {
    if (this.#state === 'envelope') return this.#written - this.#answered;
    if (this.#state !== 'final') return 0;
    return this.#contentEnded && this.#plan.finalReplies === 'per-recipient' ? this.#accepted.length - this.#finals : 1;
  }

  next(): Step {
    switch (this.#state) {
      case 'envelope':
        return this.#nextOfEnvelope();
      case 'content':
        return { kind: 'content' };
      case 'empty-content':
        return { kind: 'empty-content' };
      case 'final':
        return { kind: 'read', stage: 'final' };
      case 'done':
        return { kind: 'done', outcome: this.#outcome() };
    }
  }

  /** The last octet of the content's end was handed to the socket. */
  endContent(): void {
    if (this.#state === 'content') this.#contentEnded = true;
    this.#state = 'final';
  }

  feed(reply: Reply): void {
    switch (this.#state) {
      case 'envelope':
        this.#feedEnvelope(reply);
        return;
      case 'content':
        this.#feedEarly(reply);
        return;
      case 'empty-content':
        this.#refuseEnvelope();
        this.#after = 'close';
        return;
      case 'final':
        this.#feedFinal(reply);
        return;
      case 'done':
        this.violated('a reply that no command is owed', 'final');
    }
  }

  /** The connection is gone, or the caller gave up: nothing more will be read. */
  lost(cause: unknown, stage: Stage): Outcome {
    if (this.#state !== 'done') {
      this.#undecidedBecome(this.#contentEnded ? 'unknown' : 'not-sent', stage);
      // What the server refused before it went away stays refused, and says more than that it went away.
      if (this.#mailRefused) this.#refuseEnvelope();
      else if (this.#results.length > 0 && this.#results.every(({ status }) => status === 'refused'))
        this.#refuseEnvelope();
      else this.#fail({ kind: 'lost', cause, stage }, 'close');
      this.#after = 'close';
    }
    return this.#outcome();
  }

  /** The server broke the protocol: no reply from here on can be trusted, and one that came with it cannot either. */
  violated(reason: string, stage: Stage): Outcome {
    this.#undecidedBecome(this.#contentEnded ? 'unknown' : 'not-sent', stage);
    this.#fail({ kind: 'protocol', reason, stage }, 'close');
    return this.#outcome();
  }

  #nextOfEnvelope(): Step {
    const group = this.#nextGroup();
    if (group.length > 0) return { kind: 'write', commands: group };
    if (this.#answered < this.#written) return { kind: 'read', stage: this.#stageOf(this.#answered) };
    // Nothing to write and nothing owed, but DATA never went out: the envelope was refused.
    this.#refuseEnvelope();
    return { kind: 'done', outcome: this.#outcome() };
  }

  #nextGroup(): readonly Command[] {
    const unanswered = this.#written - this.#answered;
    const window = this.#plan.pipelining ? MAX_GROUP_COMMANDS : 1;
    // Half a window is refilled at a time: one command behind each reply would be one packet each.
    if (unanswered > window / 2 || this.#unansweredOctets > MAX_GROUP_OCTETS / 2) return [];
    const group: Command[] = [];
    while (this.#written < this.#commands.length && unanswered + group.length < window) {
      const command = this.#commands[this.#written];
      if (command === undefined || !this.#mayWrite(this.#written)) break;
      const octets = command.octets.length;
      if (unanswered + group.length > 0 && this.#unansweredOctets + octets > MAX_GROUP_OCTETS) break;
      this.#unansweredOctets += octets;
      this.#written += 1;
      group.push(command);
    }
    return group;
  }

  #mayWrite(position: number): boolean {
    if (this.#mailRefused) return false;
    if (position !== this.#commands.length - 1 || this.#plan.envelopeGiven === true) return true;
    const allAnswered = this.#answered === position;
    if (this.#plan.requireAllRecipients) return allAnswered && this.#accepted.length === this.#plan.recipients.length;
    return !allAnswered || this.#accepted.length > 0;
  }

  get #mailRefused(): boolean {
    return this.#mailReply !== undefined && isRefusal(this.#mailReply);
  }

  #stageOf(position: number): 'mail' | 'rcpt' | 'data' {
    if (position === 0) return 'mail';
    return position === this.#commands.length - 1 ? 'data' : 'rcpt';
  }

  #feedEnvelope(reply: Reply): void {
    const position = this.#answered;
    const stage = this.#stageOf(position);
    if (position >= this.#written) {
      this.violated('a reply that no command is owed', stage);
      return;
    }
    this.#unansweredOctets -= this.#commands[position]?.octets.length ?? 0;
    this.#answered += 1;
    if (stage === 'data') {
      this.#feedData(reply);
    } else if (!isSuccess(reply) && !isRefusal(reply)) {
      this.violated(`${String(reply.code)} in answer to ${stage === 'mail' ? 'MAIL' : 'RCPT'}`, stage);
    } else if (stage === 'mail') {
      this.#mailReply = reply;
      if (isShutdown(reply)) this.#fail({ kind: 'sender-refused', reply }, 'close');
    } else {
      this.#feedRcpt(position - 1, reply);
    }
  }

  #feedRcpt(index: number, reply: Reply): void {
    // Behind a refused MAIL the answers to RCPT mean nothing, not even a 250.
    if (this.#mailRefused) {
      if (isShutdown(reply)) this.#shutdownDuringEnvelope();
      return;
    }
    if (isSuccess(reply)) {
      this.#accepted.push(index);
      this.#decide(index, 'not-sent', 'rcpt', reply);
      return;
    }
    this.#decide(index, 'refused', 'rcpt', reply);
    if (!isShutdown(reply)) return;
    // 421 speaks for this recipient and for all behind it.
    for (let later = index + 1; later < this.#results.length; later += 1) this.#decide(later, 'refused', 'rcpt', reply);
    this.#fail({ kind: 'recipients-refused', stage: 'rcpt' }, 'close');
  }

  #shutdownDuringEnvelope(): void {
    this.#refuseEnvelope();
    this.#after = 'close';
  }

  #feedData(reply: Reply): void {
    if (reply.code === 354) {
      if (this.#mailRefused) {
        this.#refuseEnvelope();
        this.#after = 'close';
      } else if (this.#accepted.length > 0) {
        this.#state = 'content';
      } else if (this.#plan.finalReplies === 'one') {
        this.#state = 'empty-content';
      } else {
        // LMTP would owe no reply at all to a lone dot: there is no way back into step.
        this.violated('354 in answer to DATA without an accepted recipient', 'data');
      }
      return;
    }
    if (!isRefusal(reply)) {
      this.violated(`${String(reply.code)} in answer to DATA`, 'data');
      return;
    }
    if (!this.#mailRefused && (this.#accepted.length > 0 || this.#plan.envelopeGiven === true)) {
      this.#refuseContent(reply, 'data', isShutdown(reply) ? 'close' : 'reset');
    } else {
      this.#refuseEnvelope();
      if (isShutdown(reply)) this.#after = 'close';
    }
  }

  #feedEarly(reply: Reply): void {
    if (isRefusal(reply)) {
      this.#refuseContent(reply, 'body', 'close');
    } else {
      this.violated(`${String(reply.code)} before the end of the content`, 'body');
    }
  }

  #feedFinal(reply: Reply): void {
    if (!this.#contentEnded) {
      // The answer to the lone dot of an empty transaction is of interest to nobody, unless it asks for more.
      this.#refuseEnvelope();
      this.#after = isShutdown(reply) || (!isSuccess(reply) && !isRefusal(reply)) ? 'close' : 'usable';
      return;
    }
    if (!isSuccess(reply) && !isRefusal(reply)) {
      this.violated(`${String(reply.code)} in answer to the content`, 'final');
      return;
    }
    this.#finalReply = reply;
    if (isShutdown(reply)) this.#sawShutdown = true;
    const decided =
      this.#plan.finalReplies === 'one' ? this.#accepted : this.#accepted.slice(this.#finals, this.#finals + 1);
    for (const index of decided) this.#decide(index, isSuccess(reply) ? 'accepted' : 'refused', 'final', reply);
    this.#finals += 1;
    if (this.#plan.finalReplies === 'per-recipient' && this.#finals < this.#accepted.length) return;
    this.#failure = this.#finalFailure(reply);
    this.#after = this.#sawShutdown ? 'close' : 'usable';
    this.#state = 'done';
  }

  /** The envelope was refused, by MAIL or by every RCPT, or by one where all are required. */
  #refuseEnvelope(): void {
    const failure: Failure =
      this.#mailReply !== undefined && isRefusal(this.#mailReply)
        ? { kind: 'sender-refused', reply: this.#mailReply }
        : { kind: 'recipients-refused', stage: 'rcpt' };
    this.#fail(failure, 'reset');
  }

  #refuseContent(reply: Reply, stage: 'data' | 'body', after: After): void {
    for (const index of this.#accepted) this.#decide(index, 'refused', stage, reply);
    this.#fail({ kind: 'data-refused', reply, stage }, after);
  }

  /** What the final replies come to when the last one has come: a failure only if nobody was accepted. */
  #finalFailure(last: Reply): Failure | undefined {
    if (this.#results.some(({ status }) => status === 'accepted')) return undefined;
    return this.#plan.finalReplies === 'one'
      ? { kind: 'data-refused', reply: last, stage: 'final' }
      : { kind: 'recipients-refused', stage: 'final' };
  }

  #fail(failure: Failure, after: After): void {
    this.#failure = failure;
    this.#after = after;
    this.#state = 'done';
  }

  #decide(index: number, status: RecipientResult['status'], stage: Stage, reply: Reply): void {
    const result = this.#results[index];
    if (result !== undefined) this.#results[index] = { index, address: result.address, status, stage, reply };
  }

  /** Those accepted at RCPT and not decided since; before the content's end, all that were not refused. */
  #undecidedBecome(status: 'unknown' | 'not-sent', stage: Stage): void {
    for (const [index, result] of this.#results.entries()) {
      if (result.status === 'not-sent') this.#results[index] = { ...result, status, stage };
    }
  }

  #outcome(): Outcome {
    return { recipients: [...this.#results], failure: this.#failure, finalReply: this.#finalReply, after: this.#after };
  }
}
