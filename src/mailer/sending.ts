/**
 * One message on its way: what of it is still to be sent, what became of the rest, and the promise that is settled once. It is the
 * job that a lane runs; what follows a transaction is the dispatcher's to say.
 */
import type { MessageError, SMTPException } from '../errors.js';
import { distinctPaths } from '../client/distinct-paths.js';
import type { Limits } from '../client/limits.js';
import type { PreparedMessage } from '../client/send-message.js';
import type { CallOptions, Shipment, Shipped } from '../client/sendmail.js';
import type { SendResult, TlsInfo } from '../types.js';
import type { Timer } from './clock.js';
import type { SendTracer } from './diagnostics.js';
import type { LaneJob, OpenLane } from './lane.js';
import type { PoolItem } from './pool.js';
import type { Place } from './queue.js';
import { firstBatch } from './split.js';
import { Tally } from './tally.js';

/**
 * preparing: the message is read; waiting: for a place in the queue; queued: for a connection; running: on one; resting: for its
 * next attempt.
 */
export type SendingState = 'preparing' | 'waiting' | 'queued' | 'running' | 'resting' | 'settled';

/** A send as its caller holds it. */
export interface Submitted {
  readonly result: Promise<SendResult>;
  /** Gives it up, unless it is on a connection: then it is settled, but not tried again. */
  cancel(): void;
}

/** Who decides what comes next. */
export interface SendingOwner {
  now(): number;
  cancelled(sending: Sending): void;
  began(sending: Sending): void;
  shipped(sending: Sending, shipped: Shipped, tls: TlsInfo | undefined): void;
  failed(sending: Sending, error: SMTPException | MessageError): void;
  returned(sending: Sending, cause: Error): void;
}

export class Sending implements Submitted, LaneJob, PoolItem {
  readonly limits: Limits;
  readonly calledAtMs: number;
  readonly tracer: SendTracer;
  /** Settled once, whatever is called twice. */
  readonly result: Promise<SendResult>;
  /** Nobody wants it any more: it is not tried again. */
  cancelled = false;
  state: SendingState = 'preparing';
  prepared: PreparedMessage | undefined;
  /** Its tries so far, the one under way included. */
  attempt = 1;
  /** Where it was tried in this attempt, as the numbers of the servers. */
  tried: number[] = [];
  /** Where it is queued or running. */
  server = -1;
  lane: OpenLane | undefined;
  /** Where it waits, for room in the queue or for a connection. */
  place: Place | undefined;
  /** Its place among all that are not settled. */
  membership: Place | undefined;
  /** How often a lane gave it back. */
  returns = 0;
  /** Undefined while there was no transaction: most messages have one, which needs no sum. */
  tally: Tally | undefined;
  /** What an attempt failed with that never came to a transaction. */
  error: Error | undefined;
  /** Why a server of this attempt was passed by that may be there for the next one. */
  unreached: Error | undefined;
  /** To be sent in a further transaction of this attempt. */
  later: readonly number[] = [];
  /** To be tried again in the next attempt. */
  deferred: readonly number[] = [];
  /** Time spent waiting, up to the transaction under way. */
  queuedMs = 0;
  sinceMs: number;
  deadlineTimer: Timer | undefined;
  restTimer: Timer | undefined;
  unlisten: (() => void) | undefined;
  readonly #owner: SendingOwner;
  readonly #options: CallOptions;
  /** Positions of the recipients of the next transaction; undefined: all of them. */
  #positions: readonly number[] | undefined;
  #namesNobodyTwice: boolean | undefined;
  #shipment: Shipment | undefined;
  #jobOptions: CallOptions | undefined;
  #resolve: (result: SendResult) => void = ignore;
  #reject: (error: unknown) => void = ignore;

  constructor(owner: SendingOwner, options: CallOptions, limits: Limits, tracer: SendTracer) {
    this.#owner = owner;
    this.#options = options;
    this.limits = limits;
    this.tracer = tracer;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.calledAtMs = this.sinceMs = owner.now();
  }

  get whole(): Shipment {
    if (this.prepared === undefined) throw new Error('the message was not prepared');
    return this.prepared.shipment;
  }

  get requireAllRecipients(): boolean {
    return this.#options.requireAllRecipients ?? false;
  }

  /** Positions of the recipients of the transaction under way, or of the next one. */
  get positions(): readonly number[] {
    return this.#positions ?? [...this.whole.forwardPaths.keys()];
  }

