/**
 * What happens to each message from its call to its settlement: a place in the queue, a server, a transaction, and what follows from
 * that: the rest of its recipients, another server, another attempt, or the end. Every message is settled exactly once.
 */
import { isPosthasteError, SMTPException, type MessageError } from '../errors.js';
import type { Limits } from '../client/limits.js';
import type { PreparedMessage } from '../client/send-message.js';
import type { CallOptions, Shipped } from '../client/sendmail.js';
import { exceptionOf, settle } from '../client/settle.js';
import type { OpenTiming } from '../client/stage-clock.js';
import type { Envelope, RecipientResult, SendResult, TlsInfo } from '../types.js';
import { errorTrace, publishAnomaly, SendTracer, type SendTrace, type ServerTrace } from './diagnostics.js';
import type { LaneFeed, OpenLane } from './lane.js';
import { Pool, type PoolSettings } from './pool.js';
import { Queue } from './queue.js';
import { closedInFront, contentUntouched, pauseOf, temporaryOf, type RetryPolicy } from './retry.js';
import { summaryOf } from './send-summary.js';
import { Sending, type SendingOwner, type SendingState, type Submitted } from './sending.js';
import { ServerOrder, type ServerStrategy } from './server-order.js';
import { overflowOf } from './split.js';
import { abandonedError, abortedError, closedError, lateError, sourceError } from './unsent-errors.js';

/** One of the servers of a mailer. */
export interface ServerPlan {
  readonly trace: ServerTrace;
  readonly logsIn: boolean;
  open(feed: LaneFeed, signal: AbortSignal): Promise<OpenLane>;
}

export interface DispatcherSettings {
  readonly servers: readonly ServerPlan[];
  readonly strategy: ServerStrategy;
  readonly pool: PoolSettings;
  readonly retry: RetryPolicy;
  readonly maxQueue: number;
  readonly traceRecipients: boolean;
}

/** Connections die; a message that was given back this often has something to do with it. */
const MAX_RETURNS = 10;

const NOTHING: readonly number[] = [];

export class Dispatcher implements SendingOwner {
  readonly #settings: DispatcherSettings;
  readonly #pools: readonly Pool<Sending>[];
  readonly #order: ServerOrder;
  /** All that are not settled. */
  readonly #active = new Queue<Sending>();
  /** Prepared, and waiting for a place in the queue. */
  readonly #waiting = new Queue<Sending>();
  /** Those that wait for a connection or for their next attempt. */
  #queuedCount = 0;
  #runningCount = 0;
  #closing = false;
  /** Nothing new is begun. */
  #abandoned = false;
  /** Prepared, and in their place in a moment. */
  #entering = 0;
  #closed: Promise<void> | undefined;
  #onSettled: (() => void) | undefined;

  constructor(settings: DispatcherSettings) {
    this.#settings = settings;
    this.#order = new ServerOrder(settings.servers.length, settings.strategy, settings.pool.clock);
    this.#pools = settings.servers.map((server, number) => this.#poolOf(server, number));
  }

