/** The event that tells of a record. */
import type { OutboxEvent } from './events.js';
import { entryOf } from './record.js';
import type { OutboxRecord } from './store.js';

/** Of a record that has just been written. Nobody is told that an entry is `sending`. */
export function eventOf(record: OutboxRecord): OutboxEvent {
  const { state, id, failure } = record;
  if (state === 'quarantined') return { type: 'quarantined', id, reason: failure?.message ?? '' };
  if (state === 'sending') throw new Error('an entry that is being sent is no event');
  return { type: state, entry: entryOf(record) };
}
