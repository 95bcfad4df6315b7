/** What Redis says becomes an error of the outbox: whether there is no room, or something else is wrong. */
import { isPosthasteError } from '../index.js';
import { OutboxError } from '../outbox/parts.js';

/** Out of memory with noeviction; and what Redis says when its own disk is full. */
const NO_ROOM = /^(?:OOM|MISCONF)\b|No space left on device/;

/** Errors of this package are left as they are. */
export function storeErrorOf(error: unknown): unknown {
  if (isPosthasteError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const isFull = NO_ROOM.test(message);
  return new OutboxError(`Redis did not take the message: ${message}`, {
    code: isFull ? 'ERR_OUTBOX_FULL' : 'ERR_OUTBOX_STORE',
    retryable: isFull,
    hint: isFull
      ? 'Make room; nothing that is queued is lost.'
      : 'It may be in the queue all the same: enqueue it again with its key.',
    cause: error,
  });
}
