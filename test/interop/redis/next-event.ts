// Events of an outbox, waited for one by one.
import type { OutboxEntry, OutboxEvent, OutboxEvents } from '../../../src/outbox/index.js';

/** The entry of the next event of that type. */
export async function until(events: OutboxEvents, type: OutboxEvent['type']): Promise<OutboxEntry> {
  for await (const event of unended(events)) {
    if (event.type === type && 'entry' in event) return event.entry;
  }
  throw new Error('the events ended');
}

/** A loop that is left does not end them. */
function unended(events: OutboxEvents): AsyncIterable<OutboxEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) };
}
