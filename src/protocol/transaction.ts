/**
 * One mail transaction as a planner: it says what to write and which reply is owed, is fed the replies, and knows at every
 * moment what became of each recipient. It never waits and never touches a socket.
 *
 * With `pipelining` (RFC 2920) MAIL, every RCPT and DATA leave in one group; otherwise each command waits for its answer.
 * The answer to DATA is the barrier: content is sent only behind a 354 with an accepted MAIL and at least one accepted RCPT.
 * Without DATA the content goes by BDAT (RFC 3030), and the answers to MAIL and RCPT are the barrier, unless it goes unasked.
 */
import { describeReply, SMTPServerDisconnected } from '../errors.js';
import type { RecipientResult, Reply, Stage } from '../types.js';
import type { Command } from './command.js';
import { isRefusal, isShutdown, isSuccess } from './reply.js';

/** A group is capped at this many commands, or octets, without an answer, so that neither side's buffers can fill up. */
export const MAX_GROUP_COMMANDS = 100;
export const MAX_GROUP_OCTETS = 16_384;

export interface TransactionPlan {
  /** RSET, where the transaction before it owes one: nothing goes on unless it is answered with 250. */
  readonly reset?: Command | undefined;
  readonly mail: Command;
  readonly recipients: readonly { readonly address: string; readonly command: Command }[];
  /** Undefined: the content goes by BDAT. */
  readonly data: Command | undefined;
  readonly pipelining: boolean;
  /** LMTP answers the content once per accepted recipient (RFC 2033 section 4.2). */
  readonly finalReplies: 'one' | 'per-recipient';
  /** Sends nothing unless every recipient is accepted; DATA then waits for the last RCPT's answer. */
  readonly requireAllRecipients: boolean;
  /** The caller gave MAIL and RCPT by hand, and all these recipients were accepted: begin with DATA. Default false. */
  readonly envelopeGiven?: boolean;
  /** With BDAT: the content follows MAIL and RCPT without waiting for their answers. Default false. */
  readonly unasked?: boolean;
}

export type Step =
  | { readonly kind: 'write'; readonly commands: readonly Command[] }
  /** One reply is owed; `stage` tells whose. */
  | { readonly kind: 'read'; readonly stage: Stage }
  /**
   * Send the content and its end, then call `endContent()`; a chunk that is not the last one is told by `chunkWritten()`. A
   * reply that comes before the end is fed all the same.
   */
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

/** Of a thousand recipients each reply asks for the next step: most steps say the same. */
const READ: Readonly<Record<'rset' | 'mail' | 'rcpt' | 'data' | 'final', Step>> = {
  rset: { kind: 'read', stage: 'rset' },
  mail: { kind: 'read', stage: 'mail' },
  rcpt: { kind: 'read', stage: 'rcpt' },
  data: { kind: 'read', stage: 'data' },
  final: { kind: 'read', stage: 'final' },
};
const CONTENT: Step = { kind: 'content' };
const EMPTY_CONTENT: Step = { kind: 'empty-content' };
const NOTHING: readonly Command[] = [];

type State = 'envelope' | 'content' | 'empty-content' | 'final' | 'done';

type Status = RecipientResult['status'];

/** What is known of a recipient. Of thousands the same is known: they share one. */
interface Verdict {
  readonly status: Status;
  readonly stage: Stage;
  readonly reply: Reply | undefined;
}

const NOT_ASKED: Verdict = { status: 'not-sent', stage: 'mail', reply: undefined };

export class Transaction {
  readonly #plan: TransactionPlan;
  readonly #commands: readonly Command[];
  /** Where MAIL stands among the commands; the RCPTs are behind it. */
  readonly #mailAt: number;
  /** By the index of the recipient. */
  readonly #verdicts: Verdict[];
  /** The last one that was given. */
  #verdict = NOT_ASKED;
  #state: State = 'envelope';
  #written = 0;
  #answered = 0;
  #unansweredOctets = 0;
  #mailReply: Reply | undefined;
  #accepted: number[] = [];
  #finalReply: Reply | undefined;
  /** How many of the owed final replies have come. */
  #finals = 0;
  /** Chunks in front of the last one whose answers are owed. */
  #chunksOwed = 0;
  #contentEnded = false;
  #sawShutdown = false;
  #failure: Failure | undefined;
  #after: After = 'usable';

