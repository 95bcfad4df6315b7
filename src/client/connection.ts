/**
 * The driver: it does what the planner says and tells it what came, and leaves the connection usable or closed. Flights are
 * answered in the order in which they were written: the head's replies are read, and behind its content there may be riders.
 * Commands that are no transaction are written and answered one at a time.
 */
import type { TLSSocket } from 'node:tls';
import {
  describeReply,
  SMTPException,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
} from '../errors.js';
import { deadlineIn, type Deadline } from '../io/deadline.js';
import type { UpgradeOptions } from '../io/tls.js';
import { END_OF_CONTENT } from '../protocol/body.js';
import { encodeCommand, type Command } from '../protocol/command.js';
import { isRefusal, isShutdown } from '../protocol/reply.js';
import { Session } from '../protocol/session.js';
import { MAX_GROUP_COMMANDS, type Outcome, type Transaction } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import { LONGEST_RIDE_MS, type Flight, type Followers, type Rider } from './flight.js';
import type { Limits } from './limits.js';
import { abortedAt, type Link } from './link.js';
import { BLOCK_OCTETS, sendContent } from './send-content.js';
import type { StageClock } from './stage-clock.js';

const NOBODY: Followers = { next: () => undefined, slow: () => undefined, answered: () => undefined };

const NO_LIMITS: Limits = { signal: undefined, deadline: undefined };

