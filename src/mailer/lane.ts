/**
 * A lane is one open connection that runs jobs. It settles every job it was given exactly once, and asks for the next one at the
 * moment at which it can be written. Which job that is, and on which lane, is the pool's to say.
 */
import { SMTPAbortedError, SMTPServerDisconnected, SMTPTimeoutError } from '../errors.js';
import type { MessageError, SMTPException } from '../errors.js';
import { Conversation, type Dialect } from '../client/conversation.js';
import { establish } from '../client/establish.js';
import type { Limits } from '../client/limits.js';
import type { ResolvedOptions } from '../client/options.js';
import { ship, type CallOptions, type Shipment, type Shipped } from '../client/sendmail.js';
import type { Extensions } from '../protocol/extensions.js';
import type { Outcome } from '../protocol/transaction.js';
import type { TlsInfo } from '../types.js';

/** Where a lane connects to. */
export type LaneTarget = Parameters<Conversation['open']>[0];

/** One message for a lane. Exactly one of the three callbacks is called, once. */
export interface LaneJob {
  readonly shipment: Shipment;
  readonly options: CallOptions;
  readonly limits: Limits;
  /** A transaction was begun; its outcome says what became of the message. */
  shipped(shipped: Shipped, tls: TlsInfo | undefined): void;
  /** Refused by this client in front of MAIL, such as for a missing extension: the session is as it was. */
  failed(error: SMTPException | MessageError): void;
  /** Provably nothing of its content left, through no fault of its own: it may go to another lane at once. */
  returned(cause: Error): void;
}

export interface LaneAnomaly {
  readonly kind: 'refused-behind-content' | 'out-of-step' | 'slow-final' | 'bdat-refused';
  readonly message: string;
}

/** What may be done on a host now. `window`: how many messages may be in flight with BDAT (RFC 3030). */
export interface LanePolicy {
  readonly overlap: 'none' | 'message' | 'session';
  readonly chunking: 'off' | 'safe' | { readonly window: number };
}

/** The pool as a lane sees it. */
export interface LaneFeed {
  /**
   * The next job, asked at the moment at which it can be written. `riding`: it would go out behind a content that is not
   * answered yet. `quit`: nothing will follow, so QUIT may stand in the last group.
   */
  next(lane: OpenLane, riding: boolean): LaneJob | 'quit' | undefined;
  /** Overlap or chunking did not work with this host. */
  anomaly(lane: OpenLane, anomaly: LaneAnomaly): void;
  /** Asked before each decision. */
  policy(lane: OpenLane): LanePolicy;
  /** All its jobs are settled, there was no next one, and it may be given one with `run()`. */
  idle(lane: OpenLane): void;
  /** It will never run a job again, and all its jobs are settled. */
  closed(lane: OpenLane): void;
}

export interface OpenLane {
  /** False when the connection is closed, or must not be used again. */
  readonly usable: boolean;
  readonly idle: boolean;
  /** How many transactions were begun on it. */
  readonly messages: number;
  /** On the clock of `performance.now()`. */
  readonly openedAtMs: number;
  readonly idleSinceMs: number;
  readonly extensions: Extensions;
  readonly tls: TlsInfo | undefined;
  /** Begins with a job; the lane was idle. It asks the feed for more until there is none. */
  run(first: LaneJob): void;
  /** A job was queued: a lane that waits for a final reply may take it now. */
  wake(): void;
  /** QUIT with its time-out, and close. Never throws. */
  quit(): Promise<void>;
  destroy(): void;
}

/** Limits of nobody: the stages' own time-outs hold. */
const NO_LIMITS: Limits = { signal: undefined, deadline: undefined };

export class Lane implements OpenLane {
  readonly openedAtMs = performance.now();
  readonly #conversation: Conversation;
  readonly #feed: LaneFeed;
  #messages = 0;
  #idle = true;
  #idleSinceMs = performance.now();
  #closed = false;

