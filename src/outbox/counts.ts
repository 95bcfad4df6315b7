/** The states by name, and a count for each. */
import type { OutboxState } from './entry.js';

export const OUTBOX_STATES = [
  'queued',
  'sending',
  'deferred',
  'sent',
  'partial',
  'failed',
  'unknown',
  'cancelled',
  'quarantined',
] as const satisfies readonly OutboxState[];

export function noCounts(): Record<OutboxState, number> {
  return {
    queued: 0,
    sending: 0,
    deferred: 0,
    sent: 0,
    partial: 0,
    failed: 0,
    unknown: 0,
    cancelled: 0,
    quarantined: 0,
  };
}
