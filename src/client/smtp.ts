/**
 * The client in the shape of Python's smtplib: one connection, one method per verb, and `sendmail` and `sendMessage` above
 * them. Calls made at the same time are served in turn, each with its own answer.
 */
import {
  MessageError,
  SMTPAbortedError,
  SMTPException,
  SMTPResponseException,
  SMTPTimeoutError,
  describeReply,
} from '../errors.js';
import { ABORTED_HINT, bounded } from '../io/bounded.js';
import { deadlineIn, type Deadline } from '../io/deadline.js';
import { parseTarget } from '../io/target.js';
import type { TlsOptions } from '../io/tls-options.js';
import { contentOf } from '../octets/content-of.js';
import { encodeCommand, type Command } from '../protocol/command.js';
import { parseEsmtpParams } from '../protocol/esmtp-params.js';
import { cramMd5 } from '../protocol/sasl/cram-md5.js';
import type { PasswordCredentials } from '../protocol/sasl/credentials.js';
import { login as loginMechanism } from '../protocol/sasl/login.js';
import { plain } from '../protocol/sasl/plain.js';
import type { Bytes, EsmtpParams, Reply, SendResult, Stage, TlsInfo } from '../types.js';
import { anySignal } from './any-signal.js';
import { timeLeft, type Limits } from './limits.js';
import { checkShapes, type Shapes } from './check-shapes.js';
import { Conversation, type Dialect } from './conversation.js';
import type { AuthObject, Credentials, Token } from './credentials.js';
import { ByHand } from './by-hand.js';
import { establish } from './establish.js';
import type { HelloVerb } from './hello.js';
import { authWith, checkConfidential, login } from './login.js';
import { checkDuration, invalid, resolveOptions, type SMTPOptions } from './options.js';
import { askedFor, forwardPath, forwardPaths, reversePath } from './paths.js';
import { emptyContent } from './send-content.js';
import {
  isAtHand,
  prepareMessage,
  type PreparedMessage,
  type Sendable,
  type SendMessageOptions,
} from './send-message.js';
import { ship, type CallOptions, type Shipment } from './sendmail.js';
import { settle } from './settle.js';
import type { DebugLevel } from './trace.js';
import { Turn, type Release } from './turn.js';
import { parseServerUrl, type UrlScheme } from './server-url.js';

export const SMTP_PORT = 25;

/** Node fires a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface AuthOptions {
  /** Sends the first message of the mechanism along with AUTH, when it has one. Default true. */
  initialResponseOk?: boolean;
}

export interface LoginOptions extends AuthOptions {
  /** The SASL mechanisms to try, in this order. Default: the order of this library. */
  mechanisms?: readonly string[];
}

/** What decides whether and to whom a message goes, and how long that may take. */
export const CALL_SHAPES: Shapes = {
  signal: ['signal'],
  mailOptions: ['object', 'list'],
  rcptOptions: ['object', 'list', 'function'],
  dsn: ['object'],
  requireTls: ['flag'],
  requireAllRecipients: ['flag'],
  envelopeOptions: ['object'],
  serializeOptions: ['object'],
  dkim: ['object', 'list'],
  beforeContent: ['function'],
};

export const SMTP_DIALECT: Dialect = { implicitTls: false, hello: 'EHLO', finalReplies: 'one', defaultPort: SMTP_PORT };

/** Verbs that need more than a line and a reply: what to call in their place. */
const NOT_BY_DOCMD: ReadonlyMap<string, string> = new Map([
  ['DATA', 'Call data(message): it also sends the content.'],
  ['BDAT', 'Call sendmail() or sendMessage().'],
  ['STARTTLS', 'Call starttls(): it also encrypts the connection.'],
]);

/**
 * A connection to an SMTP server (RFC 5321), as Python's `smtplib.SMTP`.
 *
 * The constructor does not connect: `connect()` does, and `SMTP.connect()` makes and connects one in one step.
 */
export class SMTP implements AsyncDisposable {
  readonly #conversation: Conversation;
  readonly #turn = new Turn();
  /** Fires at close(), for a connect() that has no connection yet; each close() ends those before it. */
  #closed = new AbortController();
  /** A command that was put and whose reply was not asked for yet; it holds the turn. */
  #pending: { readonly command: Command; readonly release: Release } | undefined;
  #credentials: Credentials | undefined;
  readonly #byHand: ByHand;

