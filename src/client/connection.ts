/**
 * The driver: it does what the planner says and tells it what came, and leaves the connection usable or closed. Commands that
 * are no transaction are written and answered one at a time.
 */
import type { TLSSocket } from 'node:tls';
import { SMTPProtocolError } from '../errors.js';
import type { TlsOptions } from '../io/tls-options.js';
import { END_OF_CONTENT } from '../protocol/body.js';
import type { Command } from '../protocol/command.js';
import { Session } from '../protocol/session.js';
import type { Outcome, Transaction } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import type { Limits } from './limits.js';
import type { Link } from './link.js';
import { sendContent, type ContentPlan } from './send-content.js';
import type { StageClock } from './stage-clock.js';

export class Connection {
  readonly session = new Session();
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
    this.session.opened();
  }

  get open(): boolean {
    return this.#link.open && this.session.phase !== 'closed';
  }

  get clock(): StageClock {
    return this.#link.clock;
  }

  /** Ends the connection at once. */
  close(): void {
    this.session.closed();
    this.#link.destroy();
  }

  /** Encrypts the connection: from its start (RFC 8314), or behind STARTTLS (RFC 3207). */
  async upgrade(options: TlsOptions & { readonly servername: string }, limits: Limits): Promise<TLSSocket> {
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

  /** Runs a transaction to its end. It settles always; a connection that is not usable afterwards is closed. */
  async run(transaction: Transaction, plan: ContentPlan, limits: Limits): Promise<Outcome> {
    const outcome = await this.#run(transaction, plan, limits);
    this.clock.stop();
    this.session.transactionEnded(outcome.after !== 'close');
    if (outcome.after === 'close') this.close();
    return outcome;
  }

  async #run(transaction: Transaction, plan: ContentPlan, limits: Limits): Promise<Outcome> {
    let stage: Stage = 'mail';
    try {
      this.#link.refuseUnasked(stage);
      for (;;) {
        const step = transaction.next();
        switch (step.kind) {
          case 'write':
            this.#link.send(step.commands, stage);
            break;
          case 'read':
            stage = step.stage;
            transaction.feed(
              this.#link.take(stage, transaction.repliesOwed) ??
                (await this.#link.receive(stage, transaction.repliesOwed, limits)),
            );
            break;
          case 'content':
            stage = 'body';
            await sendContent(this.#link, transaction, plan, limits);
            break;
          case 'empty-content':
            this.#link.write([END_OF_CONTENT]);
            transaction.endContent();
            break;
          case 'done':
            return step.outcome;
        }
      }
    } catch (error) {
      return error instanceof SMTPProtocolError
        ? transaction.violated(error.message, stage)
        : transaction.lost(error, stage);
    }
  }
}
