/**
 * One connection as a script, a behaviour or a test's own handler sees it: what the server says and does, and what the
 * client is expected to do. What is said leaves in one write when the server next waits for the client.
 */
import type { Duplex } from 'node:stream';
import { quote } from './escapes.js';
import { Mismatch, shownCommand, Stopped, withoutEnd } from './failures.js';
import type { Holds } from './holds.js';
import { Intake } from './intake.js';
import type { Ledger } from './ledger.js';
import { type Expectation, expressionExpectation, readClientText, readServerText } from './notation.js';
import { Outlet } from './outlet.js';
import type { ConnectionRecord, ReceivedCommand, ReceivedMessage } from './records.js';
import type { Chunking, ServerStep } from './server-step.js';
import { ServerWire, type WireOptions } from './server-wire.js';

/** What a handler, and a step of a behaviour, can do with its connection. */
export interface Peer {
  /** The record of this connection so far. */
  readonly record: ConnectionRecord;
  /** Octets that have arrived and were not yet read: more than none behind a command is pipelining, or early talk. */
  readonly bufferedBytes: number;
  /** True once the server has ended the connection. */
  readonly ended: boolean;
  /** True once the client has. */
  readonly gone: boolean;
  /** Says and does what stands behind `S: ` in a transcript, such as `250 ok` or `(close)`; bytes go out as they are. */
  send(...said: readonly (string | Uint8Array)[]): Promise<void>;
  /** Takes the next command, whatever it is; undefined when the client has closed. Waits as long as the client stays. */
  command(): Promise<ReceivedCommand | undefined>;
  /** Takes what the client does next, as behind `C: ` in a transcript. Anything else, or nothing in time, is a failure. */
  expect(pattern: string | RegExp): Promise<void>;
  /** Reads the content up to its lone dot; undefined when the client closed before. */
  content(): Promise<ReceivedMessage | undefined>;
}

export interface PeerOptions extends WireOptions {
  readonly chunking: Chunking | undefined;
  /** Keep replies back while the next command is already there, and send them in one write. */
  readonly coalesce: boolean;
  readonly holds: Holds;
}

/** How long a server that has closed listens for the client's own close. */
const lingerMs = 1_000;

export class PeerDriver implements Peer {
  readonly ledger: Ledger;
  readonly wire: ServerWire;
  readonly intake: Intake;
  readonly #outlet: Outlet;
  readonly #options: PeerOptions;

  constructor(socket: Duplex, ledger: Ledger, options: PeerOptions) {
    this.ledger = ledger;
    this.wire = new ServerWire(socket, ledger, options);
    this.intake = new Intake(this.wire);
    this.#outlet = new Outlet(this.wire, options.chunking);
    this.#options = options;
  }

  get record(): ConnectionRecord {
    return this.ledger.record;
  }

  get bufferedBytes(): number {
    return this.wire.inbound.sizeBytes;
  }

  get ended(): boolean {
    return this.wire.ended;
  }

  get gone(): boolean {
    return this.wire.gone;
  }

  async send(...said: readonly (string | Uint8Array)[]): Promise<void> {
    for (const one of said) {
      const parsed: ServerStep =
        typeof one === 'string' ? readServerText(one) : { kind: 'send', bytes: Buffer.from(one), addressee: 'in-turn' };
      await this.perform(parsed);
    }
  }

  /** Performs one step. Replies are only put together here; `beforeWaiting` and all other steps let them go. */
  async perform(step: ServerStep): Promise<void> {
    if (step.kind === 'send') {
      if (this.wire.ended) return;
      this.ledger.sent(step.bytes, step.addressee);
      this.#outlet.add(step.bytes);
      return;
    }
    this.#outlet.corked = false;
    await this.#outlet.flush();
    switch (step.kind) {
      case 'cork':
        this.#outlet.corked = true;
        return;
      case 'repeat':
        this.ledger.note(
          `S: (repeat ${step.times === Infinity ? 'forever' : String(step.times)} ${quote(step.bytes)})`,
        );
        return this.#outlet.flood(step.bytes, step.times);
      case 'hold':
        return this.#hold(step.name);
      case 'wait':
        return this.wire.pause(step.ms);
      case 'chunk':
        this.#outlet.chunking = step.chunking;
        return this.wire.nextTurn();
      case 'close':
        this.wire.end();
        return;
      case 'reset':
        this.wire.reset();
        return;
      case 'starttls':
        return this.wire.startTls();
      case 'pause':
        this.wire.stopReading();
        return;
      case 'resume':
        this.wire.readOn();
        return;
      case 'uncork':
      case 'flush':
        return this.wire.nextTurn();
      case 'listen':
        return this.#listen();
    }
  }

