/**
 * The driver: the only place where the pure protocol core meets a stream. It writes what it is told, reads one reply for
 * each one owed, and keeps one rule: the replies in hand never outnumber those owed. When they do, client and server
 * are out of step, and the connection is destroyed before anything can be taken for an answer to something else.
 */
import { isAscii } from 'node:buffer';
import {
  describeReply,
  isPosthasteError,
  SMTPAbortedError,
  SMTPException,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
} from '../errors.js';
import { deadlineIn, type Deadline } from '../io/deadline.js';
import { WaitEndedError, Wire } from '../io/wire.js';
import type { Content } from '../octets/content.js';
import { END_OF_CONTENT, frameInMemory } from '../protocol/body.js';
import type { Command } from '../protocol/command.js';
import { ReplyParser } from '../protocol/reply-parser.js';
import { isShutdown } from '../protocol/reply.js';
import { Session } from '../protocol/session.js';
import type { Outcome, Transaction } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import type { ResolvedOptions } from './options.js';
import { StageClock } from './stage-clock.js';
import type { Trace } from './trace.js';

/** What bounds a call beside the time-out of each stage. */
export interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly deadline: Deadline | undefined;
}

export interface ContentPlan {
  readonly content: Content;
  /** Content whose octets are not known yet was declared as 7-bit: an octet above 127 ends the send. */
  readonly sevenBitOnly: boolean;
  /** Awaited behind 354, in front of the first octet. */
  readonly beforeContent: (() => Promise<void>) | undefined;
}

/** Handed to the stream at a time, so that a wait for room, an early reply and an abort are seen in between. */
const BLOCK_OCTETS = 131_072;

export class Connection {
  readonly session = new Session();
  readonly #wire: Wire;
  readonly #parser = new ReplyParser();
  readonly #replies: Reply[] = [];
  readonly #options: ResolvedOptions;
  readonly #trace: Trace;
  readonly clock = new StageClock();

  constructor(wire: Wire, options: ResolvedOptions, trace: Trace) {
    this.#wire = wire;
    this.#options = options;
    this.#trace = trace;
    this.session.opened(false);
  }

  get open(): boolean {
    return this.#wire.open && this.session.phase !== 'closed';
  }

  /** Ends the connection at once. `politely`: what was written still goes out. */
  close(politely = false): void {
    this.session.closed();
    if (politely) this.#wire.end();
    else this.#wire.destroy();
  }

