/**
 * Those who were written behind a content whose answer is not there yet. One rule: the head, whose answer is waited for, never suffers
 * for them; what their replies show of a server that is out of step counts against the head's answer only where it came with it.
 */
import { describeReply, SMTPProtocolError, SMTPServerDisconnected, SMTPTimeoutError } from '../errors.js';
import { deadlineIn, type Deadline } from '../io/deadline.js';
import { encodeCommand } from '../protocol/command.js';
import { isRefusal, isShutdown } from '../protocol/reply.js';
import { MAX_GROUP_COMMANDS, type Outcome, type Transaction } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import { LONGEST_RIDE_MS, type Flight, type Followers, type Rider } from './flight.js';
import type { Limits } from './limits.js';
import { abortedAt, type Link } from './link.js';
import { BLOCK_OCTETS } from './send-content.js';

export const NOBODY: Followers = { next: () => undefined, slow: () => undefined, answered: () => undefined };

const NOTHING: readonly Uint8Array[] = [];

/** A head that was answered, and how many of its final replies came before what came last. */
interface AnsweredHead {
  readonly transaction: Transaction;
  readonly finalsBefore: number;
}

export class Riders {
  readonly #link: Link;
  #riders: Rider[] = [];
  #followers = NOBODY;
  /** Replies that are owed to what nobody waits for any more. */
  #unclaimed = 0;
  /** Whether QUIT went out behind a content, and was answered. */
  #quit: 'unsaid' | 'said' | 'answered' = 'unsaid';
  /** Behind the answer to the head's content came one to its rider that says yes to the other's no, or no to its yes. */
  #differing = false;
  /** Somebody is being asked for: what is to be written then is not written yet, and nothing else may go in front of it. */
  #boarding = false;
  /** A rider that cannot be called back is on its way: the connection ends when the head is answered. */
  #doomed = false;
  /** For how long somebody may ride behind the last content whose end was handed over. */
  #rideUntil: Deadline = { atMs: 0, timeoutMs: LONGEST_RIDE_MS };
  readonly #wake = (): void => {
    this.#link.wake();
  };

  constructor(link: Link) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#riders.length === 0;
  }

  /** Whether nothing may follow the head on this connection. */
  get endTheConnection(): boolean {
    return this.#doomed || this.#quit === 'answered';
  }

  /** True while the answer to QUIT is owed, and no other one before it. */
  get quitting(): boolean {
    return this.#quit === 'said' && this.#riders.length === 0;
  }

  /** Whether the replies that came with the head's answer leave room for doubt that waiting can remove. */
  get mayCountOut(): boolean {
    return this.#differing;
  }

  /** How many replies are owed to them. */
  repliesOwed(): number {
    let owed = this.#unclaimed + (this.#quit === 'said' ? 1 : 0);
    for (const { transaction } of this.#riders) owed += transaction.repliesOwed;
    return owed;
  }

  /** A flight becomes the head; the first of them may be it. */
  promote(flight: Flight, followers: Followers): void {
    this.#followers = followers;
    if (this.#riders[0] === flight) this.#riders.shift();
    flight.limits.signal?.removeEventListener('abort', this.#wake);
  }

  /** The octets of those who go out with the end of the head's content, from which on a ride is counted. */
  boardWithContent(owedToHead: number): readonly Uint8Array[] {
    this.#rideUntil = deadlineIn(LONGEST_RIDE_MS);
    return this.#board(owedToHead);
  }

  /** The octets of those who go out behind it later, while its answer is waited for. */
  boardLate(owedToHead: number): readonly Uint8Array[] {
    // What has come by now cannot be the answer to what is written from here on.
    const isTooLate = this.#link.hasUnread || performance.now() >= this.#rideUntil.atMs;
    return this.#boarding || isTooLate ? NOTHING : this.#board(owedToHead);
  }

  /** At most one whose content is not asked for yet. */
  #board(owedToHead: number): readonly Uint8Array[] {
    const behind: Uint8Array[] = [];
    this.#boarding = true;
    try {
      while (this.#mayBoard(behind, owedToHead)) {
        const next = this.#followers.next();
        if (next === undefined) break;
        if (next === 'quit') {
          this.#quit = 'said';
          behind.push(this.#link.groupOf([encodeCommand('QUIT')], 'quit'));
          break;
        }
        this.#riders.push(next);
        next.limits.signal?.addEventListener('abort', this.#wake, { once: true });
        this.#writeAhead(next, behind);
      }
    } finally {
      this.#boarding = false;
    }
    return behind;
  }

  #mayBoard(behind: readonly Uint8Array[], owedToHead: number): boolean {
    if (this.#quit !== 'unsaid' || this.#doomed) return false;
    if (this.#riders.some(({ transaction }) => !transaction.contentEnded)) return false;
    // More than one only with BDAT that waits for nobody: as much as a group may hold, and no more than a block at a time.
    const owed = owedToHead + this.repliesOwed();
    return owed < MAX_GROUP_COMMANDS && behind.reduce((sum, { length }) => sum + length, 0) < BLOCK_OCTETS;
  }

  /** The first group of a rider, and its content where that waits for nobody and is at hand. */
  #writeAhead({ transaction, plan }: Rider, behind: Uint8Array[]): void {
    let step = transaction.next();
    if (step.kind === 'write') {
      behind.push(this.#link.groupOf(step.commands, 'mail'));
      step = transaction.next();
    }
    const { segments } = plan.content;
    if (step.kind !== 'content' || plan.framing !== 'unasked' || segments === undefined) return;
    const octets = segments.reduce((sum, { length }) => sum + length, 0);
    behind.push(this.#link.groupOf([encodeCommand(`BDAT ${String(octets)} LAST`)], 'body'), ...segments);
    transaction.endContent();
    this.#rideUntil = deadlineIn(LONGEST_RIDE_MS);
  }

  /** When somebody must be looked after although nothing changed. */
  attention(): Deadline | undefined {
    if (this.#riders.length === 0) return undefined;
    let nearest: Deadline | undefined;
    for (const { transaction, limits } of this.#riders) {
      const own = limits.deadline;
      if (own !== undefined && own.atMs < (nearest?.atMs ?? Infinity)) nearest = own;
      if (!transaction.contentEnded && this.#rideUntil.atMs < (nearest?.atMs ?? Infinity)) nearest = this.#rideUntil;
    }
    return nearest;
  }

  /**
   * A rider may end while the head still waits; the head is not harmed. An accepted DATA cannot be called back, so the
   * connection ends behind the head's answer.
   */
  lookAfter(): void {
    const nowMs = performance.now();
    for (const rider of [...this.#riders]) {
      const overdue = overdueOf(rider.limits, 'mail', nowMs);
      const late = !rider.transaction.contentEnded && nowMs >= this.#rideUntil.atMs;
      if (overdue === undefined && !late) continue;
      this.#doomed = true;
      this.#unclaimed += rider.transaction.repliesOwed;
      this.#riders.splice(this.#riders.indexOf(rider), 1);
      rider.limits.signal?.removeEventListener('abort', this.#wake);
      if (overdue !== undefined) {
        rider.landed(rider.transaction.lost(overdue, 'mail'));
      } else {
        this.#followers.slow();
        rider.turnedBack(rideOver());
      }
    }
  }

  /**
   * The head is answered. Before that counts, the replies that came with the answer are fed to those behind: where they show
   * that the server is out of step, the answer may belong to something else.
   */
  workThrough(head: AnsweredHead, outcome: Outcome): Outcome {
    this.#differing = false;
    if (this.#riders.length === 0 && this.#quit !== 'said') return outcome;
    const said = finalAnswersOf(outcome);
    for (const { transaction, clock } of this.#riders) {
      this.#link.clock = clock;
      const reason = this.#feedInHand(transaction, said);
      if (reason !== undefined) return this.#doubt(head, reason);
      if (!transaction.settled) return outcome;
    }
    if (this.#quit !== 'said') return outcome;
    const reason = this.#quitOutOfStep();
    return reason === undefined ? outcome : this.#doubt(head, reason);
  }

  /**
   * A yes and a no in one read: either may be the answer to the head's content, if a reply too many stands in front. The answer to the
   * rider's DATA shows whether the count is right, and the head is told then; it does not wait longer than a ride may be.
   */
  async countOut(head: AnsweredHead, outcome: Outcome): Promise<Outcome> {
    const [rider] = this.#riders;
    if (rider === undefined || rider.transaction.contentEnded) return outcome;
    const deadline = deadlineIn(LONGEST_RIDE_MS, rider.limits.deadline);
    let counted = outcome;
    while (counted.after !== 'close' && rider.transaction.repliesOwed > 0 && this.#link.open) {
      try {
        await this.#link.wait(deadline, rider.limits, undefined);
      } catch {
        // It ends when its turn comes, and so does a connection that failed.
        return counted;
      }
      counted = this.workThrough(head, counted);
    }
    return counted;
  }

  /** Feeds what is in hand. Gives, in words, what shows the server to be out of step. */
  #feedInHand(transaction: Transaction, said: FinalAnswers): string | undefined {
    try {
      for (;;) {
        const step = transaction.next(this.#link.hasReply);
        if (step.kind === 'write') {
          this.#link.send(step.commands, 'mail');
        } else if (step.kind === 'read') {
          const reply = this.#link.take(step.stage, this.repliesOwed());
          if (reply === undefined) return undefined;
          this.#differing ||= isRefusal(reply) ? said.yes : said.no;
          transaction.feed(reply);
        } else {
          const failure = step.kind === 'done' ? step.outcome.failure : undefined;
          return failure?.kind === 'protocol' ? failure.reason : undefined;
        }
      }
    } catch (error) {
      // One that is lost is found lost when its turn comes.
      return error instanceof SMTPProtocolError ? error.message : undefined;
    }
  }

  /** What is no answer to QUIT, and came with the final reply, may be the true one. */
  #quitOutOfStep(): string | undefined {
    try {
      const reply = this.#link.take('quit', 1 + this.#unclaimed);
      if (reply === undefined) return undefined;
      this.#quit = 'answered';
      if (answersQuit(reply)) return undefined;
      return `${describeReply(reply)} in answer to QUIT, in one piece with the answer to the content`;
    } catch (error) {
      return error instanceof SMTPProtocolError ? error.message : undefined;
    }
  }

  #doubt(head: AnsweredHead, reason: string): Outcome {
    for (const { transaction } of this.#riders) {
      if (transaction.settled && transaction.contentEnded) transaction.doubt(reason, 0);
    }
    return head.transaction.doubt(reason, head.finalsBefore);
  }

  /** The connection ended with the head, which came to `outcome`: nobody of them gets an answer. */
  strand(outcome: Outcome): void {
    if (this.#riders.length === 0) return;
    const cause = reasonOf(outcome);
    for (const rider of this.#riders.splice(0)) {
      rider.limits.signal?.removeEventListener('abort', this.#wake);
      if (rider.transaction.contentEnded) rider.landed(rider.transaction.lost(cause, 'final'));
      else rider.turnedBack(cause);
    }
  }
}

/** What the answers to a content said: with LMTP there are several, and they may differ. */
interface FinalAnswers {
  readonly yes: boolean;
  readonly no: boolean;
}

function finalAnswersOf({ recipients }: Outcome): FinalAnswers {
  let yes = false;
  let no = false;
  for (const { stage, status } of recipients) {
    if (stage !== 'final') continue;
    if (status === 'accepted') yes = true;
    else if (status === 'refused') no = true;
  }
  return { yes, no };
}

/** What ends a flight that waits for its turn: its caller's signal, or its deadline. */
export function overdueOf(
  { signal, deadline }: Limits,
  stage: Stage,
  nowMs: number,
): SMTPServerDisconnected | undefined {
  if (signal?.aborted === true) return abortedAt(stage, signal.reason);
  if (deadline === undefined || nowMs < deadline.atMs) return undefined;
  const { timeoutMs } = deadline;
  return new SMTPTimeoutError(`it was not its turn within ${String(timeoutMs)} ms, behind the message before it`, {
    stage,
    timeoutMs,
    retryable: true,
    hint: 'The server is slow to answer; use more connections, or a longer deadlineMs.',
  });
}

function rideOver(): SMTPServerDisconnected {
  return new SMTPServerDisconnected(
    `the message before it is not answered for ${String(LONGEST_RIDE_MS / 1_000)} s: it goes another way`,
    { stage: 'mail', retryable: true, hint: 'Nothing of its content was sent.' },
  );
}

/** Why those behind a flight get no answer. */
function reasonOf({ failure, finalReply }: Outcome): SMTPServerDisconnected {
  const cause = failure?.kind === 'lost' ? failure.cause : undefined;
  const why = cause instanceof Error ? cause.message : failure?.kind === 'protocol' ? failure.reason : undefined;
  const said = finalReply === undefined ? undefined : `the server said ${describeReply(finalReply)}`;
  return new SMTPServerDisconnected(`the connection ended with the message before it: ${why ?? said ?? 'closed'}`, {
    stage: 'mail',
    retryable: true,
    hint: 'Connect again.',
    cause,
  });
}

/**
 * RFC 5321 section 4.3.2: QUIT gets 221, and any command 421 or, from a server that does not know it or is confused, 500 to 504. A
 * message of the same connection does not suffer for that.
 */
function answersQuit(reply: Reply): boolean {
  return reply.code === 221 || isShutdown(reply) || (reply.code >= 500 && reply.code <= 504);
}
