/**
 * One connection and what was said on it so far. Whoever calls holds the turn (smtp.ts); here nothing waits for anybody
 * but the server. A new connection starts with nothing known.
 */
import { describeReply, SMTPConnectError, SMTPException, SMTPServerDisconnected } from '../errors.js';
import { dial } from '../io/dial.js';
import { describeTarget, type Target } from '../io/target.js';
import { Wire } from '../io/wire.js';
import { encodeCommand, type Command, type CommandOptions } from '../protocol/command.js';
import { isRefusal } from '../protocol/reply.js';
import { heloMayFollow } from '../protocol/session.js';
import type { Outcome, Transaction } from '../protocol/transaction.js';
import type { Reply, Stage } from '../types.js';
import { Connection, type ContentPlan, type Limits } from './connection.js';
import { defaultLocalHostname, Hello, heloError, type HelloVerb } from './hello.js';
import type { ResolvedOptions } from './options.js';
import { Trace } from './trace.js';

/** What sets SMTP and LMTP apart (RFC 2033 section 4). */
export interface Dialect {
  readonly hello: 'EHLO' | 'LHLO';
  readonly finalReplies: 'one' | 'per-recipient';
  readonly defaultPort: number;
}

export class Conversation {
  readonly options: ResolvedOptions;
  readonly dialect: Dialect;
  readonly trace: Trace;
  readonly hello = new Hello();
  #connection: Connection | undefined;
  #localHostname: string | undefined;

  constructor(options: ResolvedOptions, dialect: Dialect) {
    this.options = options;
    this.dialect = dialect;
    this.trace = new Trace(options.onWire);
  }

  get connected(): boolean {
    return this.#connection?.open ?? false;
  }

  get localHostname(): string {
    return this.options.localHostname ?? this.#localHostname ?? defaultLocalHostname(undefined);
  }

  /** The live connection. Throws SMTPServerDisconnected when there is none. */
  get connection(): Connection {
    if (this.#connection?.open === true) return this.#connection;
    const never = this.#connection === undefined;
    throw new SMTPServerDisconnected(never ? 'not connected: please run connect() first' : 'the connection is closed', {
      stage: 'connect',
      retryable: !never,
      hint: never ? 'Call connect(), or make the client with SMTP.connect(url).' : 'Call connect() to open a new one.',
    });
  }

  /** Dials and reads the greeting (RFC 5321 section 3.1): only 220 is a yes. An older connection is closed first. */
  async open(target: Target, limits: Limits): Promise<Reply> {
    this.close();
    this.trace.state(`connecting to ${describeTarget(target)}`, 'connect');
    const { sourceAddress, sourcePort, connector, timeoutsMs } = this.options;
    const timeoutMs = timeLeft(timeoutsMs.connect, limits);
    const stream = await dial(target, { timeoutMs, signal: limits.signal, sourceAddress, sourcePort, connector });
    const connection = new Connection(new Wire(stream), this.options, this.trace);
    this.#connection = connection;
    this.#localHostname = defaultLocalHostname(stream);
    const reply = await connection.greeting(limits);
    if (reply.code === 220) return reply;
    this.close();
    throw new SMTPConnectError(`${describeTarget(target)} does not take the connection: ${describeReply(reply)}`, {
      reply,
      hint: reply.code < 500 ? 'Try again later.' : 'The server does not want this client; ask its operator.',
    });
  }

  /** Closes the connection without a word, and forgets what was said on it. */
  close(): void {
    this.#connection?.close();
    this.hello.forget();
  }

  /** Encodes a command line, and refuses it where the session table has no place for it. */
  prepare(line: string, options?: CommandOptions): Command {
    const command = encodeCommand(line, options);
    const { session } = this.connection;
    if (session.allows(command.verb)) return command;
    throw new SMTPException(`${command.verb} has no place in phase ${session.phase} of the session`, {
      code: 'ERR_BAD_SEQUENCE',
      stage: 'command',
      hint: SEQUENCE_HINTS[session.phase] ?? 'Wait for the answer to the command before it.',
    });
  }

  async exchange(line: string, stage: Stage, limits: Limits, options?: CommandOptions): Promise<Reply> {
    const command = this.prepare(line, options);
    const reply = await this.connection.exchange(command, stage, limits);
    this.heard(command, reply);
    return reply;
  }

  /** What a reply means beyond the phase: who greets learns the extensions; who is closed forgets them. */
  heard(command: Command, reply: Reply): void {
    const { verb } = command;
    if (verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') this.hello.heard(verb, reply, this.options.disableExtensions);
  }

  /** EHLO, and HELO behind a server that does not know it; LHLO alone for LMTP (RFC 2033 section 4.1). */
  async introduce(limits: Limits): Promise<void> {
    if (this.hello.ehloResp !== undefined || this.hello.heloResp !== undefined) return;
    const reply = await this.#sayHello(this.dialect.hello, limits);
    if (reply.code === 250) return;
    if (this.dialect.hello === 'LHLO' || !heloMayFollow(reply)) throw this.#helloRefused(this.dialect.hello, reply);
    const second = await this.#sayHello('HELO', limits);
    if (second.code !== 250) throw this.#helloRefused('HELO', second);
  }

  async run(transaction: Transaction, plan: ContentPlan, limits: Limits): Promise<Outcome> {
    const { connection } = this;
    const outcome = await connection.run(transaction, plan, limits);
    connection.session.transactionEnded(outcome.after !== 'close');
    if (outcome.after === 'reset') await this.#resetQuietly(limits);
    return outcome;
  }

  /** RSET after a refusal. Whether it works is not the caller's concern: a connection that will not reset is closed. */
  async #resetQuietly(limits: Limits): Promise<void> {
    try {
      const reply = await this.exchange('RSET', 'rset', limits);
      if (reply.code !== 250) this.close();
    } catch {
      this.close();
    }
  }

  async #sayHello(verb: HelloVerb, limits: Limits): Promise<Reply> {
    return await this.exchange(`${verb} ${this.localHostname}`, 'hello', limits);
  }

  #helloRefused(verb: HelloVerb, reply: Reply): SMTPException {
    this.close();
    if (isRefusal(reply)) return heloError(verb, reply);
    return new SMTPException(`the server answered ${verb} with ${describeReply(reply)}, which is neither yes nor no`, {
      code: 'ERR_HELO',
      stage: 'hello',
      hint: 'Only 250 is a yes (RFC 5321 section 4.1.1.1).',
    });
  }
}

const SEQUENCE_HINTS: Readonly<Partial<Record<string, string>>> = {
  greeted: 'Call ehloOrHeloIfNeeded() first.',
  ready: 'Begin a transaction with mail() first.',
  mail: 'A transaction is open: end it with data(), or drop it with rset().',
  rcpt: 'A transaction is open: end it with data(), or drop it with rset().',
};

/** The time-out of a stage that has no replies, within the deadline of the whole send. */
export function timeLeft(timeoutMs: number, limits: Limits): number {
  if (limits.deadline === undefined) return timeoutMs;
  return Math.max(1, Math.min(timeoutMs, limits.deadline.atMs - performance.now()));
}
