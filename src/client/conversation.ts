/**
 * One connection and what was said on it so far. Whoever calls holds the turn (smtp.ts); here nothing waits for anybody
 * but the server. A new connection starts with nothing known.
 */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import {
  describeReply,
  SMTPConnectError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPResponseException,
  SMTPServerDisconnected,
} from '../errors.js';
import { dial } from '../io/dial.js';
import { describeTarget, type Target } from '../io/target.js';
import type { TlsOptions } from '../io/tls-options.js';
import { checkTlsOptions, tlsInfo } from '../io/tls.js';
import { Wire } from '../io/wire.js';
import { encodeCommand, type Command, type CommandOptions } from '../protocol/command.js';
import type { Extensions } from '../protocol/extensions.js';
import { isRefusal } from '../protocol/reply.js';
import { heloMayFollow } from '../protocol/session.js';
import type { Outcome } from '../protocol/transaction.js';
import type { Reply, Stage, TlsInfo } from '../types.js';
import { anySignal } from './any-signal.js';
import { Connection } from './connection.js';
import type { Flight } from './flight.js';
import { defaultLocalHostname, Hello, heloError, type HelloVerb } from './hello.js';
import { timeLeft, type Limits } from './limits.js';
import { Link } from './link.js';
import { isLocal } from './local.js';
import type { ResolvedOptions } from './options.js';
import { Trace } from './trace.js';

/** What sets SMTP, SMTP over TLS and LMTP apart (RFC 8314 section 3, RFC 2033 section 4). */
export interface Dialect {
  /** The TLS handshake comes before the greeting. */
  readonly implicitTls: boolean;
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
  #target: Target | undefined;
  #secured: TLSSocket | undefined;
  #tls: TlsInfo | undefined;

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

  /** The TLS session, or undefined on a plain connection. */
  get tls(): TlsInfo | undefined {
    return this.#tls;
  }

  /** The stream of the TLS session, for channel binding. */
  get secured(): TLSSocket | undefined {
    return this.#secured;
  }

  get target(): Target | undefined {
    return this.#target;
  }

  get targetHost(): string | undefined {
    return this.#target !== undefined && 'host' in this.#target ? this.#target.host : undefined;
  }

  get targetPort(): number | undefined {
    return this.#target !== undefined && 'port' in this.#target ? this.#target.port : undefined;
  }

  get authenticated(): boolean {
    return this.connected && this.connection.session.authenticated;
  }

