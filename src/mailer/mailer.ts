/** The public face of the pool: checks what it is given, and passes it on. */
import { MessageError, SMTPException } from '../errors.js';
import { checkShapes } from '../client/check-shapes.js';
import { Conversation } from '../client/conversation.js';
import { establish } from '../client/establish.js';
import type { Limits } from '../client/limits.js';
import { checkDuration } from '../client/options.js';
import { prepareAtOnce, type PreparedMessage, type Sendable, type SendMessageOptions } from '../client/send-message.js';
import type { CallOptions } from '../client/sendmail.js';
import { parseWanted } from '../client/mail-parameters.js';
import { CALL_SHAPES } from '../client/smtp.js';
import type { Reply, SendResult } from '../types.js';
import { systemClock } from './clock.js';
import { traceConnect, type ServerTrace } from './diagnostics.js';
import { Dispatcher, type ServerPlan } from './dispatcher.js';
import { Lane } from './lane.js';
import type { MailerOptions } from './mailer-options.js';
import { ownOptions } from './own-options.js';
import { TokenBucket } from './rate.js';
import { resolveMailerOptions, type ResolvedMailerOptions, type ResolvedServer } from './resolve-options.js';
import { sendAll, type SendOutcome } from './send-all.js';
import type { Submitted } from './sending.js';
import { SharedSignals } from './shared-signals.js';

export interface SendAllOptions extends CallOptions {
  /** How many messages may be under way, or sent and not yet taken from the loop. Default: four for each connection, 10,000 at most. */
  concurrency?: number;
}

export interface CloseOptions {
  /** Default true: what was taken in is sent first. False: what is on no connection yet rejects, as `not-sent`. */
  drain?: boolean;
}

/** The limits of one call; `release`, where there is one, lets go of its signals. */
interface OwnLimits {
  readonly limits: Limits;
  readonly release: (() => void) | undefined;
}

const MOST_AT_ONCE_BY_DEFAULT = 10_000;

const UNLIMITED: OwnLimits = { limits: { signal: undefined, deadline: undefined }, release: undefined };

/** How long a connection that only says goodbye may take beside its time-out for QUIT. */
const GOODBYE_MS = 1_000;

/**
 * Sends messages over a few connections that it opens, shares, replaces and closes as they are needed.
 *
 * The target is a URL, such as `smtps://user:password@mail.example?maxConnections=5`, or options. Several servers:
 * `failover:(smtp://first.example,smtp://second.example)` tries them in order, `roundrobin:(...)` begins with another one each time.
 * Options beside a URL outweigh what it says. Nothing is dialed before the first message.
 *
 * Throws MessageError, code `ERR_INVALID_OPTION`, `ERR_INVALID_URL` or `ERR_INVALID_TARGET`.
 */
export class Mailer implements AsyncDisposable {
  readonly #options: ResolvedMailerOptions;
  readonly #dispatcher: Dispatcher;
  readonly #signals = new SharedSignals();

