/**
 * A wire read as replies. It keeps one rule: the replies in hand never outnumber those owed. When they do, client and server
 * are out of step, and the link is destroyed before anything can be taken for an answer to something else.
 */
import type { TLSSocket } from 'node:tls';
import {
  describeReply,
  SMTPAbortedError,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
} from '../errors.js';
import { ABORTED_HINT } from '../io/bounded.js';
import { deadlineIn, type Deadline } from '../io/deadline.js';
import { upgradeToTls, type UpgradeOptions } from '../io/tls.js';
import { WaitEndedError, Wire } from '../io/wire.js';
import { encodeGroup, type Command } from '../protocol/command.js';
import { ReplyParser } from '../protocol/reply-parser.js';
import { isShutdown } from '../protocol/reply.js';
import type { Reply, Stage } from '../types.js';
import { timeLeft, type Limits } from './limits.js';
import { StageClock } from './stage-clock.js';
import type { Trace } from './trace.js';

const NO_REPLIES: readonly Reply[] = [];

export class Link {
  /** Of whoever is being answered. */
  clock = new StageClock();
  readonly #timeoutsMs: Readonly<Record<Stage, number>>;
  readonly #trace: Trace;
  #replies: Reply[] = [];
  /** How many of them were given away. */
  #given = 0;
  /** When what is in hand was taken from the wire. */
  #readAtMs = 0;
  #wire: Wire;
  #closedHere = false;
  #parser = new ReplyParser();

  constructor(wire: Wire, timeoutsMs: Readonly<Record<Stage, number>>, trace: Trace) {
    this.#wire = wire;
    this.#timeoutsMs = timeoutsMs;
    this.#trace = trace;
  }

  get open(): boolean {
    return this.#wire.open;
  }

  /** True while the stream holds more unsent octets than it likes to. */
  get congested(): boolean {
    return this.#wire.congested;
  }

  /** Whether what is written with `writeThrough()` is copied before it counts as passed on. */
  get copies(): boolean {
    return this.#wire.copies;
  }

  /** True while octets of `writeThrough()` are still the stream's. */
  get passing(): boolean {
    return this.#wire.passing;
  }

  destroy(): void {
    // What ended already was not ended here.
    this.#closedHere ||= this.#wire.open;
    this.#wire.destroy();
  }

  /** Closes our side; what was written still goes out. */
  end(): void {
    this.#wire.end();
  }

  /** Nothing is waited for: the stream keeps no process alive, and `stirred` is told when something comes or it ends. */
  rest(stirred: () => void): void {
    this.#wire.rest(stirred);
  }

  rouse(): void {
    this.#wire.rouse();
  }

  /** Writes commands as one group. Each of them is owed a reply. */
  send(commands: readonly Command[], stage: Stage): void {
    this.requireOpen(stage);
    this.#wire.write([this.groupOf(commands, stage)]);
  }

  /** The octets of a group that goes out with something else. Each command is owed a reply. */
  groupOf(commands: readonly Command[], stage: Stage): Uint8Array {
    this.#trace.sent(commands, stage);
    return encodeGroup(commands);
  }

  /** Writes octets that are owed no reply of their own. */
  write(chunks: readonly Uint8Array[]): void {
    this.#wire.write(chunks);
  }

  /** Octets whose memory will be used again, when `passing` is false. */
  writeThrough(chunk: Uint8Array): void {
    this.#wire.writeThrough(chunk);
  }

  /** The next reply; `owed` is how many may be in hand at most. Nothing is given when there are more. */
  async receive(stage: Stage, owed: number, limits: Limits): Promise<Reply> {
    const deadline = this.deadline(stage, limits);
    for (;;) {
      const reply = this.take(stage, owed);
      if (reply !== undefined) return reply;
      this.requireOpen(stage);
      await this.change(deadline, stage, limits);
    }
  }

  /** As `receive()`, but undefined when no reply is in hand. */
  take(stage: Stage, owed: number): Reply | undefined {
    return this.#isInStep(stage, owed) ? this.#shift(stage) : undefined;
  }