  private constructor(conversation: Conversation, feed: LaneFeed) {
    this.#conversation = conversation;
    this.#feed = feed;
  }

  /** Dials, reads the greeting, says EHLO, encrypts and logs in as the options say. Throws what the client throws. */
  static async open(
    options: ResolvedOptions,
    dialect: Dialect,
    target: LaneTarget,
    feed: LaneFeed,
    limits: Limits,
  ): Promise<Lane> {
    const conversation = new Conversation(options, dialect);
    try {
      await conversation.open(target, limits);
      await establish(conversation, limits);
    } catch (error) {
      conversation.close();
      throw error;
    }
    return new Lane(conversation, feed);
  }

  get usable(): boolean {
    return !this.#closed && this.#conversation.connected;
  }

  get idle(): boolean {
    return this.#idle;
  }

  get messages(): number {
    return this.#messages;
  }

  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  get extensions(): Extensions {
    return this.#conversation.extensions;
  }

  get tls(): TlsInfo | undefined {
    return this.#conversation.tls;
  }

  run(first: LaneJob): void {
    this.#idle = false;
    void this.#work(first);
  }

  wake(): void {
    // Nothing rides here: the next job is asked for when this one is over.
  }

  async quit(): Promise<void> {
    if (this.#closed) return;
    this.#idle = false;
    this.#closed = true;
    try {
      if (this.#conversation.connected) await this.#conversation.exchange('QUIT', 'quit', NO_LIMITS);
    } catch {
      // Whoever says goodbye wants no more of this connection, whatever the answer.
    }
    this.#conversation.close();
    this.#feed.closed(this);
  }

  destroy(): void {
    if (this.#closed) return;
    const busy = !this.#idle;
    this.#closed = true;
    this.#idle = false;
    this.#conversation.close();
    // A job that runs is settled first.
    if (!busy) this.#feed.closed(this);
  }

  async #work(first: LaneJob): Promise<void> {
    let job: LaneJob | 'quit' | undefined = first;
    while (job !== undefined && job !== 'quit') {
      await this.#runOne(job);
      job = this.usable ? this.#feed.next(this, false) : undefined;
    }
    if (!this.usable) {
      this.#closed = true;
      this.#feed.closed(this);
    } else if (job === 'quit') {
      await this.quit();
    } else {
      this.#idle = true;
      this.#idleSinceMs = performance.now();
      this.#feed.idle(this);
    }
  }

  async #runOne(job: LaneJob): Promise<void> {
    const reused = this.#messages > 0;
    const { tls } = this.#conversation;
    let shipped: Shipped;
    try {
      if (!this.usable) throw this.#gone();
      shipped = await ship(this.#conversation, job.shipment, job.options, job.limits);
    } catch (error) {
      if (!this.usable) job.returned(error as Error);
      else job.failed(error as SMTPException | MessageError);
      return;
    }
    this.#messages += 1;
    const cause = reused ? causeOfSilence(shipped.outcome) : undefined;
    if (cause !== undefined) job.returned(cause);
    else job.shipped(shipped, tls);
  }

  #gone(): SMTPServerDisconnected {
    return new SMTPServerDisconnected('the connection was closed while it was idle', {
      stage: 'connect',
      retryable: true,
      hint: 'Connect again.',
    });
  }
}

/**
 * A connection that was open for a while and ends without a word on MAIL was dead before: servers close those that are idle.
 * What is wrong with it says nothing about the message.
 */
function causeOfSilence({ failure, recipients }: Outcome): Error | undefined {
  if (failure?.kind !== 'lost' || failure.stage !== 'mail') return undefined;
  const { cause } = failure;
  const ended = cause instanceof SMTPServerDisconnected;
  if (!ended || cause instanceof SMTPTimeoutError || cause instanceof SMTPAbortedError) return undefined;
  return recipients.every(({ status }) => status === 'not-sent') ? cause : undefined;
}