  constructor(options: SMTPOptions = {}) {
    this.#conversation = new Conversation(resolveOptions(options), new.target.dialect());
    this.#byHand = new ByHand(this.#conversation);
  }

  /** @internal */
  protected static dialect(): Dialect {
    return SMTP_DIALECT;
  }

  /** @internal */
  protected static schemes(): readonly UrlScheme[] {
    return ['smtp'];
  }

  /**
   * Makes a client, connects it, says EHLO, encrypts as `tls` says, and logs in when credentials are given. `target` is `host`,
   * `host:port`, `smtp://user:password@host:port`, or options. Throws as `connect()`, `starttls()` and `login()` do; then
   * nothing is left open.
   */
  static async connect<T extends typeof SMTP>(
    this: T,
    target: string | SMTPOptions,
    options: SMTPOptions = {},
  ): Promise<InstanceType<T>> {
    const given = typeof target === 'string' ? this.optionsOf(target) : target;
    checkShapes(given, {});
    checkShapes(options, {});
    const client = new this({ ...given, ...options }) as InstanceType<T>;
    try {
      await client.connect();
      await client.#inTurn(async (limits) => {
        await establish(client.#conversation, limits);
      });
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** @internal What a URL says, checked against the class. */
  protected static optionsOf(url: string): SMTPOptions {
    const { scheme, options, user, password } = parseServerUrl(url);
    const schemes = this.schemes();
    if (scheme !== undefined && !schemes.includes(scheme)) {
      throw new MessageError(`${this.name}.connect() takes a URL with ${schemes.join(' or ')}, not ${scheme}`, {
        code: 'ERR_INVALID_URL',
        hint: 'Use the class of that scheme.',
      });
    }
    if (user === undefined) return options;
    if (password === undefined)
      throw invalid('the URL has a user name and no password', 'Write smtp://user:password@host.');
    return { ...options, auth: { user, password } };
  }

  get connected(): boolean {
    return this.#conversation.connected;
  }

  /** The TLS session, or undefined on a plain connection. */
  get tls(): TlsInfo | undefined {
    return this.#conversation.tls;
  }

  /** Whether a login succeeded on this connection. */
  get authenticated(): boolean {
    return this.#conversation.authenticated;
  }

  /** The name that EHLO and HELO give. */
  get localHostname(): string {
    return this.#conversation.localHostname;
  }

  get heloResp(): Reply | undefined {
    return this.#conversation.hello.heloResp;
  }

  get ehloResp(): Reply | undefined {
    return this.#conversation.hello.ehloResp;
  }

  get doesEsmtp(): boolean {
    return this.#conversation.hello.doesEsmtp;
  }

  /** EHLO keywords in lower case, with their parameters. */
  get esmtpFeatures(): ReadonlyMap<string, string> {
    return this.#conversation.hello.extensions.features;
  }

  /** Whether the server offered the keyword, in any case, in its answer to EHLO. */
  hasExtn(name: string): boolean {
    return this.#conversation.hello.extensions.has(name);
  }

  /** 0: silent. 1: the conversation on standard error, secrets redacted, bodies left out. 2: with the time. */
  setDebuglevel(level: DebugLevel): void {
    this.#conversation.trace.debugLevel = level;
  }

  /**
   * Connects and reads the greeting. `'h:587'` and `'[::1]:587'` are split; a bare `'::1'` is a host. Default: the options' host
   * (`localhost`) and port, else the port of the class. Nothing of an earlier connection is kept.
   *
   * Throws SMTPDialError, SMTPTimeoutError, SMTPConnectError when the greeting is not 220, SMTPProtocolError when it
   * is none, MessageError for a host that is none.
   */
  async connect(host?: string, port?: number): Promise<Reply> {
    const { options, dialect } = this.#conversation;
    const target = parseTarget(
      host ?? options.host,
      host === undefined ? (port ?? options.port) : port,
      dialect.defaultPort,
    );
    const { signal } = this.#closed;
    this.#abandon();
    return await this.#inTurn(async (limits) => await this.#conversation.open(target, limits, signal));
  }

  /** Says HELO, by `localHostname` where no name is given, and resolves with the answer whatever its code. */
  async helo(name = ''): Promise<Reply> {
    if (this.#conversation.dialect.hello === 'LHLO') {
      throw invalid('LMTP has no HELO (RFC 2033 section 4.1)', 'Call ehlo(), which says LHLO here.');
    }
    return await this.#sayHello('HELO', name);
  }

  /** Says EHLO (LHLO for LMTP), and resolves with the answer whatever its code; what it offers is in `esmtpFeatures`. */
  async ehlo(name = ''): Promise<Reply> {
    return await this.#sayHello(this.#conversation.dialect.hello, name);
  }

  /** EHLO unless it, or HELO, was said already; HELO behind a server that does not know EHLO. Throws SMTPHeloError. */
  async ehloOrHeloIfNeeded(): Promise<void> {
    await this.#inTurn(async (limits) => {
      await this.#conversation.introduce(limits);
    });
  }

  /**
   * Encrypts the connection with STARTTLS (RFC 3207). The certificate is verified against the host given, unless the options say
   * otherwise; `tls` overrides those of the constructor. What was known of the session is forgotten: EHLO is said again when it
   * is needed. Throws SMTPNotSupportedError when it is not offered, SMTPResponseException when it is refused, SMTPTlsError.
   */
  async starttls(tls: TlsOptions = {}): Promise<Reply> {
    return await this.#inTurn(
      async (limits) => await this.#conversation.starttls({ ...this.#conversation.options.tls, ...tls }, limits),
    );
  }

  /**
   * Logs in with the strongest mechanism that the server offers (RFC 4954). Throws SMTPNotSupportedError when there is
   * none, SMTPAuthenticationError when the server refuses, SMTPException, code `ERR_INSECURE_AUTH`, in clear text.
   */
  async login(user: string, password: Token, options: LoginOptions = {}): Promise<Reply> {
    const { mechanisms, initialResponseOk = true } = options;
    const credentials: Credentials = { user, password, ...(mechanisms === undefined ? {} : { mechanisms }) };
    this.#credentials = credentials;
    return await this.#inTurn(
      async (limits) => await login(this.#conversation, credentials, initialResponseOk, limits),
    );
  }

  /** What PLAIN says (RFC 4616), for `auth('PLAIN', smtp.authPlain)`: Python's `auth_plain`. */
  readonly authPlain: (challenge?: Uint8Array) => string = () => textOf(plain(this.#secrets()).initialResponse());

  /** What LOGIN says to a prompt; without one, the user name. Python's `auth_login`. */
  readonly authLogin = (challenge?: Uint8Array): string => {
    const mechanism = loginMechanism(this.#secrets());
    return textOf(challenge === undefined ? mechanism.initialResponse() : mechanism.respond(challenge));
  };

  /** What CRAM-MD5 says to a challenge (RFC 2195); without one, nothing. Python's `auth_cram_md5`. */
  readonly authCramMd5 = (challenge?: Uint8Array): string | undefined =>
    challenge === undefined ? undefined : textOf(cramMd5(this.#secrets()).respond(challenge));

  /** Runs a SASL mechanism of the caller's own. Throws as `login()` does; what `authObject` throws cancels the exchange. */
  async auth(mechanism: string, authObject: AuthObject, options: AuthOptions = {}): Promise<Reply> {
    const { initialResponseOk = true } = options;
    checkShapes({ mechanism, authObject }, { mechanism: ['text'], authObject: ['function'] });
    return await this.#inTurn(
      async (limits) => await authWith(this.#conversation, mechanism, authObject, initialResponseOk, limits),
    );
  }

  /**
   * Begins a transaction (RFC 5321 section 4.1.1.2). `''` is the null sender. Resolves whatever the code. Throws
   * SMTPNotSupportedError for a parameter that the server does not offer, and for a non-ASCII address without SMTPUTF8.
   */
  async mail(sender: string, options: EsmtpParams = []): Promise<Reply> {
    const path = reversePath(sender);
    const params = parseEsmtpParams(options, 'MAIL');
    return await this.#inTurn(async (limits) => await this.#byHand.mail(path, params, limits));
  }

  /** Names a recipient (RFC 5321 section 4.1.1.3). Resolves whatever the code; any 2xx is an acceptance. Throws as `mail()`. */
  async rcpt(recipient: string, options: EsmtpParams = []): Promise<Reply> {
    const path = forwardPath(recipient);
    const params = parseEsmtpParams(options, 'RCPT');
    return await this.#inTurn(async (limits) => await this.#byHand.rcpt(path, params, limits));
  }

  /**
   * Sends DATA, the content and its end, and resolves with the final reply whatever its code. Throws SMTPDataError when the
   * answer to DATA is not 354, and an error with `delivery: 'unknown'` when the answer to the content does not come.
   */
  async data(message: Bytes): Promise<Reply> {
    const content = contentOf(message);
    return await this.#inTurn(async (limits) => await this.#byHand.data(content, limits));
  }

  /** Drops the transaction that is open. Throws SMTPResponseException, and closes, when the answer is not 250. */
  async rset(): Promise<Reply> {
    return await this.#inTurn(async (limits) => {
      this.#byHand.forget();
      const reply = await this.#conversation.exchange('RSET', 'rset', limits);
      if (reply.code === 250) return reply;
      this.#end();
      throw new SMTPResponseException(`the server refused RSET: ${describeReply(reply)}`, {
        reply,
        stage: 'rset',
        delivery: 'not-sent',
        hint: 'The state of the session is not known; the connection was closed.',
      });
    });
  }

  async noop(): Promise<Reply> {
    return await this.#command('NOOP', 'command');
  }

  /** Asks whether an address exists (RFC 5321 section 4.1.1.6); a display name is dropped. Most servers answer 252. */
  async verify(address: string): Promise<Reply> {
    return await this.#command(`VRFY ${askedFor(address)}`, 'command');
  }

  /** Python's other name for `verify`. */
  async vrfy(address: string): Promise<Reply> {
    return await this.verify(address);
  }

  /** Asks who is on a mailing list (RFC 5321 section 4.1.1.7). */
  async expn(address: string): Promise<Reply> {
    return await this.#command(`EXPN ${askedFor(address)}`, 'command');
  }

  /** The text of the server's answer to HELP. */
  async help(args = ''): Promise<string> {
    return (await this.#command(args === '' ? 'HELP' : `HELP ${args}`, 'command')).text;
  }

  /**
   * Sends any command and resolves with its reply whatever its code. DATA, BDAT and STARTTLS have methods of their own and are
   * refused here; a command that has no place in the session's phase is refused too. AUTH lines are not logged.
   */
  async docmd(command: string, args = ''): Promise<Reply> {
    return await this.#inTurn(async (limits) => {
      const prepared = this.#prepareAny(command, args);
      const reply = await this.#conversation.connection.exchange(prepared, 'command', limits);
      this.#heard(prepared, reply);
      return reply;
    });
  }

  /** Sends any command as `docmd` does, and keeps the turn until `getreply()` has read its reply. */
  async putcmd(command: string, args = ''): Promise<void> {
    const release = await this.#take(this.#ownLimits);
    try {
      const prepared = this.#prepareAny(command, args);
      this.#conversation.connection.put(prepared, 'command');
      this.#pending = { command: prepared, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Reads the reply to the command that `putcmd()` sent. */
  async getreply(): Promise<Reply> {
    const pending = this.#pending;
    if (pending === undefined) {
      throw new SMTPException('no reply is owed: no putcmd() came before this getreply()', {
        code: 'ERR_NO_REPLY_OWED',
        stage: 'command',
        hint: 'Call putcmd() first, or docmd(), which does both.',
      });
    }
    this.#pending = undefined;
    try {
      const reply = await this.#conversation.connection.answer(pending.command, 'command', this.#ownLimits);
      this.#heard(pending.command, reply);
      return reply;
    } finally {
      pending.release();
    }
  }

  /**
   * Sends a message to an envelope, in one transaction; EHLO is said first if it was not.
   *
   * `to`: one address, or a list; a display name is dropped. `message` goes out as it is but for its line ends, which become
   * CRLF. Resolves when at least one recipient was accepted: look at `refused`. Throws SMTPSenderRefused,
   * SMTPRecipientsRefused when all were refused, SMTPDataError, SMTPNotSupportedError, MessageTooLargeError, or
   * SMTPServerDisconnected and its subclasses; `error.delivery` tells whether the message may have been delivered all the same.
   */
  async sendmail(
    from: string,
    to: string | readonly string[],
    message: Bytes,
    options: CallOptions = {},
  ): Promise<SendResult> {
    return await this.#within(options, async (limits) => {
      if (options.dkim !== undefined) throw notSigned();
      const sender = reversePath(from);
      const recipients = forwardPaths(to);
      const content = contentOf(message, options.serializeOptions);
      if (content.sizeBytes === 0) throw emptyContent();
      const shipment: Shipment = { reversePath: sender, forwardPaths: recipients, content, warnings: [] };
      return await this.#send(shipment, undefined, options, limits, this.#take(limits));
    });
  }

  /**
   * Sends a message to the envelope that it names itself: Sender, else From; To, Cc and Bcc; or its one set of Resent-*
   * fields (RFC 5322 sections 3.6.2 and 3.6.6). `from` and `to` replace a half. Bcc fields are not sent. Throws, before any
   * I/O, MessageError and its subclasses for a message that names no envelope; else as `sendmail()`.
   */
  async sendMessage(message: Sendable, options: SendMessageOptions = {}): Promise<SendResult> {
    return await this.#within(options, async (limits) => {
      // The place in the queue is that of the call: reading the message must not let a later call, such as quit(), go ahead.
      const turn = this.#take(limits);
      const reading = prepareWithin(limits, message, options);
      Promise.all([turn, reading]).catch(() => {
        // Whichever fails is awaited below; a turn that comes to a message that cannot be sent goes to the next call.
        turn.then((release) => {
          release();
        }, ignore);
      });
      const { shipment, messageId } = await reading;
      return await this.#send(shipment, messageId, options, limits, turn);
    });
  }

  /** Says QUIT and closes. Resolves with the answer whatever its code. */
  async quit(): Promise<Reply> {
    return await this.#inTurn(async (limits) => {
      const reply = await this.#conversation.exchange('QUIT', 'quit', limits);
      this.#end();
      return reply;
    });
  }

  /** Closes at once, without QUIT; what is going on ends with SMTPServerDisconnected. */
  close(): void {
    this.#closed.abort();
    this.#closed = new AbortController();
    this.#end();
  }

  /** QUIT if it can be said, and close. Never throws: an error of the block that ends here is worth more. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.connected && this.#pending === undefined) await this.quit();
    } catch {
      // The connection is closed below in any case.
    }
    this.close();
  }

  async #send(
    shipment: Shipment,
    messageId: string | undefined,
    options: CallOptions,
    limits: Limits,
    turn: Promise<Release>,
  ): Promise<SendResult> {
    const calledMs = performance.now();
    const release = await turn;
    try {
      const startedMs = performance.now();
      const shipped = await ship(this.#conversation, shipment, options, limits);
      const { timing } = shipped;
      timing.queued = startedMs - calledMs;
      timing.total = performance.now() - calledMs;
      return settle(shipped.outcome, {
        envelope: shipped.envelope,
        messageId,
        sizeBytes: shipped.sizeBytes,
        tls: this.tls,
        warnings: shipped.warnings,
        timing,
      });
    } finally {
      release();
    }
  }

  /** As in Python, an empty name is none. */
  async #sayHello(verb: HelloVerb, name: string): Promise<Reply> {
    return await this.#command(`${verb} ${name === '' ? this.localHostname : name}`, 'hello');
  }

  async #command(line: string, stage: Stage): Promise<Reply> {
    return await this.#inTurn(async (limits) => await this.#conversation.exchange(line, stage, limits));
  }

  #prepareAny(command: string, args: string): Command {
    const line = args === '' ? command : `${command} ${args}`;
    // Also where it cannot be sent: the error would show it.
    const secret = /^\W*auth(?![A-Za-z0-9-])/i.test(line);
    const { verb } = encodeCommand(line, { secret });
    const hint = NOT_BY_DOCMD.get(verb);
    if (hint !== undefined) throw invalid(`${verb} cannot be sent with docmd() or putcmd()`, hint);
    if (verb === 'AUTH') checkConfidential(this.#conversation);
    return this.#conversation.prepare(line, { secret });
  }

  #heard(command: Command, reply: Reply): void {
    this.#conversation.heard(command, reply);
    this.#byHand.heard(command, reply);
  }

  /** Runs the work when its turn comes, within the caller's signal and deadline. */
  async #inTurn<T>(work: (limits: Limits) => Promise<T>): Promise<T> {
    const limits = this.#ownLimits;
    const release = await this.#take(limits);
    try {
      return await work(limits);
    } finally {
      release();
    }
  }

  /** Waits for the turn, within the caller's signal and deadline. */
  async #take({ signal, deadline }: Limits): Promise<Release> {
    if (this.#turn.free && signal?.aborted !== true) return await this.#turn.take();
    const passed = new AbortController();
    const timer = deadline === undefined ? undefined : abortAt(deadline, passed);
    const either = anySignal(signal, timer === undefined ? undefined : passed.signal);
    try {
      return await this.#turn.take(either.signal);
    } catch (cause) {
      if (deadline !== undefined && passed.signal.aborted && signal?.aborted !== true) {
        throw new SMTPTimeoutError(`its turn did not come within ${String(deadline.timeoutMs)} ms`, {
          stage: 'command',
          timeoutMs: deadline.timeoutMs,
          retryable: true,
          hint: 'The calls before it take long; use more connections, or a longer deadlineMs.',
        });
      }
      throw new SMTPAbortedError('aborted by the caller before its turn came', {
        stage: 'command',
        cause,
        hint: ABORTED_HINT,
      });
    } finally {
      clearTimeout(timer);
      either.release();
    }
  }

  /** Those of a call that has no options of its own. */
  get #ownLimits(): Limits {
    return { signal: this.#conversation.options.signal, deadline: undefined };
  }

  /** Runs a call within its signal and deadline, and the client's own signal. */
  async #within<T>(
    options: Pick<CallOptions, 'signal' | 'deadlineMs'>,
    work: (limits: Limits) => Promise<T>,
  ): Promise<T> {
    checkShapes(options, CALL_SHAPES);
    const { deadlineMs } = options;
    if (deadlineMs !== undefined) checkDuration('deadlineMs', deadlineMs);
    const deadline = deadlineMs === undefined ? undefined : deadlineIn(deadlineMs);
    const { signal, release } = anySignal(this.#conversation.options.signal, options.signal);
    try {
      return await work({ signal, deadline });
    } finally {
      release();
    }
  }

  /** The credentials of the last `login()`, else of the options, when they are a name and a password in plain text. */
  #secrets(): PasswordCredentials {
    const given = this.#credentials ?? this.#conversation.options.auth;
    if (given !== undefined && 'password' in given && typeof given.password === 'string') {
      return { user: given.user, password: given.password };
    }
    throw new MessageError('no user name and password are known', {
      code: 'ERR_INVALID_CREDENTIALS',
      hint: 'Give auth: { user, password } to the constructor, with the password as a string.',
    });
  }

  /** Closes the connection that there is; a connect() that waits for its turn is not concerned. */
  #end(): void {
    this.#abandon();
    this.#conversation.close();
  }

  /** Gives back the turn that a `putcmd()` without its `getreply()` holds. */
  #abandon(): void {
    this.#pending?.release();
    this.#pending = undefined;
    this.#byHand.forget();
  }
}