  /** As many as are in hand, and no more than `most`: of a group, most replies come together. None when no reply is in hand. */
  takeAll(stage: Stage, owed: number, most: number): readonly Reply[] {
    if (!this.#isInStep(stage, owed)) return NO_REPLIES;
    const replies = this.#replies.slice(this.#given, this.#given + most);
    this.#gave(replies.length);
    for (const reply of replies) this.#trace.received(reply, stage);
    return replies;
  }

  /** A reply that has come although none is owed yet: the server may answer the content before its end. */
  early(): Reply | undefined {
    this.#pump();
    if (this.#inHand > 0) return this.#shift('body');
    if (this.#parser.violation !== undefined) throw this.#outOfStep(this.#parser.violation, 'body');
    return undefined;
  }

  /** Whether a whole reply has been read that was not given away yet. */
  get hasReply(): boolean {
    return this.#inHand > 0;
  }

  /** Whether something has come that was not given away yet. */
  get hasUnread(): boolean {
    return this.#inHand > 0 || this.#wire.hasReceived;
  }

  /** Whether the beginning of a reply has come, and its end has not. */
  get halfReply(): boolean {
    this.#pump();
    return this.#inHand === 0 && this.#parser.incomplete;
  }

  /** Lets the event loop read what has reached this machine already. */
  poll(): Promise<void> {
    return this.#wire.poll();
  }

  /** Called in front of a command: whatever has arrived by now was not asked for. */
  refuseUnasked(stage: Stage): void {
    this.#pump();
    const unasked = this.#replies[this.#given];
    if (unasked !== undefined && isShutdown(unasked)) {
      this.destroy();
      // RFC 5321 section 3.8: a server that shuts down, or is tired of waiting, may say so without being asked.
      throw new SMTPServerDisconnected(`the server closed the session: ${describeReply(unasked)}`, {
        stage,
        retryable: true,
        hint: 'Connect again.',
      });
    }
    const surplus = this.#surplus(0);
    if (surplus !== undefined) throw this.#outOfStep(surplus, stage);
  }

  requireOpen(stage: Stage): void {
    if (this.#wire.open) return;
    this.destroy();
    const cause = this.#wire.failure;
    const how = cause === undefined ? 'the server closed the connection' : `the server is gone (${cause.message})`;
    const what = this.#closedHere ? 'the connection was closed by this client' : how;
    throw new SMTPServerDisconnected(`${what} at stage ${stage}`, {
      stage,
      retryable: true,
      hint: 'Connect again.',
      cause,
    });
  }

  deadline(stage: Stage, limits: Limits): Deadline {
    return deadlineIn(this.#timeoutsMs[stage], limits.deadline);
  }

  /**
   * As `change()`, for whoever handles its end: rejects with WaitEndedError, for `waitEnded()`, unless `attention` ends it, which
   * counts as a change.
   */
  wait(deadline: Deadline, limits: Limits, attention: Deadline | undefined): Promise<void> {
    const early = attention !== undefined && attention.atMs < deadline.atMs;
    return this.#wire.change(early ? attention : deadline, limits.signal, early);
  }

  /** What a wait that ended comes to; any other error is its own. */
  waitEnded(error: unknown, stage: Stage, own?: string): unknown {
    this.destroy();
    return error instanceof WaitEndedError ? waitError(error, stage, own) : error;
  }

  /** Waits for the next change. `own`: what of the caller's own is waited for, when it is not the server. */
  async change(deadline: Deadline, stage: Stage, limits: Limits, own?: string): Promise<void> {
    try {
      await this.#wire.change(deadline, limits.signal);
    } catch (error) {
      throw this.waitEnded(error, stage, own);
    }
  }

  /** Ends the wait for a change, for a reason of the caller's own. */
  wake(): void {
    this.#wire.wake();
  }

  /** The TLS handshake, from the start or behind STARTTLS. Whatever was known before is void. */
  async encrypt(options: UpgradeOptions, limits: Limits): Promise<TLSSocket> {
    if (!this.open) throw this.#goneBeforeTls();
    const timeoutMs = timeLeft(this.#timeoutsMs.tls, limits);
    const secured = await upgradeToTls(this.#wire.detach(), options, { timeoutMs, signal: limits.signal });
    this.#wire = new Wire(secured);
    this.#parser = new ReplyParser();
    this.#trace.state(`encrypted with ${secured.getProtocol() ?? 'TLS'}`, 'tls');
    return secured;
  }

  /** The peer left where the handshake was due: that is how some servers refuse TLS. */
  #goneBeforeTls(): SMTPTlsError {
    this.destroy();
    const cause = this.#wire.failure;
    return new SMTPTlsError(
      `the connection ended (${cause?.message ?? 'closed by the server'}) before the TLS handshake`,
      {
        stage: 'tls',
        reason: 'ECONNRESET',
        retryable: true,
        hint: 'Connect again; if it stays so, the server has trouble with its TLS.',
        cause,
      },
    );
  }

  get #inHand(): number {
    return this.#replies.length - this.#given;
  }

  #pump(): void {
    if (!this.#wire.hasReceived) return;
    this.#readAtMs = performance.now();
    for (const chunk of this.#wire.takeReceived()) {
      const replies = this.#parser.push(chunk);
      this.#replies = this.#replies.length === 0 ? replies : this.#replies.concat(replies);
    }
  }

  /** Whether a reply is in hand. Throws when what is there shows that the server is out of step. */
  #isInStep(stage: Stage, owed: number): boolean {
    this.#pump();
    if (this.#inHand === 0) {
      if (this.#parser.violation !== undefined) throw this.#outOfStep(this.#parser.violation, stage);
      return false;
    }
    const surplus = this.#surplus(owed);
    if (surplus !== undefined) throw this.#outOfStep(surplus, stage);
    this.clock.reached(stage, this.#readAtMs);
    return true;
  }

  #shift(stage: Stage): Reply {
    const reply = this.#replies[this.#given];
    if (reply === undefined) throw this.#outOfStep('no reply in hand', stage);
    this.#gave(1);
    this.#trace.received(reply, stage);
    return reply;
  }

  #gave(count: number): void {
    this.#given += count;
    if (this.#inHand === 0) {
      this.#replies = [];
      this.#given = 0;
    }
  }

  /** What is in hand beyond what is owed, in words. */
  #surplus(owed: number): string | undefined {
    if (this.#inHand < owed) return undefined;
    const extra = this.#replies[this.#given + owed];
    if (extra !== undefined) return `a reply that no command is owed: ${describeReply(extra)}`;
    if (this.#parser.violation !== undefined) return this.#parser.violation;
    return this.#parser.incomplete ? 'the beginning of a reply that no command is owed' : undefined;
  }

  #outOfStep(reason: string, stage: Stage): SMTPProtocolError {
    this.destroy();
    return new SMTPProtocolError(`the server broke the protocol: ${reason}`, {
      stage,
      retryable: true,
      hint: 'Is this an SMTP server, and is nothing in between that rewrites the session? The connection was destroyed.',
    });
  }
}

export function abortedAt(stage: Stage, cause: unknown): SMTPAbortedError {
  return new SMTPAbortedError(`aborted by the caller at stage ${stage}`, { stage, cause, hint: ABORTED_HINT });
}

function waitError(ended: WaitEndedError, stage: Stage, own: string | undefined): SMTPServerDisconnected {
  const { timeoutMs } = ended.deadline;
  if (ended.why === 'aborted') return abortedAt(stage, ended.cause);
  const what = own === undefined ? `no complete answer at stage ${stage}` : `${own} did not finish`;
  return new SMTPTimeoutError(`${what} within ${String(timeoutMs)} ms`, {
    stage,
    timeoutMs,
    retryable: true,
    hint: timeoutHint(stage, own),
  });
}

function timeoutHint(stage: Stage, own: string | undefined): string {
  const setting = `timeoutMs: { ${stage}: ... } sets how long to wait.`;
  if (own !== undefined) return `It is not the server that is slow; ${setting}`;
  const tlsPort = 'A server that expects TLS from the start, as on port 465, says nothing: use SMTP_SSL there.';
  return `The server is slow or gone; ${setting}${stage === 'greeting' ? ` ${tlsPort}` : ''}`;
}
