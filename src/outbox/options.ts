/** What a caller may set about an outbox and about each message. Types only: resolve-options.ts checks them and fills in what is missing. */
import type {
  DkimKey,
  DsnOptions,
  EnvelopeOptions,
  EsmtpParams,
  Sendable,
  SendMessageOptions,
  SendResult,
  SerializeOptions,
} from '../index.js';
import type { OutboxState } from './entry.js';
import type { OutboxStore } from './store.js';

/** What the outbox sends with: a Mailer, or anything that sends as it does. */
export interface OutboxMailer {
  send(message: Uint8Array, options: SendMessageOptions): Promise<SendResult>;
  /** How it tries again by itself, where it tells. */
  readonly retry?: { readonly onUnknown?: 'never' | 'retry' | undefined } | undefined;
}

/** Times are milliseconds. */
export interface OutboxOptions {
  /** Sends what is due, once `start()` was called. Without one the outbox can be filled, looked at and managed. */
  mailer?: OutboxMailer;
  /** A store, or the folder of an LMDB store (npm `lmdb`), which is made when it is not there. */
  store: string | OutboxStore;
  /**
   * What becomes of a message whose content left and was not answered. `hold`: it waits as `unknown` until somebody decides
   * (at most once). `retry`: it is sent again, and may arrive twice (at least once). Default `hold`.
   */
  onUnknown?: 'hold' | 'retry';
  /** How long a finished entry, and with it its key, is kept. Default 7 days. */
  retentionMs?: number;
  /** How long a message is tried, from its enqueueing on, unless it says otherwise. Default 5 days (RFC 5321 section 4.5.4.1). */
  expiresAfterMs?: number;
  /** How long to wait behind attempt 1, 2, ... Default: a minute, doubled each time, at most 4 hours, up to a fifth taken off or added at random. */
  backoffMs?: (attempt: number) => number;
  /** How long a process may give no sign of life before another one takes its entries over. Default 30,000. */
  leaseMs?: number;
  /** How often to look for what other processes have enqueued. Default 1,000. */
  pollMs?: number;
  /** Told when the store fails while nobody waits for an answer; the outbox goes on trying. Default: a warning of the process. */
  onError?: (error: unknown) => void;
  /** The largest content that is taken in, in octets. Default 50 MiB. */
  maxMessageBytes?: number;
}

export interface EnqueueOptions {
  /** The caller's own name for the message: enqueueing it again under the same key gives the entry that there is. Up to 500 octets. */
  key?: string;
  /** Not before that moment; a number is milliseconds since the Unix epoch. */
  notBefore?: Date | number;
  /** No attempt behind that moment. Default: `expiresAfterMs` from now, or from `notBefore`. */
  expires?: Date | number;
  /** A whole number from -100 to 100: higher goes first. Default 0. */
  priority?: number;
  /** Replaces the sender of the envelope that the message names. */
  from?: string;
  /** Replaces the recipients of the envelope that the message names. */
  to?: string | readonly string[];
  dsn?: DsnOptions;
  requireTls?: boolean;
  /** Sends nothing unless every recipient is accepted. Default false. */
  requireAllRecipients?: boolean;
  mailOptions?: EsmtpParams;
  rcptOptions?: EsmtpParams;
  /** Signs the message when it is enqueued. */
  dkim?: DkimKey | readonly DkimKey[];
  envelopeOptions?: EnvelopeOptions;
  serializeOptions?: SerializeOptions;
  /** Gives up waiting. What was handed to the store by then may have been written all the same: use a key. */
  signal?: AbortSignal;
}

/** One of `enqueueAll()`. */
export interface EnqueueItem extends Omit<EnqueueOptions, 'signal'> {
  message: Sendable;
}

export interface StartOptions {
  /** How many messages may be in hand at a time. Default 5. */
  concurrency?: number;
}

export interface ListOptions {
  state?: OutboxState;
  /** Begins behind the entry of that id. */
  after?: string;
  /** Default: all. */
  limit?: number;
}

export interface PurgeOptions {
  /** Those that came to their end at least so long ago. Default 0. */
  olderThanMs?: number;
  /** Default: `sent`, `partial`, `failed` and `cancelled`. `unknown` and `quarantined` only when they are named. */
  states?: readonly OutboxState[];
}

export interface EventsOptions {
  /** How many events may wait to be taken; the oldest are dropped, and counted. Default 1,000. */
  bufferSize?: number;
  /** Ends the iteration. */
  signal?: AbortSignal;
}