/** A message that is read from a source may keep its reader waiting: the caller's signal and deadline end that too. */
async function prepareWithin(limits: Limits, message: Sendable, options: SendMessageOptions): Promise<PreparedMessage> {
  // What is in memory keeps nobody waiting, and needs no timer.
  if (limits.signal?.aborted !== true && isAtHand(message, options)) return await prepareMessage(message, options);
  return await bounded(
    {
      stage: 'command',
      activity: 'reading the header block of the message',
      timeoutHint: 'It is not the server that is slow: look at the source of the message.',
      run: async (signal) => await prepareMessage(message, options, signal),
      discard: () => undefined,
    },
    { timeoutMs: timeLeft(Infinity, limits), signal: limits.signal },
  );
}

function notSigned(): MessageError {
  return new MessageError('sendmail() sends octets as they are, and dkim would have to change them', {
    code: 'ERR_INVALID_OPTION',
    hint: 'Call sendMessage(Message.parse(bytes), { from, to, dkim }).',
  });
}

/** Node's AbortSignal.timeout() would leave its timer behind until it fires. */
function abortAt(deadline: Deadline, controller: AbortController): NodeJS.Timeout | undefined {
  if (deadline.atMs === Infinity) return undefined;
  const delayMs = Math.max(1, Math.ceil(deadline.atMs - performance.now()));
  return setTimeout(
    () => {
      controller.abort();
    },
    Math.min(delayMs, LONGEST_TIMER_MS),
  );
}

function ignore(): void {
  // Whoever waits for it hears of it.
}

function textOf(octets: Uint8Array | undefined): string {
  return Buffer.from(octets ?? []).toString('utf8');
}
