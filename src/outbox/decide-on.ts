/** Carries out what a person decides about an entry. One rule: the decision holds for the entry as it was read, or is made anew. */
import type { OutboxEnvironment } from './environment.js';
import type { OutboxEvent } from './events.js';
import { eventOf } from './event-of.js';
import { OutboxError } from './outbox-error.js';
import { Owners } from './owners.js';
import type { ResolvedOutboxOptions } from './resolve-options.js';
import type { OutboxRecord, OutboxStore } from './store.js';
import { takeOver } from './take-over.js';

export interface DecideOptions {
  readonly store: OutboxStore;
  readonly environment: OutboxEnvironment;
  readonly settings: ResolvedOutboxOptions;
  readonly emit: (event: OutboxEvent) => void;
}

/** Reads, decides and writes until nobody came in between. Throws the error that `decide` gives, and `ERR_OUTBOX_NO_ENTRY`. */
export async function decideOn(
  id: string,
  decide: (record: OutboxRecord) => OutboxRecord | OutboxError,
  options: DecideOptions,
): Promise<OutboxRecord> {
  const { store, emit } = options;
  for (;;) {
    const record = await store.get(id);
    if (record === undefined) {
      throw new OutboxError(`there is no entry ${JSON.stringify(id)}`, {
        code: 'ERR_OUTBOX_NO_ENTRY',
        hint: 'It may have been purged.',
      });
    }
    if (record.state === 'sending' && (await isReleased(id, options))) continue;
    const next = decide(record);
    if (next instanceof OutboxError) throw next;
    if (!(await store.update(next, record.version))) continue;
    if (next.state === 'cancelled') emit(eventOf(next));
    return next;
  }
}

/** An entry that a dead process has in hand can be decided on. True when it has left its owner's hand. */
async function isReleased(id: string, { store, environment, settings, emit }: DecideOptions): Promise<boolean> {
  const owners = new Owners(store, environment, settings.leaseMs);
  await takeOver(owners, { store, onUnknown: settings.onUnknown, now: () => environment.now(), emit });
  return (await store.get(id))?.state !== 'sending';
}
