/** What LMDB says went wrong, in the outbox's words. */
import { OutboxError } from './outbox-error.js';

/** MDB_MAP_FULL, and the numbers of ENOSPC and EDQUOT. */
const NO_ROOM: ReadonlySet<unknown> = new Set([-30792, 28, 122]);
const NO_ROOM_TEXT = /MDB_MAP_FULL|No space left|ENOSPC|Disk quota/i;

/** A failed commit says why in a promise of its own, which nobody else looks at. */
export async function storeErrorOf(error: unknown, path: string): Promise<OutboxError> {
  if (error instanceof OutboxError) return error;
  const cause = await causeOf(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  const isFull = NO_ROOM.has((cause as { code?: unknown } | undefined)?.code) || NO_ROOM_TEXT.test(message);
  return new OutboxError(`the outbox in ${path} ${isFull ? 'has no room left' : 'failed'}: ${message}`, {
    code: isFull ? 'ERR_OUTBOX_FULL' : 'ERR_OUTBOX_STORE',
    retryable: isFull,
    hint: isFull
      ? 'Nothing was written. Make room on its disk, or purge what is over.'
      : 'Nothing is known to be written. Look at the disk, and at who may write there.',
    cause,
  });
}

async function causeOf(error: unknown): Promise<unknown> {
  const said = (error as { commitError?: unknown } | undefined)?.commitError;
  if (!(said instanceof Promise)) return error;
  const reason = said.then(
    () => error,
    (why: unknown) => why,
  );
  // It is settled by now, if it ever is.
  const later = new Promise<unknown>((resolve) => {
    setImmediate(resolve, error);
  });
  return await Promise.race([reason, later]);
}