  #poolOf(server: ServerPlan, number: number): Pool<Sending> {
    return new Pool<Sending>(this.#settings.pool, {
      logsIn: server.logsIn,
      open: async (feed, signal) => await server.open(feed, signal),
      unserved: (sendings, error) => {
        this.#unserved(number, sendings, error);
      },
      nothingFollows: () => this.#nothingFollows,
      anomaly: (anomaly, policy) => {
        publishAnomaly(server.trace, anomaly, policy);
      },
    });
  }

  /** Also not the rest of one that runs, which was too long for one transaction. */
  get #nothingFollows(): boolean {
    if (!this.#closing || this.#active.length !== this.#runningCount) return false;
    return this.#active.items().every(({ later }) => later.length === 0);
  }

  get closing(): boolean {
    return this.#closing;
  }

  now(): number {
    return this.#settings.pool.clock.now();
  }

  /** Takes a message in. `prepare` gives what is to be sent; what it throws is the caller's answer. */
  submit(prepare: () => PreparedMessage | Promise<PreparedMessage>, options: CallOptions, limits: Limits): Submitted {
    return SendTracer.around((tracer) => {
      const sending = new Sending(this, options, limits, tracer);
      sending.membership = this.#active.push(sending);
      this.#watch(sending);
      this.#prepare(sending, prepare);
      return sending;
    });
  }

  cancelled(sending: Sending): void {
    this.#stop(sending, abandonedError);
  }

  /**
   * Takes nothing new. With `drain` all that was taken in is sent, or has failed, when this resolves; without it what is on no connection
   * rejects at once, as not sent, and what is on one is settled. Can be called again, to stop draining.
   */
  async close(drain: boolean): Promise<void> {
    this.#closing = true;
    if (!drain) {
      this.#abandoned = true;
      for (const sending of this.#active.items()) this.#stop(sending, closedError);
    }
    for (const pool of this.#pools) pool.settleDown();
    this.#closed ??= this.#finish();
    await this.#closed;
  }

  /** The mailer's own signal has fired: all that is going on ends. */
  abort(reason: unknown): void {
    this.#closing = this.#abandoned = true;
    for (const sending of this.#active.items()) this.#stop(sending, (known) => abortedError(reason, known));
    void this.close(false);
  }

  async #finish(): Promise<void> {
    while (this.#active.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
    await Promise.all(
      this.#pools.map(async (pool) => {
        await pool.close();
      }),
    );
  }

  // ---- the way in --------------------------------------------------------------------------------------------------

  #watch(sending: Sending): void {
    const { signal, deadline } = sending.limits;
    if (signal !== undefined) {
      const onAbort = (): void => {
        this.#stop(sending, (known) => abortedError(signal.reason, known));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      sending.unlisten = () => {
        signal.removeEventListener('abort', onAbort);
      };
      // It fired before anybody listened.
      if (signal.aborted) onAbort();
    }
    if (deadline !== undefined && deadline.atMs !== Infinity && sending.state !== 'settled') {
      sending.deadlineTimer = this.#settings.pool.clock.after(deadline.timeoutMs, () => {
        this.#stop(sending, (known) => lateError(deadline.timeoutMs, known));
      });
    }
  }

  /** What is in memory is prepared at once, without a promise. */
  #prepare(sending: Sending, prepare: () => PreparedMessage | Promise<PreparedMessage>): void {
    let prepared: PreparedMessage | Promise<PreparedMessage>;
    try {
      prepared = prepare();
    } catch (error) {
      this.#unprepared(sending, error);
      return;
    }
    if (!(prepared instanceof Promise)) {
      this.#enterSoon(sending, prepared);
      return;
    }
    prepared.then(
      (later) => {
        // One that was read in a moment does not overtake those that were at hand before it.
        if (this.#entering > 0) this.#enterSoon(sending, later);
        else this.#prepared(sending, later);
      },
      (error: unknown) => {
        this.#unprepared(sending, error);
      },
    );
  }

  /** Behind all promises that are settled by now: who sends when the message before is answered finds its connection idle. */
  #enterSoon(sending: Sending, prepared: PreparedMessage): void {
    this.#entering += 1;
    process.nextTick(this.#onEntering, sending, prepared);
  }

  readonly #onEntering = (sending: Sending, prepared: PreparedMessage): void => {
    this.#entering -= 1;
    this.#prepared(sending, prepared);
  };

  #unprepared(sending: Sending, error: unknown): void {
    if (sending.state === 'preparing') this.#reject(sending, error);
  }

  #prepared(sending: Sending, prepared: PreparedMessage): void {
    if (sending.state !== 'preparing') return;
    sending.prepared = prepared;
    if (this.#queuedCount < this.#settings.maxQueue && this.#waiting.length === 0) {
      this.#route(sending);
    } else {
      sending.state = 'waiting';
      sending.place = this.#waiting.push(sending);
    }
  }

  /** Gives free places to those that wait for one. */
  #admit(): void {
    while (this.#queuedCount < this.#settings.maxQueue) {
      const sending = this.#waiting.shift();
      if (sending === undefined) return;
      this.#route(sending);
    }
  }

  /** To the server whose turn it is. */
  #route(sending: Sending): void {
    const server = this.#order.choose(sending.tried);
    if (server === undefined) throw new Error('every attempt begins with a server');
    this.#queueAt(sending, server);
  }

  #queueAt(sending: Sending, server: number): void {
    sending.tried.push(server);
    sending.server = server;
    this.#enter(sending, 'queued');
    this.#pools[server]?.add(sending);
  }

  /** Back to where it was, in front of the others. */
  #queueFirst(sending: Sending): void {
    this.#enter(sending, 'queued');
    this.#pools[sending.server]?.addFirst(sending);
  }

  #enter(sending: Sending, state: SendingState): void {
    const before = sending.state;
    if (before === 'running') {
      this.#runningCount -= 1;
      sending.sinceMs = this.now();
    }
    if (state === 'running') this.#runningCount += 1;
    const waited = before === 'queued' || before === 'resting';
    const waits = state === 'queued' || state === 'resting';
    sending.state = state;
    if (waits && !waited) this.#queuedCount += 1;
    if (waited && !waits) {
      this.#queuedCount -= 1;
      this.#admit();
    }
  }

  // ---- what a transaction came to ----------------------------------------------------------------------------------

  began(sending: Sending): void {
    this.#order.lived(sending.server);
    this.#enter(sending, 'running');
  }

  shipped(sending: Sending, shipped: Shipped, tls: TlsInfo | undefined): void {
    const { outcome } = shipped;
    const allAccepted = outcome.failure === undefined && outcome.recipients.every(isAccepted);
    if (allAccepted && sending.undivided && sending.tally === undefined) {
      const { envelope } = shipped;
      this.#resolveWith(sending, () => settle(outcome, this.#facts(sending, shipped, shipped.timing, tls, envelope)));
      return;
    }
    const { whole, lane, positions } = sending;
    const error = outcome.failure === undefined ? undefined : exceptionOf(outcome, whole.reversePath.address);
    if (error !== undefined && closedInFront(outcome) && lane !== undefined && lane.messages > 1) {
      this.#pools[sending.server]?.notes.closedAfter(lane.messages - 1, this.now());
      // Should it be the last word, it is to name all recipients, not those of one part.
      if (!sending.undivided) sending.sum.add(positions, shipped, tls);
      this.returned(sending, error);
      return;
    }
    sending.sum.add(positions, shipped, tls);
    const given = (places: readonly number[]): number[] => places.flatMap((place) => positions[place] ?? []);
    if (whole.content.replayable || contentUntouched(outcome)) {
      const overflow = overflowOf(outcome);
      const temporary = temporaryOf(outcome, {
        error,
        requireAllRecipients: sending.requireAllRecipients,
        unknownToo: this.#settings.retry.unknownToo,
      }).filter((place) => !overflow.includes(place));
      sending.later = inOrder(sending.later, given(overflow));
      sending.deferred = inOrder(sending.deferred, given(temporary));
    } else {
      sending.later = sending.deferred = NOTHING;
    }
    this.#proceed(sending);
  }

  /** Nothing was said to this server, which takes less than the message or cannot do what it needs: another one may. */
  failed(sending: Sending, error: SMTPException | MessageError): void {
    this.#settings.pool.bucket?.giveBack();
    const next =
      error instanceof SMTPException && this.#mayGoOn(sending) ? this.#order.choose(sending.tried) : undefined;
    if (next === undefined) {
      this.#attemptFailed(sending, error);
      return;
    }
    sending.aimAt(everybodyOf(sending));
    sending.later = sending.deferred = NOTHING;
    this.#queueAt(sending, next);
  }

  returned(sending: Sending, cause: Error): void {
    sending.returns += 1;
    this.#settings.pool.bucket?.giveBack();
    if (this.#mayGoOn(sending) && sending.returns <= MAX_RETURNS) this.#queueFirst(sending);
    else this.#attemptFailed(sending, cause);
  }

  /** A pool has given up on its server: to the next one, or the attempt is over. */
  #unserved(number: number, sendings: readonly Sending[], error: Error): void {
    this.#order.died(number);
    for (const sending of sendings) {
      if (sending.state !== 'queued') continue;
      const next = this.#order.choose(sending.tried);
      if (next === undefined) this.#attemptFailed(sending, error);
      else {
        if (isRetryable(error)) sending.unreached = error;
        this.#queueAt(sending, next);
      }
    }
  }

  /** Nothing came of an attempt at its last server. What another one of them may do later outweighs what this one never will. */
  #attemptFailed(sending: Sending, cause: Error): void {
    const error = this.#endOf(sending) ?? (isRetryable(cause) ? cause : (sending.unreached ?? cause));
    sending.error = error;
    const again = (isRetryable(error) || wasPutOff(sending)) && this.#mayGoOn(sending);
    if (again && sending.attempt < this.#settings.retry.attempts) this.#rest(sending, everybodyOf(sending));
    else this.#conclude(sending);
  }

  #proceed(sending: Sending): void {
    const { later, deferred } = sending;
    if (!this.#mayGoOn(sending) || (later.length === 0 && deferred.length === 0)) {
      this.#conclude(sending);
      return;
    }
    if (later.length > 0) {
      sending.aimAt(later);
      sending.later = NOTHING;
      this.#queueFirst(sending);
      return;
    }
    // What may have been delivered is not tried elsewhere, only once more, where the caller asked for that.
    const unknown = deferred.some((position) => sending.sum.recipients[position]?.status === 'unknown');
    const next = unknown ? undefined : this.#order.choose(sending.tried);
    if (next !== undefined) {
      sending.aimAt(deferred);
      sending.deferred = NOTHING;
      this.#queueAt(sending, next);
    } else if (sending.attempt < this.#settings.retry.attempts) {
      this.#rest(sending, deferred);
    } else {
      this.#conclude(sending);
    }
  }

  /** Waits for the next attempt, for those recipients. */
  #rest(sending: Sending, positions: readonly number[]): void {
    let pauseMs: number;
    try {
      pauseMs = pauseOf(this.#settings.retry, sending.attempt);
    } catch (error) {
      sending.error = error as Error;
      this.#conclude(sending);
      return;
    }
    sending.aimAt(positions);
    sending.later = sending.deferred = NOTHING;
    // What the next attempt fails with is its own.
    sending.error = sending.unreached = undefined;
    sending.attempt += 1;
    sending.tried = [];
    this.#enter(sending, 'resting');
    sending.restTimer = this.#settings.pool.clock.after(pauseMs, () => {
      sending.restTimer = undefined;
      this.#route(sending);
    });
  }

  #mayGoOn(sending: Sending): boolean {
    const { signal, deadline } = sending.limits;
    if (this.#abandoned || signal?.aborted === true || sending.cancelled) return false;
    return deadline === undefined || this.now() < deadline.atMs;
  }

  /** The caller's own end of it, which says more than what the connection came to. */
  #endOf({ limits: { signal, deadline }, tally }: Sending): SMTPException | undefined {
    const known = tally?.recipients ?? [];
    if (signal?.aborted === true) return abortedError(signal.reason, known);
    if (deadline !== undefined && this.now() >= deadline.atMs) return lateError(deadline.timeoutMs, known);
    return undefined;
  }

  // ---- the way out -------------------------------------------------------------------------------------------------

  /** Ends it where it waits. What is on a connection ends by its own limits. */
  #stop(sending: Sending, errorOf: (known: readonly RecipientResult[]) => SMTPException): void {
    if (sending.state === 'running' || sending.state === 'settled') return;
    if (sending.state === 'waiting') this.#waiting.remove(sending.place);
    if (sending.state === 'queued') this.#pools[sending.server]?.remove(sending);
    sending.restTimer?.cancel();
    const { tally } = sending;
    const decided = tally?.recipients.some(({ status }) => status === 'accepted' || status === 'unknown') === true;
    const error = errorOf(tally?.recipients ?? []);
    sending.error = error;
    if (decided) this.#conclude(sending);
    else this.#reject(sending, error);
  }

  /** Nothing more will be tried. */
  #conclude(sending: Sending): void {
    const { tally, error } = sending;
    if (tally === undefined) {
      this.#reject(sending, error ?? closedError());
      return;
    }
    if (error !== undefined && tally.someAccepted) {
      const code = isPosthasteError(error) ? error.code : 'ERR_UNKNOWN';
      tally.warn({ code, message: `not all recipients were tried to the end: ${error.message}` });
    }
    const doubtful = tally.recipients.filter(({ status }) => status === 'unknown').length;
    if (doubtful > 0 && tally.someAccepted) {
      const message = `${String(doubtful)} of ${String(tally.recipients.length)} recipients may have got the message or not: see recipients`;
      tally.warn({ code: 'WARN_DELIVERY_UNKNOWN', message });
    }
    const outcome = tally.outcome();
    const { reversePath, forwardPaths } = sending.whole;
    const envelope = { from: reversePath.address, to: forwardPaths.map(({ address }) => address) };
    this.#resolveWith(sending, () => settle(outcome, this.#facts(sending, tally, tally.timing, tally.tls, envelope)));
  }

  #facts(
    sending: Sending,
    { sizeBytes, warnings }: Pick<Shipped, 'sizeBytes' | 'warnings'>,
    timing: OpenTiming,
    tls: TlsInfo | undefined,
    envelope: Envelope,
  ): Parameters<typeof settle>[1] {
    const nowMs = this.now();
    timing.queued = sending.waitedMs(nowMs);
    timing.total = nowMs - sending.calledAtMs;
    return {
      envelope,
      messageId: sending.prepared?.messageId,
      sizeBytes,
      tls,
      warnings,
      timing,
    };
  }

  #resolveWith(sending: Sending, resultOf: () => SendResult): void {
    let result: SendResult;
    try {
      result = resultOf();
    } catch (error) {
      this.#reject(sending, error);
      return;
    }
    // Not asked for a failure, which has no place for them: they are told once.
    const told = this.#pools[sending.server]?.notes.takeWarnings() ?? [];
    if (told.length > 0) result = { ...result, warnings: [...result.warnings, ...told] };
    this.#leave(sending);
    sending.tracer.settled((trace) => {
      Object.assign(trace, {
        ...this.#summaryOf(sending, result.recipients),
        sizeBytes: result.sizeBytes,
        timing: result.timing,
      });
    });
    sending.resolve(result);
    this.#afterSettled();
  }

  #reject(sending: Sending, cause: unknown): void {
    const error = sourceError(cause);
    const nowMs = this.now();
    const timing = { queued: sending.waitedMs(nowMs), total: nowMs - sending.calledAtMs };
    this.#leave(sending);
    sending.tracer.settled((trace) => {
      const recipients = error instanceof SMTPException ? error.recipients : [];
      Object.assign(trace, {
        ...this.#summaryOf(sending, recipients),
        timing,
        error: errorTrace(error),
      });
    });
    sending.reject(error);
    this.#afterSettled();
  }

  #summaryOf(sending: Sending, recipients: SendResult['recipients']): Partial<SendTrace> {
    const server = this.#settings.servers[sending.server]?.trace;
    return summaryOf(sending, { server, recipients, withEnvelope: this.#settings.traceRecipients });
  }

  #leave(sending: Sending): void {
    sending.deadlineTimer?.cancel();
    sending.unlisten?.();
    this.#active.remove(sending.membership);
    this.#enter(sending, 'settled');
  }

  #afterSettled(): void {
    if (!this.#closing) return;
    for (const pool of this.#pools) pool.settleDown();
    this.#onSettled?.();
  }
}

function isAccepted({ status }: { readonly status: string }): boolean {
  return status === 'accepted';
}

function isRetryable(error: Error): boolean {
  return isPosthasteError(error) && error.retryable;
}

/** All who are still to be sent to. */
function everybodyOf({ positions, later, deferred }: Sending): readonly number[] {
  return inOrder(inOrder(positions, later), deferred);
}

/** Whether another server of this attempt has refused one of them for now. */
function wasPutOff({ tally, positions }: Sending): boolean {
  return positions.some((position) => {
    const { status, reply } = tally?.recipients[position] ?? {};
    return status === 'refused' && reply !== undefined && reply.code < 500;
  });
}

function inOrder(some: readonly number[], others: readonly number[]): readonly number[] {
  if (others.length === 0) return some;
  return [...new Set([...some, ...others])].sort((a, b) => a - b);
}
