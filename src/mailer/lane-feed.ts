/** What a lane and the pool that feeds it say to each other: one job in, exactly one of its three callbacks out. */
import type { Conversation } from '../client/conversation.js';
import type { Limits } from '../client/limits.js';
import type { CallOptions, Shipment, Shipped } from '../client/sendmail.js';
import type { MessageError, SMTPException } from '../errors.js';
import type { Extensions } from '../protocol/extensions.js';
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
  /** QUIT with its time-out, and close; behind what is under way. Never throws. */
  quit(): Promise<void>;
  destroy(): void;
}