  /** Until the client has said something that was not read yet, or has gone. */
  async #listen(): Promise<void> {
    this.ledger.note('S: (listen)');
    const said = (): true | undefined => (this.bufferedBytes > 0 || this.gone ? true : undefined);
    if ((await this.wire.until(said, this.wire.timeoutMs)) === undefined) {
      throw new Mismatch('a client that says something', `nothing within ${this.wire.limit}`);
    }
  }

  async #hold(name: string): Promise<void> {
    const { holds } = this.#options;
    holds.reached(name);
    this.ledger.note(name === '' ? 'S: (hold)' : `S: (hold ${name})`);
    this.wire.ring();
    const go = (): true | undefined => (holds.isReleased(name) || this.gone ? true : undefined);
    if ((await this.wire.until(go, this.wire.timeoutMs)) === undefined) {
      const call = name === '' ? 'release()' : `release('${name}')`;
      throw new Mismatch(`${call}, or a client that closes`, `neither within ${this.wire.limit}`);
    }
  }

  /** Lets the replies go before the server waits for the client. */
  async beforeWaiting(): Promise<void> {
    if (this.#outlet.corked) return;
    if (this.#options.coalesce && this.wire.inbound.peekLine() !== undefined) return;
    await this.#outlet.flush();
  }

  async peekLine(limitMs: number | undefined, expected = 'a command'): Promise<Buffer | undefined> {
    await this.beforeWaiting();
    return this.intake.peekLine(expected, limitMs);
  }

  async command(): Promise<ReceivedCommand | undefined> {
    return (await this.peekLine(undefined)) === undefined ? undefined : this.intake.takeCommand();
  }

  /** The client's answer to a challenge of AUTH (RFC 4954). */
  async response(): Promise<ReceivedCommand | undefined> {
    return (await this.peekLine(undefined)) === undefined ? undefined : this.intake.takeCommand(true);
  }

  async expect(pattern: string | RegExp): Promise<void> {
    const expectation = typeof pattern === 'string' ? readClientText(pattern) : expressionExpectation(pattern);
    await this.meet(expectation, String(pattern));
  }

  async content(): Promise<ReceivedMessage | undefined> {
    await this.beforeWaiting();
    const message = this.ledger.message ?? this.ledger.beginContent('data');
    return (await this.intake.content(undefined, undefined)) === 'ended' ? message : undefined;
  }

  /** Takes what the client does next; a Mismatch says what it did instead. */
  async meet(expectation: Expectation, text: string): Promise<void> {
    const expected = `C: ${text}`;
    const limitMs = this.wire.timeoutMs;
    await this.beforeWaiting();
    switch (expectation.kind) {
      case 'close':
        return this.#meetClose(expected);
      case 'content':
        if ((await this.intake.content(expectation.firstBytes, limitMs)) !== 'gone') return;
        throw new Mismatch(expected, 'C: (close) before the end of the content');
      case 'bdat': {
        const [, size, last] = /^BDAT (\d{1,12})( LAST)?$/i.exec(this.ledger.lastCommand?.line ?? '') ?? [];
        if (size === undefined) throw new Mismatch('C: BDAT <size> in front of <bdat>', 'another command');
        if (await this.intake.chunk(Number(size), last !== undefined, limitMs)) return;
        throw new Mismatch(expected, 'C: (close) before the end of the chunk');
      }
      case 'line': {
        const line = await this.intake.peekLine(expected, limitMs);
        if (line === undefined) throw new Mismatch(expected, 'C: (close)');
        if (!expectation.matches(withoutEnd(line), this.intake.inContent)) {
          throw new Mismatch(expected, shownCommand(line));
        }
        if (this.intake.inContent) this.intake.takeContentLine();
        else this.intake.takeCommand();
      }
    }
  }

  /** False when the client closed without another octet. */
  async #anythingComes(limitMs: number | undefined): Promise<boolean> {
    const come = (): boolean | undefined => (this.bufferedBytes > 0 ? true : this.gone ? false : undefined);
    return (await this.wire.until(come, limitMs)) !== false;
  }

  async #meetClose(expected: string): Promise<void> {
    const { inbound } = this.wire;
    if (this.intake.inContent && !this.ended) {
      if (!(await this.#anythingComes(this.wire.timeoutMs))) return;
      // A client that gives up in the middle of its content sends no dot.
      if ((await this.intake.content(undefined, this.wire.timeoutMs)) === 'gone') return;
      throw new Mismatch(expected, 'C: <content> to its end');
    }
    // What a pipelining client had said before it saw that the server was closing is beside the point.
    const said = (): Buffer | undefined => (this.ended ? undefined : inbound.peekLine());
    const next = await this.wire.until(() => said() ?? (this.gone ? null : undefined), this.wire.timeoutMs);
    if (next === undefined) throw new Mismatch(expected, `an open connection after ${this.wire.limit}`);
    if (next !== null) throw new Mismatch(expected, shownCommand(next));
  }

  /**
   * After the last step: resolves when the client has closed, with undefined, or when it says something more, with that
   * line. A content that is under way is received and dropped.
   */
  async afterLastStep(): Promise<Buffer | undefined> {
    this.#outlet.corked = false;
    await this.#outlet.flush();
    if (this.ended) {
      await this.farewell();
      return undefined;
    }
    if (this.intake.inContent && (await this.#anythingComes(undefined)))
      await this.intake.content(undefined, undefined);
    return this.intake.peekLine('', undefined);
  }

  /** Sends what is still to be sent, closes, and gives the client a moment to close as well. */
  async farewell(): Promise<void> {
    await this.perform({ kind: 'close' });
    await this.wire.until(() => (this.gone ? true : undefined), lingerMs);
  }

  /** Says a last word and closes, whatever the connection was doing. */
  async closeWith(text: string): Promise<void> {
    try {
      await this.send(text);
      await this.farewell();
    } catch (error) {
      if (!(error instanceof Mismatch || error instanceof Stopped)) throw error;
    }
  }

  /** Ends everything at once. */
  stop(): void {
    if (this.wire.stopped) return;
    this.intake.abandon();
    this.wire.stop();
    this.ledger.close();
  }
}
