// Events of an outbox, waited for one by one, and not for ever: a test that waits keeps its servers running.
import type { OutboxEntry, OutboxEvent, OutboxEvents } from '../../../src/outbox/index.js';

const LIMIT_MS = 20_000;

/** The entry of the next event of that type; rejects after 20 seconds. */
export async function until(events: OutboxEvents, type: OutboxEvent['type']): Promise<OutboxEntry> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${String(LIMIT_MS)} ms for the event ${type}`));
    }, LIMIT_MS);
  });
  try {
    for (;;) {
      const result = await Promise.race([events.next(), late]);
      if (result.done === true) throw new Error('the events ended');
      if (result.value.type === type && 'entry' in result.value) return result.value.entry;
    }
  } finally {
    clearTimeout(timer);
  }
}