  /** Whether the transaction is for all recipients, as most are. */
  get undivided(): boolean {
    return this.#positions === undefined;
  }

  cancel(): void {
    this.cancelled = true;
    this.#owner.cancelled(this);
  }

  resolve(result: SendResult): void {
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#reject(error);
  }

  /** Time spent waiting so far. What runs waits for nobody. */
  waitedMs(nowMs: number): number {
    return this.state === 'running' ? this.queuedMs : this.queuedMs + nowMs - this.sinceMs;
  }

  /** Who is next. */
  aimAt(positions: readonly number[]): void {
    this.#positions = positions;
  }

  /** The sum of its transactions, begun when it is needed. */
  get sum(): Tally {
    this.tally ??= new Tally(this.whole.forwardPaths.map(({ address }) => address));
    return this.tally;
  }

  // ---- as an item of a pool ----------------------------------------------------------------------------------------

  /** What can be read once waits in the queue, where it can still go another way. */
  get mayRide(): boolean {
    return this.whole.content.replayable;
  }

  begin(lane: OpenLane): LaneJob {
    const nowMs = this.#owner.now();
    this.queuedMs += nowMs - this.sinceMs;
    this.sinceMs = nowMs;
    this.lane = lane;
    this.#takeBatch(lane);
    this.#cut();
    this.#owner.began(this);
    return this;
  }

  /** No more recipients than the server announced. All or nothing is not cut, nor is what can be read only once. */
  #takeBatch(lane: OpenLane): void {
    if (!lane.extensions.has('limits') || this.requireAllRecipients || !this.whole.content.replayable) return;
    const { limits } = lane.extensions;
    const { forwardPaths } = this.whole;
    const { positions } = this;
    // A long list is cut many times: where nobody stands in it twice, no more of it is looked at than has room.
    this.#namesNobodyTwice ??= distinctPaths(forwardPaths).paths === forwardPaths;
    const byCount = this.#namesNobodyTwice && limits.recipientDomains === undefined;
    const looked = byCount ? positions.slice(0, limits.recipients) : positions;
    const behind = positions.slice(looked.length);
    const paths = looked.flatMap((position) => forwardPaths[position] ?? []);
    const batch = firstBatch(paths, limits);
    if (batch.later.length === 0 && behind.length === 0) return;
    const given = (places: readonly number[]): number[] => places.flatMap((place) => looked[place] ?? []);
    this.later = [...given(batch.later), ...behind, ...this.later];
    this.#positions = given(batch.now);
  }

  /** The shipment and the options for some of the recipients; the caller's functions still get the numbers that they know. */
  #cut(): void {
    const positions = this.#positions;
    if (positions === undefined || positions.length === this.whole.forwardPaths.length) {
      this.#shipment = this.whole;
      this.#jobOptions = this.#options;
      return;
    }
    const all = this.whole.forwardPaths;
    const forwardPaths = positions.flatMap((position) => all[position] ?? []);
    this.#shipment = { ...this.whole, forwardPaths };
    const options: CallOptions = { ...this.#options };
    const { rcptOptions, beforeContent } = options;
    if (typeof rcptOptions === 'function') {
      options.rcptOptions = (recipient, index) => rcptOptions(recipient, positions[index] ?? index);
    }
    if (beforeContent !== undefined) {
      options.beforeContent = async ({ envelope, recipients }) => {
        await beforeContent({
          envelope,
          recipients: recipients.map((result) => ({ ...result, index: positions[result.index] ?? result.index })),
        });
      };
    }
    this.#jobOptions = options;
  }

  // ---- as a job of a lane ------------------------------------------------------------------------------------------

  get shipment(): Shipment {
    return this.#shipment ?? this.whole;
  }

  get options(): CallOptions {
    return this.#jobOptions ?? this.#options;
  }

  shipped(shipped: Shipped, tls: TlsInfo | undefined): void {
    if (this.state === 'running') this.#owner.shipped(this, shipped, tls);
  }

  failed(error: SMTPException | MessageError): void {
    if (this.state === 'running') this.#owner.failed(this, error);
  }

  returned(cause: Error): void {
    if (this.state === 'running') this.#owner.returned(this, cause);
  }
}

function ignore(): void {
  // The executor of a promise runs at once, and puts the real functions in place.
}
