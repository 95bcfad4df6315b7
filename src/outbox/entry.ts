/** An entry of the outbox as callers see it: plain values, a snapshot that does not change. Types only. */
import type { Delivery, Envelope, Reply, Stage } from '../index.js';

/**
 * Where an entry stands.
 *
 * - `queued`: waits for its first attempt. `deferred`: waits for the next one. `sending`: a process has it in hand.
 * - `sent`: every recipient was accepted. `partial`: some were, and for the rest it is over. `failed`: none was, and it is over.
 * - `unknown`: somebody may have got it and may not, and the outbox holds it until `retryNow` or `cancel` says how it goes on.
 * - `cancelled`: given up by the caller. `quarantined`: what the store holds of it cannot be read.
 */
export type OutboxState =
  'queued' | 'sending' | 'deferred' | 'sent' | 'partial' | 'failed' | 'unknown' | 'cancelled' | 'quarantined';

/** What is known about one recipient. `pending`: to be tried, now or later. */
export interface OutboxRecipient {
  readonly address: string;
  readonly status: 'pending' | 'accepted' | 'refused' | 'unknown';
  /** The server's last word on this recipient. */
  readonly reply?: Reply;
}

/** The last thing that went wrong, in words that may be stored. */
export interface OutboxFailure {
  /** Of the error: `ERR_...`. */
  readonly code: string;
  readonly message: string;
  readonly delivery: Delivery;
  readonly stage?: Stage;
  readonly reply?: Reply;
}

/** Times are milliseconds since the Unix epoch, sizes octets. */
export interface OutboxEntry {
  readonly id: string;
  /** The caller's own name for the message. */
  readonly key?: string;
  readonly state: OutboxState;
  /** Higher goes first; 0 when none was given. */
  readonly priority: number;
  readonly envelope: Envelope;
  readonly messageId?: string;
  readonly subject?: string;
  readonly sizeBytes: number;
  readonly recipients: readonly OutboxRecipient[];
  /** How many attempts were begun. */
  readonly attempts: number;
  readonly enqueuedAtMs: number;
  /** Behind this moment there is no further attempt. */
  readonly expiresAtMs: number;
  /** When the next attempt is due; absent when there is none to come. */
  readonly nextAttemptAtMs?: number;
  /** When the last attempt ended. */
  readonly attemptedAtMs?: number;
  /** When it came to its end (`sent`, `partial`, `failed`, `cancelled`). */
  readonly finishedAtMs?: number;
  readonly failure?: OutboxFailure;
}