  constructor(target: string | MailerOptions, options?: MailerOptions) {
    const resolved = resolveMailerOptions(target, options);
    this.#options = resolved;
    const quitTimeoutMs = Math.max(...resolved.servers.map((server) => server.options.timeoutsMs.quit));
    this.#dispatcher = new Dispatcher({
      servers: resolved.servers.map(planOf),
      strategy: resolved.strategy,
      retry: resolved.retry,
      maxQueue: resolved.maxQueue,
      traceRecipients: resolved.traceRecipients,
      pool: {
        maxConnections: resolved.maxConnections,
        maxMessagesPerConnection: resolved.maxMessagesPerConnection,
        maxConnectionAgeMs: resolved.maxConnectionAgeMs,
        idleTimeoutMs: resolved.idleTimeoutMs,
        quitTimeoutMs: quitTimeoutMs + GOODBYE_MS,
        policy: resolved.policy,
        bucket: resolved.rate === undefined ? undefined : new TokenBucket(resolved.rate),
        clock: systemClock,
      },
    });
    const { signal } = resolved;
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** How it tries again by itself: for those who try again on top of it. */
  get retry(): { readonly attempts: number; readonly onUnknown: 'never' | 'retry' } {
    const { attempts, unknownToo } = this.#options.retry;
    return { attempts, onUnknown: unknownToo ? 'retry' : 'never' };
  }

  readonly #abort = (): void => {
    this.#dispatcher.abort(this.#options.signal?.reason);
  };

  /**
   * Sends a message to the envelope that it names itself, or to `from` and `to`, as `SMTP.sendMessage` does; over whichever connection
   * is free, and again where `retry` and the servers' answers allow it.
   *
   * Resolves when at least one recipient was accepted: look at `refused`. Rejects as `SMTP.sendMessage` does; `error.delivery` tells
   * whether the message may have been delivered all the same. What its source throws is the cause of an SMTPException, code
   * `ERR_CONTENT_SOURCE`. After `close()`: SMTPException, code `ERR_MAILER_CLOSED`. Message and options are taken as they are at the
   * call, but for the octets of a Uint8Array, which are not copied: leave them alone until the promise is settled.
   */
  send(message: Sendable, options: SendMessageOptions = {}): Promise<SendResult> {
    try {
      return this.#submit(message, ownOptions(options)).result;
    } catch (error) {
      const failure: Error = error as Error;
      return Promise.reject(failure);
    }
  }

  /**
   * Sends each message of an iterable, and yields what became of it as it settles, with the message and its number. The iterable is read
   * no further than `concurrency` allows. When the loop is left, what was not begun is not sent, and what is under way is settled first.
   * What the iterable throws is thrown when all that was read from it has been yielded.
   */
  sendAll<M extends Sendable>(
    messages: Iterable<M> | AsyncIterable<M>,
    options: SendAllOptions = {},
  ): AsyncIterableIterator<SendOutcome<M>> {
    const { concurrency = this.#defaultConcurrency(), ...callOptions } = options;
    if (!(Number.isSafeInteger(concurrency) || concurrency === Infinity) || concurrency < 1) {
      throw new MessageError(`concurrency must be a whole number above 0, not ${String(concurrency)}`, {
        code: 'ERR_INVALID_OPTION',
        hint: 'Leave it out for the default.',
      });
    }
    const own = ownOptions(callOptions);
    return sendAll(messages, concurrency, (message) => this.#submit(message, own));
  }

  /**
   * Connects to each server, encrypts and logs in as a message would, and says QUIT. Resolves with the answer of the first server to
   * EHLO. Rejects as soon as one of them cannot be used, with what `SMTP.connect` throws.
   */
  async verify(options: { signal?: AbortSignal } = {}): Promise<Reply> {
    checkShapes(options, { signal: ['signal'] });
    if (this.#dispatcher.closing) throw closedError();
    const { limits, release } = this.#limits(options);
    const replies: Reply[] = [];
    try {
      for (const server of this.#options.servers) replies.push(await verifyServer(server, limits));
    } finally {
      release?.();
    }
    const [first] = replies;
    if (first === undefined) throw new Error('a mailer has at least one server');
    return first;
  }

  /**
   * Takes no more messages. By default all that were taken in are sent, or have failed, when this resolves; with `drain: false` those that
   * are on no connection reject at once with `delivery: 'not-sent'`, and those that are on one are settled. Then every connection is
   * closed with QUIT. Calling it again with `drain: false` ends a drain that takes too long.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkShapes(options, { drain: ['flag'] });
    await this.#dispatcher.close(options.drain ?? true);
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #submit(message: Sendable, options: SendMessageOptions): Submitted {
    if (this.#dispatcher.closing) throw closedError();
    const { limits, release } = this.#limits(options);
    const submitted = this.#dispatcher.submit(() => prepare(message, options, limits.signal), options, limits);
    if (release !== undefined) void submitted.result.then(release, release);
    return submitted;
  }

  #limits(options: Pick<CallOptions, 'signal' | 'deadlineMs'>): OwnLimits {
    checkShapes(options, CALL_SHAPES);
    const { deadlineMs, signal: given } = options;
    if (deadlineMs !== undefined) checkDuration('deadlineMs', deadlineMs);
    const { signal: own } = this.#options;
    const deadline =
      deadlineMs === undefined ? undefined : { atMs: systemClock.now() + deadlineMs, timeoutMs: deadlineMs };
    if (own === undefined && given === undefined) {
      return deadline === undefined ? UNLIMITED : { limits: { signal: undefined, deadline }, release: undefined };
    }
    const { signal, release } = this.#signals.either(own, given);
    return { limits: { signal, deadline }, release };
  }

  /** Enough for two on each connection, and as many ready behind them. Bounded, however many connections there may be. */
  #defaultConcurrency(): number {
    const { maxConnections, servers } = this.#options;
    return Math.min(4 * maxConnections * servers.length, MOST_AT_ONCE_BY_DEFAULT);
  }
}

/** All that can be wrong with a message shows here, before it takes a place. */
function prepare(
  message: Sendable,
  options: SendMessageOptions,
  signal: AbortSignal | undefined,
): PreparedMessage | Promise<PreparedMessage> {
  if (options.mailOptions !== undefined || options.rcptOptions !== undefined || options.dsn !== undefined) {
    const { rcptOptions } = options;
    parseWanted({ ...options, rcptOptions: typeof rcptOptions === 'function' ? undefined : rcptOptions });
  }
  return prepareAtOnce(message, options, signal);
}

function planOf({ options, dialect, target }: ResolvedServer): ServerPlan {
  const trace: ServerTrace =
    'path' in target
      ? { host: undefined, port: undefined, path: target.path }
      : { host: target.host, port: target.port, path: undefined };
  return {
    trace,
    logsIn: options.auth !== undefined,
    open: async (feed, signal) =>
      await traceConnect(
        trace,
        async () => await Lane.open(options, dialect, target, feed, { signal, deadline: undefined }),
      ),
  };
}

async function verifyServer({ options, dialect, target }: ResolvedServer, limits: Limits): Promise<Reply> {
  // With a handshake in which the certificate is verified.
  const conversation = new Conversation({ ...options, tlsSessions: undefined }, dialect);
  try {
    const greeting = await conversation.open(target, limits);
    await establish(conversation, limits);
    const { doesEsmtp, ehloResp, heloResp } = conversation.hello;
    await conversation.exchange('QUIT', 'quit', limits).catch(() => undefined);
    return (doesEsmtp ? ehloResp : heloResp) ?? greeting;
  } finally {
    conversation.close();
  }
}

function closedError(): SMTPException {
  return new SMTPException('the mailer is closed', {
    code: 'ERR_MAILER_CLOSED',
    stage: 'command',
    hint: 'Make a new Mailer; close() is the last thing that is done with one.',
  });
}
