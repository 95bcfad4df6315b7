/** What `for await (const event of outbox.events())` yields. Types only. */
import type { OutboxEntry } from './entry.js';

/**
 * One event for each change of an entry that this process made, with the entry as it was then. `deferred`: another attempt will follow;
 * the rest are as the states of the same names. `quarantined`: an entry that cannot be read; `reason` says what is wrong with it.
 */
export type OutboxEvent =
  | {
      readonly type: 'queued' | 'sent' | 'partial' | 'deferred' | 'failed' | 'unknown' | 'cancelled';
      readonly entry: OutboxEntry;
    }
  | { readonly type: 'quarantined'; readonly id: string; readonly reason: string };