export class Connection {
  readonly session = new Session();
  readonly #link: Link;
  #head: Flight | undefined;
  #riders: Rider[] = [];
  #followers = NOBODY;
  /** Replies that are owed to what nobody waits for any more. */
  #unclaimed = 0;
  /** Whether QUIT went out behind a content, and was answered. */
  #quit: 'unsaid' | 'said' | 'answered' = 'unsaid';
  /** How many final replies of the head came before what came last. */
  #finalsBefore = 0;
  /** Behind the answer to the head's content came one to its rider that says yes to the other's no, or no to its yes. */
  #differing = false;
  /** Somebody is being asked for: what is to be written then is not written yet, and nothing else may go in front of it. */
  #boarding = false;
  /** A rider that cannot be called back is on its way: the connection ends when the head is answered. */
  #doomed = false;
  /** When the end of the last content was handed over, and for how long somebody may ride behind it. */
  #rideUntil: Deadline = { atMs: 0, timeoutMs: LONGEST_RIDE_MS };
  readonly #wake = (): void => {
    this.#link.wake();
  };

  constructor(link: Link) {
    this.#link = link;
    this.session.opened();
  }

  get open(): boolean {
    return this.#link.open && this.session.phase !== 'closed';
  }

  /** Whom the time is counted for. */
  get clock(): StageClock {
    return this.#link.clock;
  }

  set clock(clock: StageClock) {
    this.#link.clock = clock;
  }

  /** Nothing is under way: the connection keeps no process alive, and `stirred` is told when the server does anything. */
  rest(stirred: () => void): void {
    this.#link.rest(stirred);
  }

  /** Something is under way again. */
  rouse(): void {
    this.#link.rouse();
  }

  /** Ends the connection at once. */
  close(): void {
    this.session.closed();
    this.#link.destroy();
  }

  /** Encrypts the connection: from its start (RFC 8314), or behind STARTTLS (RFC 3207). */
  async upgrade(options: UpgradeOptions, limits: Limits): Promise<TLSSocket> {
    if (this.session.phase !== 'connected') {
      // What has arrived by now in clear text was not asked for: somebody in between may have put it there, and it must not
      // become part of the encrypted session.
      await this.#link.poll();
      this.#link.refuseUnasked('starttls');
    }
    const secured = await this.#link.encrypt(options, limits);
    this.session.encrypted();
    return secured;
  }

  /** Reads the greeting, which no command asks for. */
  async greeting(limits: Limits): Promise<Reply> {
    const reply = await this.#link.receive('greeting', 1, limits);
    this.session.greeted();
    return reply;
  }

  /** Writes one command and reads its reply, whatever its code. */
  async exchange(command: Command, stage: Stage, limits: Limits): Promise<Reply> {
    this.put(command, stage);
    return await this.answer(command, stage, limits);
  }

  /** Writes one command. Its reply is owed. */
  put(command: Command, stage: Stage): void {
    this.#link.refuseUnasked(stage);
    this.#link.send([command], stage);
  }

  /** Reads the reply that `command` is owed, and moves the session on. */
  async answer(command: Command, stage: Stage, limits: Limits): Promise<Reply> {
    const reply = await this.#link.receive(stage, 1, limits);
    this.session.answered(command.verb, reply);
    if (this.session.phase === 'closed') this.#link.end();
    return reply;
  }

  /**
   * Runs a flight to its end. It settles always; a connection that is not usable afterwards is closed. Whoever rides behind it
   * then, and was not told what became of it, is the next to be run.
   */
  async run(flight: Flight, followers: Followers = NOBODY): Promise<Outcome> {
    this.#head = flight;
    this.#followers = followers;
    this.#link.clock = flight.clock;
    if (this.#riders[0] === flight) this.#riders.shift();
    flight.limits.signal?.removeEventListener('abort', this.#wake);
    // Its content is on its way already: there may be room for another one.
    this.offer();
    let outcome = await this.#fly(flight);
    flight.clock.stop();
    if (outcome.after !== 'close') outcome = this.#workThrough(flight, outcome);
    if (this.#differing && outcome.after !== 'close') outcome = await this.#countOut(flight, outcome);
    this.#head = undefined;
    const usable = outcome.after !== 'close' && !this.#doomed && this.#quit !== 'answered';
    this.session.transactionEnded(usable);
    if (!usable) this.close();
    followers.answered(outcome);
    if (!usable) this.#strand(reasonOf(outcome));
    return outcome;
  }

  /** Somebody may want to go: if the head waits for the answer to its content, it is written now. */
  offer(): void {
    const { transaction } = this.#head ?? {};
    if (this.#boarding || transaction?.contentEnded !== true || transaction.settled || !this.open) return;
    // What has come by now cannot be the answer to what is written from here on.
    if (this.#link.hasUnread || performance.now() >= this.#rideUntil.atMs) return;
    const behind = this.#board();
    if (behind.length === 0) return;
    this.#link.write(behind);
    // The wait for the answer has begun, and knows nothing of the limits of who came late.
    this.#link.wake();
  }

  /** True while the answer to a QUIT that went out behind a content is owed, and no other one before it. */
  get quitting(): boolean {
    return this.open && this.#quit === 'said' && this.#riders.length === 0;
  }

  /** Waits for the answer to a QUIT that went out behind a content, and closes. Never throws. */
  async farewell(): Promise<void> {
    try {
      await this.#link.receive('quit', 1, NO_LIMITS);
    } catch {
      // A send never fails because of QUIT.
    }
    this.close();
  }

  async #fly(flight: Flight): Promise<Outcome> {
    const { transaction, limits } = flight;
    const link = this.#link;
    let stage: Stage = 'mail';
    /** Of the reply that is waited for. */
    let deadline: Deadline | undefined;
    try {
      if (!transaction.begun) link.refuseUnasked(stage);
      else if (!transaction.settled) refuseOverdue(limits, stage);
      for (;;) {
        const step = transaction.next(link.hasReply);
        switch (step.kind) {
          case 'write':
            link.send(step.commands, stage);
            break;
          case 'read': {
            ({ stage } = step);
            const reply = link.take(stage, this.#repliesOwed());
            if (reply !== undefined) {
              deadline = undefined;
              transaction.feed(reply);
              break;
            }
            link.requireOpen(stage);
            deadline ??= link.deadline(stage, limits);
            this.#finalsBefore = transaction.finalReplies;
            await link.wait(deadline, limits, this.#attention());
            if (this.#riders.length > 0 && !link.hasUnread) this.#lookAfterRiders();
            break;
          }
          case 'content':
            stage = 'body';
            await sendContent(link, flight, () => {
              this.#rideUntil = deadlineIn(LONGEST_RIDE_MS);
              return this.#board();
            });
            break;
          case 'empty-content':
            link.write([END_OF_CONTENT]);
            transaction.endContent();
            break;
          case 'done':
            return step.outcome;
        }
      }
    } catch (error) {
      if (error instanceof SMTPProtocolError) return transaction.violated(error.message, stage);
      return transaction.lost(error instanceof SMTPException ? error : link.waitEnded(error, stage), stage);
    }
  }

  #repliesOwed(): number {
    let owed = (this.#head?.transaction.repliesOwed ?? 0) + this.#unclaimed + (this.#quit === 'said' ? 1 : 0);
    if (this.#riders.length === 0) return owed;
    for (const { transaction } of this.#riders) owed += transaction.repliesOwed;
    return owed;
  }

  /** The octets of those who go out behind a content, at most one whose content is not asked for yet. */
  #board(): readonly Uint8Array[] {
    const behind: Uint8Array[] = [];
    this.#boarding = true;
    try {
      while (this.#mayBoard(behind)) {
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

  #mayBoard(behind: readonly Uint8Array[]): boolean {
    if (this.#quit !== 'unsaid' || this.#doomed) return false;
    if (this.#riders.some(({ transaction }) => !transaction.contentEnded)) return false;
    // More than one only with BDAT that waits for nobody: as much as a group may hold, and no more than a block at a time.
    return this.#repliesOwed() < MAX_GROUP_COMMANDS && behind.reduce((sum, { length }) => sum + length, 0) < BLOCK_OCTETS;
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
  #attention(): Deadline | undefined {
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
  #lookAfterRiders(): void {
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
  #workThrough(flight: Flight, outcome: Outcome): Outcome {
    this.#differing = false;
    if (this.#riders.length === 0 && this.#quit !== 'said') return outcome;
    const said = finalAnswersOf(outcome);
    for (const { transaction, clock } of this.#riders) {
      this.#link.clock = clock;
      const reason = this.#feedInHand(transaction, said);
      if (reason !== undefined) return this.#doubt(flight, reason);
      if (!transaction.settled) return outcome;
    }
    if (this.#quit !== 'said') return outcome;
    const reason = this.#quitOutOfStep();
    return reason === undefined ? outcome : this.#doubt(flight, reason);
  }

  /**
   * A yes and a no in one read: either may be the answer to the head's content, if a reply too many stands in front. The answer to the
   * rider's DATA shows whether the count is right, and the head is told then; it does not wait longer than a ride may be.
   */
  async #countOut(flight: Flight, outcome: Outcome): Promise<Outcome> {
    const [rider] = this.#riders;
    if (rider === undefined || rider.transaction.contentEnded) return outcome;
    const deadline = deadlineIn(LONGEST_RIDE_MS, rider.limits.deadline);
    let counted = outcome;
    while (counted.after !== 'close' && rider.transaction.repliesOwed > 0 && this.open) {
      try {
        await this.#link.wait(deadline, rider.limits, undefined);
      } catch {
        // It ends when its turn comes, and so does a connection that failed.
        return counted;
      }
      counted = this.#workThrough(flight, counted);
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
          const reply = this.#link.take(step.stage, this.#repliesOwed());
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

  #doubt(flight: Flight, reason: string): Outcome {
    for (const { transaction } of this.#riders) {
      if (transaction.settled && transaction.contentEnded) transaction.doubt(reason, 0);
    }
    return flight.transaction.doubt(reason, this.#finalsBefore);
  }

  /** The connection is closed: nobody who rides gets an answer. */
  #strand(cause: Error): void {
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
function overdueOf({ signal, deadline }: Limits, stage: Stage, nowMs: number): SMTPServerDisconnected | undefined {
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

function refuseOverdue(limits: Limits, stage: Stage): void {
  const overdue = overdueOf(limits, stage, performance.now());
  if (overdue !== undefined) throw overdue;
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