  /** Whether what is sent cannot be read on a network: TLS, loopback, or a unix socket. */
  get confidential(): boolean {
    return this.#tls !== undefined || (this.#target !== undefined && isLocal(this.#target));
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

  /** Dials and reads the greeting (RFC 5321 section 3.1): only 220 is a yes. An older connection is closed first. `closed`: the caller closed meanwhile. */
  async open(target: Target, limits: Limits, closed: AbortSignal = new AbortController().signal): Promise<Reply> {
    this.close();
    this.trace.state(`connecting to ${describeTarget(target)}`, 'connect');
    const { sourceAddress, sourcePort, connector, timeoutsMs } = this.options;
    const timeoutMs = timeLeft(timeoutsMs.connect, limits);
    const { signal, release } = anySignal(limits.signal, closed);
    let stream: Duplex;
    try {
      stream = await dial(target, { timeoutMs, signal, sourceAddress, sourcePort, connector });
    } catch (error) {
      throw closed.aborted ? closedWhileDialing(target) : error;
    } finally {
      release();
    }
    const connection = new Connection(new Link(new Wire(stream), timeoutsMs, this.trace));
    this.#connection = connection;
    this.#target = target;
    this.#localHostname = defaultLocalHostname(stream);
    if (this.dialect.implicitTls) await this.#encrypt(this.options.tls, limits);
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
    this.#forget();
  }

  /**
   * STARTTLS (RFC 3207): asks, encrypts, and forgets all that was said in clear text. Throws SMTPNotSupportedError when it is
   * not offered, SMTPResponseException when it is refused (the session goes on in clear text), SMTPTlsError.
   */
  async starttls(tls: TlsOptions, limits: Limits): Promise<Reply> {
    checkTlsOptions(tls);
    if (this.#tls !== undefined && this.connected) {
      // RFC 3207 section 4.2.
      throw new SMTPException('the connection is encrypted already', {
        code: 'ERR_BAD_SEQUENCE',
        stage: 'starttls',
        hint: 'Call starttls() once, and not with SMTP_SSL.',
      });
    }
    await this.introduce(limits);
    if (!this.hello.extensions.has('starttls')) {
      throw new SMTPNotSupportedError('the server does not offer STARTTLS', {
        stage: 'starttls',
        hint: 'Use a port with TLS from the start (465, class SMTP_SSL). If it was offered before, somebody in between may have removed it.',
      });
    }
    const reply = await this.exchange('STARTTLS', 'starttls', limits);
    if (reply.code !== 220) {
      if (!isRefusal(reply)) this.close();
      throw new SMTPResponseException(`the server refused STARTTLS: ${describeReply(reply)}`, {
        reply,
        stage: 'starttls',
        delivery: 'not-sent',
        hint: 'The session is not encrypted.',
      });
    }
    await this.#encrypt(tls, limits);
    this.hello.forget();
    return reply;
  }

  async #encrypt(tls: TlsOptions, limits: Limits): Promise<void> {
    const servername = tls.servername ?? this.targetHost ?? 'localhost';
    // Those of the options alone: a caller may give other ones by hand.
    const sessions = tls === this.options.tls ? this.options.tlsSessions : undefined;
    this.#secured = await this.connection.upgrade({ ...tls, servername, sessions }, limits);
    this.#tls = tlsInfo(this.#secured);
  }

  #forget(): void {
    this.hello.forget();
    this.#secured = undefined;
    this.#tls = undefined;
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
    if (verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') {
      this.hello.heard(verb, reply, this.options.disableExtensions);
    }
    if (verb === 'AUTH' && reply.code === 235) this.connection.session.authenticated = true;
  }

  /** What the server offers after EHLO or LHLO; nothing before, or behind a HELO. */
  get extensions(): Extensions {
    return this.hello.extensions;
  }

  /** EHLO, and HELO behind a server that does not know it; LHLO alone for LMTP (RFC 2033 section 4.1). */
  async introduce(limits: Limits): Promise<void> {
    // One that was refused introduced nobody.
    if (this.hello.ehloResp?.code === 250 || this.hello.heloResp?.code === 250) return;
    const reply = await this.#sayHello(this.dialect.hello, limits);
    if (reply.code === 250) return;
    // Behind STARTTLS the server knew EHLO a moment ago: HELO would only hide what it offers.
    const mayFall = heloMayFollow(reply) && this.dialect.hello === 'EHLO' && !this.connection.session.upgraded;
    if (!mayFall) throw this.#helloRefused(this.dialect.hello, reply);
    const second = await this.#sayHello('HELO', limits);
    if (second.code !== 250) throw this.#helloRefused('HELO', second);
  }

  /** Runs a transaction, and is ready for the next one or closed. */
  async run(flight: Flight): Promise<Outcome> {
    const outcome = await this.connection.run(flight);
    if (outcome.after === 'reset') await this.#resetQuietly(flight.limits);
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

function closedWhileDialing(target: Target): SMTPServerDisconnected {
  return new SMTPServerDisconnected(`close() was called while ${describeTarget(target)} was being connected to`, {
    stage: 'connect',
    retryable: true,
    hint: 'Await connect() before close(), or call connect() again.',
  });
}

const SEQUENCE_HINTS: Readonly<Partial<Record<string, string>>> = {
  greeted: 'Call ehloOrHeloIfNeeded() first.',
  ready: 'Begin a transaction with mail() first.',
  mail: 'A transaction is open: end it with data(), or drop it with rset().',
  rcpt: 'A transaction is open: end it with data(), or drop it with rset().',
};
