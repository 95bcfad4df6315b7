/**
 * The driver: it does what the planner says and tells it what came, and leaves the connection usable or closed. Flights are
 * answered in the order in which they were written: the head's replies are read, and behind its content there may be riders.
 * Commands that are no transaction are written and answered one at a time.
 */
import type { TLSSocket } from 'node:tls';
import { SMTPException, SMTPProtocolError } from '../errors.js';
import type { Deadline } from '../io/deadline.js';
import type { UpgradeOptions } from '../io/tls.js';
import { END_OF_CONTENT } from '../protocol/body.js';
import type { Command } from '../protocol/command.js';
import { Session } from '../protocol/session.js';
import type { Outcome } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import type { Flight, Followers } from './flight.js';
import type { Limits } from './limits.js';
import type { Link } from './link.js';
import { NOBODY, overdueOf, Riders } from './riders.js';
import { sendContent } from './send-content.js';
import type { StageClock } from './stage-clock.js';

const NO_LIMITS: Limits = { signal: undefined, deadline: undefined };

export class Connection {
  readonly session = new Session();
  readonly #link: Link;
  #head: Flight | undefined;
  readonly #riders: Riders;
  /** How many final replies of the head came before what came last. */
  #finalsBefore = 0;

  constructor(link: Link) {
    this.#link = link;
    this.#riders = new Riders(link);
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
    this.#link.clock = flight.clock;
    this.#riders.promote(flight, followers);
    // Its content is on its way already: there may be room for another one.
    this.offer();
    let outcome = await this.#fly(flight);
    flight.clock.stop();
    if (outcome.after !== 'close') {
      const head = { transaction: flight.transaction, finalsBefore: this.#finalsBefore };
      outcome = this.#riders.workThrough(head, outcome);
      if (this.#riders.mayCountOut && outcome.after !== 'close') outcome = await this.#riders.countOut(head, outcome);
    }
    this.#head = undefined;
    const usable = outcome.after !== 'close' && !this.#riders.endTheConnection;
    this.session.transactionEnded(usable);
    if (!usable) this.close();
    followers.answered(outcome);
    if (!usable) this.#riders.strand(outcome);
    return outcome;
  }

  /** Somebody may want to go: if the head waits for the answer to its content, it is written now. */
  offer(): void {
    const { transaction } = this.#head ?? {};
    if (transaction?.contentEnded !== true || transaction.settled || !this.open) return;
    const behind = this.#riders.boardLate(transaction.repliesOwed);
    if (behind.length === 0) return;
    this.#link.write(behind);
    // The wait for the answer has begun, and knows nothing of the limits of who came late.
    this.#link.wake();
  }

  /** True while the answer to a QUIT that went out behind a content is owed, and no other one before it. */
  get quitting(): boolean {
    return this.open && this.#riders.quitting;
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
    const riders = this.#riders;
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
            const owed = transaction.repliesOwed + riders.repliesOwed();
            const replies = link.takeAll(stage, owed, transaction.repliesInARow);
            if (replies.length > 0) {
              deadline = undefined;
              transaction.feedAll(replies);
              break;
            }
            link.requireOpen(stage);
            deadline ??= link.deadline(stage, limits);
            this.#finalsBefore = transaction.finalReplies;
            await link.wait(deadline, limits, riders.attention());
            if (!riders.isEmpty && !link.hasUnread) riders.lookAfter();
            break;
          }
          case 'content':
            stage = 'body';
            await sendContent(link, flight, () => riders.boardWithContent(transaction.repliesOwed));
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
}

function refuseOverdue(limits: Limits, stage: Stage): void {
  const overdue = overdueOf(limits, stage, performance.now());
  if (overdue !== undefined) throw overdue;
}