  /** Reads the greeting, which no command asks for. */
  async greeting(limits: Limits): Promise<Reply> {
    const reply = await this.#reply('greeting', limits);
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
    this.#refuseUnasked(stage);
    if (!this.#wire.open) throw this.#lost(stage);
    this.#trace.sent([command], stage);
    this.#wire.write([command.octets]);
  }

  /** Reads the reply that `command` is owed, and moves the session on. */
  async answer(command: Command, stage: Stage, limits: Limits): Promise<Reply> {
    const reply = await this.#reply(stage, limits);
    this.session.answered(command.verb, reply);
    if (this.session.phase === 'closed') this.close(true);
    return reply;
  }

  /** Runs a transaction to its end. It settles always; a connection that is not usable afterwards is closed. */
  async run(transaction: Transaction, plan: ContentPlan, limits: Limits): Promise<Outcome> {
    let stage: Stage = 'mail';
    let outcome: Outcome | undefined;
    try {
      this.#refuseUnasked(stage);
      while (outcome === undefined) {
        const step = transaction.next();
        switch (step.kind) {
          case 'write':
            if (!this.#wire.open) throw this.#lost(stage);
            this.#trace.sent(step.commands, stage);
            this.#wire.write([Buffer.concat(step.commands.map((command) => command.octets))]);
            break;
          case 'read':
            stage = step.stage;
            await this.#feedOne(transaction, stage, limits);
            break;
          case 'content':
            stage = 'body';
            await this.#sendContent(transaction, plan, limits);
            break;
          case 'empty-content':
            this.#wire.write([END_OF_CONTENT]);
            transaction.endContent();
            break;
          case 'done':
            outcome = step.outcome;
        }
      }
    } catch (error) {
      outcome =
        error instanceof SMTPProtocolError ? transaction.violated(error.message, stage) : transaction.lost(error, stage);
    }
    this.clock.stop();
    if (outcome.after === 'close') this.close();
    return outcome;
  }

  async #feedOne(transaction: Transaction, stage: Stage, limits: Limits): Promise<void> {
    await this.#fill(stage, limits);
    const surplus = this.#surplus(transaction.repliesOwed);
    if (surplus !== undefined) throw this.#protocolError(surplus, stage);
    this.clock.reached(stage);
    const reply = this.#shift(stage);
    transaction.feed(reply);
  }

  async #sendContent(transaction: Transaction, plan: ContentPlan, limits: Limits): Promise<void> {
    const { content, beforeContent } = plan;
    if (beforeContent !== undefined) await this.#during(beforeContent(), 'ERR_BEFORE_CONTENT', 'beforeContent', limits);
    // A reply that is readable now was not asked for; it must not be taken for the answer to the content.
    await this.#wire.poll();
    if (this.#tookEarlyReply(transaction)) return;
    const framed = frameInMemory(content);
    if (framed !== undefined) await this.#sendSegments(framed, transaction, limits);
    else await this.#sendStream(plan, transaction, limits);
    this.clock.reached('body');
  }

  /** Hands over framed segments in blocks; the last block holds the end of the content. */
  async #sendSegments(framed: readonly Uint8Array[], transaction: Transaction, limits: Limits): Promise<void> {
    let block: Uint8Array[] = [];
    let blockOctets = 0;
    for (const segment of framed) {
      for (let start = 0; start < segment.length; start += BLOCK_OCTETS) {
        const piece = segment.length <= BLOCK_OCTETS ? segment : segment.subarray(start, start + BLOCK_OCTETS);
        if (blockOctets + piece.length > BLOCK_OCTETS) {
          if (!(await this.#sendBlock(block, transaction, limits))) return;
          block = [];
          blockOctets = 0;
        }
        block.push(piece);
        blockOctets += piece.length;
      }
    }
    await this.#endContent(block, transaction, limits);
  }

  async #sendStream(plan: ContentPlan, transaction: Transaction, limits: Limits): Promise<void> {
    const source = plan.content.stream({ dotStuffing: true })[Symbol.asyncIterator]();
    let finished = false;
    try {
      for (;;) {
        const next = await this.#during(source.next(), 'ERR_CONTENT_SOURCE', 'reading the content', limits, transaction);
        if (next === undefined) return;
        if (next.done === true) break;
        if (plan.sevenBitOnly && !isAscii(next.value)) throw eightBitInStream();
        if (next.value.length > 0 && !(await this.#sendBlock([next.value], transaction, limits))) return;
      }
      finished = true;
    } finally {
      if (!finished) void Promise.resolve(source.return?.()).catch(() => undefined);
    }
    await this.#endContent([END_OF_CONTENT], transaction, limits);
  }

  /** Hands over the block that ends the content. From then on the message may have been delivered (RFC 1047). */
  async #endContent(block: readonly Uint8Array[], transaction: Transaction, limits: Limits): Promise<void> {
    this.#pump();
    const deadline = this.#deadline('body', limits);
    // Half a reply is here already: it answers no end that was not sent, so its other half is waited for.
    while (this.#parser.incomplete && this.#replies.length === 0 && this.#parser.violation === undefined) {
      if (!this.#wire.open) throw this.#lost('body');
      await this.#change(deadline, 'body', limits);
      this.#pump();
    }
    if (this.#tookEarlyReply(transaction)) return;
    if (!this.#wire.open) throw this.#lost('body');
    transaction.endContent();
    this.#wire.write(block);
  }

  /** Hands over one block and waits for room. False: the server answered before the end. */
  async #sendBlock(block: readonly Uint8Array[], transaction: Transaction, limits: Limits): Promise<boolean> {
    if (this.#tookEarlyReply(transaction)) return false;
    if (!this.#wire.open) throw this.#lost('body');
    this.#wire.write(block);
    const deadline = this.#deadline('body', limits);
    while (this.#wire.congested) {
      await this.#change(deadline, 'body', limits);
      if (this.#tookEarlyReply(transaction)) return false;
    }
    return true;
  }

  /** Feeds a reply that came before the end of the content. */
  #tookEarlyReply(transaction: Transaction): boolean {
    this.#pump();
    if (this.#parser.violation !== undefined && this.#replies.length === 0) {
      throw this.#protocolError(this.#parser.violation, 'body');
    }
    if (this.#replies.length === 0) return false;
    transaction.feed(this.#shift('body'));
    return true;
  }

  /** Waits for work that is not the server's, watching the connection. Undefined: the server answered meanwhile. */
  async #during<T>(
    work: Promise<T>,
    code: string,
    what: string,
    limits: Limits,
    transaction?: Transaction,
  ): Promise<T | undefined> {
    let settled: { readonly value: T } | { readonly error: unknown } | undefined;
    work.then(
      (value) => {
        settled = { value };
        this.#wire.wake();
      },
      (error: unknown) => {
        settled = { error };
        this.#wire.wake();
      },
    );
    const deadline = this.#deadline('body', limits);
    const outcome = (): typeof settled => settled;
    while (outcome() === undefined) {
      if (!this.#wire.open) throw this.#lost('body');
      await this.#change(deadline, 'body', limits, what);
      if (transaction !== undefined && this.#tookEarlyReply(transaction)) return undefined;
    }
    const result = outcome();
    if (result !== undefined && 'value' in result) return result.value;
    throw sourceFailure(code, what, result?.error);
  }

  /** The next reply, which is the only one owed. */
  async #reply(stage: Stage, limits: Limits): Promise<Reply> {
    await this.#fill(stage, limits);
    const surplus = this.#surplus(1);
    if (surplus !== undefined) throw this.#destroyed(this.#protocolError(surplus, stage));
    this.clock.reached(stage);
    return this.#shift(stage);
  }

  /** Waits until a reply is in hand. */
  async #fill(stage: Stage, limits: Limits): Promise<void> {
    const deadline = this.#deadline(stage, limits);
    for (;;) {
      this.#pump();
      if (this.#replies.length > 0) return;
      if (this.#parser.violation !== undefined) throw this.#destroyed(this.#protocolError(this.#parser.violation, stage));
      if (!this.#wire.open) throw this.#destroyed(this.#lost(stage));
      await this.#change(deadline, stage, limits);
    }
  }

  #pump(): void {
    if (!this.#wire.hasReceived) return;
    for (const chunk of this.#wire.takeReceived()) this.#replies.push(...this.#parser.push(chunk));
  }

  #shift(stage: Stage): Reply {
    const reply = this.#replies.shift();
    if (reply === undefined) throw new SMTPProtocolError('no reply in hand', { stage });
    this.#trace.received(reply, stage);
    return reply;
  }

  /** What is in hand beyond what is owed, in words. */
  #surplus(owed: number): string | undefined {
    if (this.#replies.length < owed) return undefined;
    const extra = this.#replies[owed];
    if (extra !== undefined) return `a reply that no command is owed: ${describeReply(extra)}`;
    if (this.#parser.violation !== undefined) return this.#parser.violation;
    return this.#parser.incomplete ? 'the beginning of a reply that no command is owed' : undefined;
  }

  /** Called in front of a command: whatever has arrived by now was not asked for. */
  #refuseUnasked(stage: Stage): void {
    this.#pump();
    const [unasked] = this.#replies;
    if (unasked !== undefined && isShutdown(unasked)) {
      // RFC 5321 section 3.8: a server that shuts down, or is tired of waiting, may say so without being asked.
      throw this.#destroyed(
        new SMTPServerDisconnected(`the server closed the session: ${describeReply(unasked)}`, {
          stage,
          retryable: true,
          hint: 'Connect again.',
        }),
      );
    }
    const surplus = this.#surplus(0);
    if (surplus !== undefined) throw this.#destroyed(this.#protocolError(surplus, stage));
  }

  #deadline(stage: Stage, limits: Limits): Deadline {
    return deadlineIn(this.#options.timeoutsMs[stage], limits.deadline);
  }

  /** `own`: what of the caller's own is waited for, when it is not the server. */
  async #change(deadline: Deadline, stage: Stage, limits: Limits, own?: string): Promise<void> {
    try {
      await this.#wire.change(deadline, limits.signal);
    } catch (error) {
      throw this.#destroyed(error instanceof WaitEndedError ? waitError(error, stage, own) : error);
    }
  }

  #destroyed<E>(error: E): E {
    this.close();
    return error;
  }

  #protocolError(reason: string, stage: Stage): SMTPProtocolError {
    return new SMTPProtocolError(`the server broke the protocol: ${reason}`, {
      stage,
      retryable: true,
      hint: 'Is this an SMTP server, and is nothing in between that rewrites the session? The connection was destroyed.',
    });
  }

  #lost(stage: Stage): SMTPServerDisconnected {
    const cause = this.#wire.failure;
    const how = cause === undefined ? 'closed the connection' : `is gone (${cause.message})`;
    return new SMTPServerDisconnected(`the server ${how} at stage ${stage}`, {
      stage,
      retryable: true,
      hint: 'Connect again.',
      cause,
    });
  }
}

function waitError(ended: WaitEndedError, stage: Stage, own: string | undefined): SMTPServerDisconnected {
  const { timeoutMs } = ended.deadline;
  if (ended.why === 'aborted') {
    return new SMTPAbortedError(`aborted by the caller at stage ${stage}`, { stage, cause: ended.cause });
  }
  const message = own === undefined ? `no complete answer at stage ${stage}` : `${own} did not finish`;
  return new SMTPTimeoutError(`${message} within ${String(timeoutMs)} ms`, {
    stage,
    timeoutMs,
    retryable: true,
    hint: `${own === undefined ? 'The server is slow or gone' : 'Its source is slow'}; timeoutMs: { ${stage}: ... } sets how long to wait.`,
  });
}

function eightBitInStream(): SMTPException {
  return new SMTPException('the streamed content has 8-bit octets, and the server does not offer 8BITMIME', {
    code: 'ERR_EIGHT_BIT_CONTENT',
    stage: 'body',
    hint: 'Encode the message as quoted-printable or base64 (RFC 6152).',
  });
}

/** What the caller's own work threw, wrapped so that it tells what became of the message; ours keep their code. */
function sourceFailure(code: string, what: string, cause: unknown): SMTPException {
  const ours = isPosthasteError(cause) ? cause : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SMTPException(ours === undefined ? `${what} failed: ${message}` : message, {
    code: ours?.code ?? code,
    stage: 'body',
    hint: ours?.hint ?? 'The connection was destroyed before the end of the message: nothing was delivered.',
    cause,
  });
}