  constructor(plan: TransactionPlan) {
    const count = plan.recipients.length;
    this.#plan = plan;
    this.#mailAt = plan.reset === undefined ? 0 : 1;
    const first = plan.reset === undefined ? [plan.mail] : [plan.reset, plan.mail];
    this.#commands = first.concat(
      plan.recipients.map(({ command }) => command),
      plan.data ?? [],
    );
    this.#verdicts = new Array<Verdict>(count).fill(NOT_ASKED);
    if (plan.envelopeGiven === true) {
      this.#written = this.#answered = this.#mailAt + 1 + count;
      this.#accepted = [...this.#verdicts.keys()];
    }
  }

  /** What is known so far, by index. */
  get recipients(): readonly RecipientResult[] {
    return this.#plan.recipients.map(({ address }, index) => {
      const { status, stage, reply } = this.#verdicts[index] ?? NOT_ASKED;
      return reply === undefined ? { index, address, status, stage } : { index, address, status, stage, reply };
    });
  }

  /** True from the moment at which something of it was given out to be written. */
  get begun(): boolean {
    return this.#written > 0;
  }

  /** True when the server has said something about it. */
  get answered(): boolean {
    return this.#answered > this.#mailAt;
  }

  /** True from the moment at which the end of the content was handed to the socket for somebody. */
  get contentEnded(): boolean {
    return this.#contentEnded;
  }

  /** True when every recipient's fate is decided, or given up: nothing more is to be written or fed. */
  get settled(): boolean {
    return this.#state === 'done';
  }

  /** How many of the final replies have been fed. */
  get finalReplies(): number {
    return this.#finals;
  }

  /** How many replies the server owes to what has been written. More in hand than that, and it is out of step. */
  get repliesOwed(): number {
    switch (this.#state) {
      case 'envelope':
        return this.#written - this.#answered + (this.#contentEnded ? 1 : 0);
      case 'content':
        return this.#chunksOwed;
      case 'final':
        return this.#contentEnded && this.#plan.finalReplies === 'per-recipient'
          ? this.#accepted.length - this.#finals
          : 1;
      default:
        return 0;
    }
  }

  /** How many of them have the stage that `read` names now, and may be fed at once: the answers to RCPTs come together. */
  get repliesInARow(): number {
    if (this.#state !== 'envelope') return this.repliesOwed;
    if (this.#stageOf(this.#answered) !== 'rcpt') return 1;
    return Math.min(this.#written, this.#mailAt + 1 + this.#plan.recipients.length) - this.#answered;
  }

  /** `moreInHand`: another reply can be fed at once. A group waits for it, so that what is answered together is refilled together. */
  next(moreInHand = false): Step {
    switch (this.#state) {
      case 'envelope':
        return this.#nextOfEnvelope(moreInHand);
      case 'content':
        return CONTENT;
      case 'empty-content':
        return EMPTY_CONTENT;
      case 'final':
        return READ.final;
      case 'done':
        return { kind: 'done', outcome: this.#outcome() };
    }
  }

  /** A chunk that is not the last one was handed to the socket. */
  chunkWritten(): void {
    this.#chunksOwed += 1;
  }

  /** The last octet of the content's end was handed to the socket. */
  endContent(): void {
    if (this.#state !== 'empty-content') this.#contentEnded = true;
    if (this.#state !== 'envelope' || this.#answered === this.#commands.length) this.#state = 'final';
  }

  /** Replies that came together, no more than `repliesInARow`. Behind one that settles everything the others count for nothing. */
  feedAll(replies: readonly Reply[]): void {
    for (const reply of replies) {
      if (this.#state === 'done') return;
      this.feed(reply);
    }
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
      // Behind a refused MAIL nobody gets anything, whatever was written ahead of its answer.
      this.#undecidedBecome(this.#contentEnded && !this.#mailRefused ? 'unknown' : 'not-sent', stage);
      // What the server refused before it went away stays refused, and says more than that it went away.
      const refused = this.#verdicts.length > 0 && this.#verdicts.every(({ status }) => status === 'refused');
      if (this.#mailRefused || refused) this.#refuseEnvelope();
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

  /**
   * What came together with its final reply shows that the server is out of step, so that the reply may answer something else.
   * The first `kept` final replies came before, and stand.
   */
  doubt(reason: string, kept: number): Outcome {
    const doubtful = this.#plan.finalReplies === 'one' ? this.#accepted : this.#accepted.slice(kept);
    for (const index of doubtful) this.#decide(index, 'unknown', 'final', undefined);
    this.#fail({ kind: 'protocol', reason, stage: 'final' }, 'close');
    return this.#outcome();
  }

  #nextOfEnvelope(moreInHand: boolean): Step {
    const group = moreInHand && this.#answered < this.#written ? NOTHING : this.#nextGroup();
    if (group.length > 0) return { kind: 'write', commands: group };
    const allWritten = this.#written === this.#commands.length;
    if (this.#plan.unasked === true && allWritten && !this.#contentEnded && !this.#mailRefused) {
      if (this.#answered < this.#written || this.#accepted.length > 0) return CONTENT;
    }
    if (this.#answered < this.#written) return READ[this.#stageOf(this.#answered)];
    if (this.#mayFollowBdat(allWritten)) {
      this.#state = 'content';
      return CONTENT;
    }
    // Nothing to write and nothing owed, but DATA never went out: the envelope was refused.
    this.#refuseEnvelope();
    return { kind: 'done', outcome: this.#outcome() };
  }

  /** BDAT needs an accepted recipient: a server that takes none would read its octets as commands. */
  #mayFollowBdat(allWritten: boolean): boolean {
    // Behind a refused MAIL nobody is accepted.
    if (this.#plan.data !== undefined || !allWritten) return false;
    const { requireAllRecipients, recipients } = this.#plan;
    return this.#accepted.length > 0 && (!requireAllRecipients || this.#accepted.length === recipients.length);
  }

  #nextGroup(): readonly Command[] {
    const unanswered = this.#written - this.#answered;
    const window = this.#plan.pipelining ? MAX_GROUP_COMMANDS : 1;
    // Half a window is refilled at a time: one command behind each reply would be one packet each.
    if (unanswered > window / 2 || this.#unansweredOctets > MAX_GROUP_OCTETS / 2) return NOTHING;
    if (this.#written === this.#commands.length) return NOTHING;
    const group: Command[] = [];
    while (this.#written < this.#commands.length && unanswered + group.length < window) {
      const command = this.#commands[this.#written];
      if (command === undefined || !this.#mayWrite(this.#written)) break;
      const octets = command.sizeOctets;
      if (unanswered + group.length > 0 && this.#unansweredOctets + octets > MAX_GROUP_OCTETS) break;
      this.#unansweredOctets += octets;
      this.#written += 1;
      group.push(command);
    }
    return group;
  }

  #mayWrite(position: number): boolean {
    if (this.#mailRefused) return false;
    if (this.#stageOf(position) !== 'data' || this.#plan.envelopeGiven === true) return true;
    const allAnswered = this.#answered === position;
    if (this.#plan.requireAllRecipients) return allAnswered && this.#accepted.length === this.#plan.recipients.length;
    return !allAnswered || this.#accepted.length > 0;
  }

  get #mailRefused(): boolean {
    return this.#mailReply !== undefined && isRefusal(this.#mailReply);
  }

  #stageOf(position: number): 'rset' | 'mail' | 'rcpt' | 'data' {
    if (position <= this.#mailAt) return position === this.#mailAt ? 'mail' : 'rset';
    return position > this.#mailAt + this.#plan.recipients.length ? 'data' : 'rcpt';
  }

  #feedEnvelope(reply: Reply): void {
    const position = this.#answered;
    const stage = this.#stageOf(position);
    if (position >= this.#written) {
      this.violated('a reply that no command is owed', stage);
      return;
    }
    this.#unansweredOctets -= this.#commands[position]?.sizeOctets ?? 0;
    this.#answered += 1;
    if (stage === 'data') {
      this.#feedData(reply);
    } else if (stage === 'rset') {
      if (reply.code !== 250) this.lost(resetRefused(reply), 'rset');
    } else if (!isSuccess(reply) && !isRefusal(reply)) {
      this.violated(`${String(reply.code)} in answer to ${stage === 'mail' ? 'MAIL' : 'RCPT'}`, stage);
    } else if (stage === 'mail') {
      this.#mailReply = reply;
      if (isShutdown(reply)) this.#fail({ kind: 'sender-refused', reply }, 'close');
    } else {
      this.#feedRcpt(position - this.#mailAt - 1, reply);
    }
    if (this.#state === 'envelope' && this.#contentEnded && this.#answered === this.#commands.length) {
      this.#state = 'final';
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
    for (let later = index + 1; later < this.#verdicts.length; later += 1)
      this.#decide(later, 'refused', 'rcpt', reply);
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

  /** In front of the content's end: an answer to one of its chunks, or one that nobody asked for. */
  #feedEarly(reply: Reply): void {
    if (this.#chunksOwed > 0 && isSuccess(reply)) {
      this.#chunksOwed -= 1;
    } else if (isRefusal(reply)) {
      const inStep = this.#chunksOwed === 1 && !isShutdown(reply);
      this.#refuseContent(reply, 'body', inStep ? 'reset' : 'close');
    } else {
      this.violated(`${String(reply.code)} before the end of the content`, 'body');
    }
  }

  #feedFinal(reply: Reply): void {
    if (this.#contentEnded && this.#mailRefused && isSuccess(reply)) {
      // One of the two is not what it was taken for: a reply too many stood in front.
      this.violated(`${String(reply.code)} in answer to content whose MAIL was refused`, 'final');
      return;
    }
    if (!this.#contentEnded || this.#accepted.length === 0 || this.#mailRefused) {
      // The answer to the end of an empty transaction is of interest to nobody, unless it asks for more.
      this.#refuseEnvelope();
      const inStep = isRefusal(reply) || (isSuccess(reply) && !this.#contentEnded);
      this.#after = isShutdown(reply) || !inStep ? 'close' : this.#contentEnded ? 'reset' : 'usable';
      return;
    }
    if (!isSuccess(reply) && !isRefusal(reply)) {
      this.violated(`${String(reply.code)} in answer to the content`, 'final');
      return;
    }
    this.#finalReply = reply;
    if (isShutdown(reply)) this.#sawShutdown = true;
    const status = isSuccess(reply) ? 'accepted' : 'refused';
    if (this.#plan.finalReplies === 'one') {
      for (const index of this.#accepted) this.#decide(index, status, 'final', reply);
    } else {
      this.#decide(this.#accepted[this.#finals] ?? 0, status, 'final', reply);
    }
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
    if (this.#verdicts.some(({ status }) => status === 'accepted')) return undefined;
    return this.#plan.finalReplies === 'one'
      ? { kind: 'data-refused', reply: last, stage: 'final' }
      : { kind: 'recipients-refused', stage: 'final' };
  }

  #fail(failure: Failure, after: After): void {
    this.#failure = failure;
    this.#after = after;
    this.#state = 'done';
  }

  #decide(index: number, status: Status, stage: Stage, reply: Reply | undefined): void {
    const last = this.#verdict;
    const isSame = last.status === status && last.stage === stage && last.reply === reply;
    this.#verdicts[index] = this.#verdict = isSame ? last : { status, stage, reply };
  }

  /** Those accepted at RCPT and not decided since; before the content's end, all that were not refused. */
  #undecidedBecome(status: 'unknown' | 'not-sent', stage: Stage): void {
    for (const [index, verdict] of this.#verdicts.entries()) {
      if (verdict.status === 'not-sent') this.#decide(index, status, stage, verdict.reply);
    }
  }

  #outcome(): Outcome {
    return { recipients: this.recipients, failure: this.#failure, finalReply: this.#finalReply, after: this.#after };
  }
}

function resetRefused(reply: Reply): SMTPServerDisconnected {
  return new SMTPServerDisconnected(`the server refused RSET: ${describeReply(reply)}`, {
    stage: 'rset',
    retryable: true,
    hint: 'The state of the session is not known; the connection was closed.',
  });
}
