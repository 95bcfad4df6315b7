/** What LMDB says went wrong, in the outbox's words. */
import { statfs } from 'node:fs/promises';
import { OutboxError } from './outbox-error.js';

/** MDB_MAP_FULL, and the numbers of EFBIG, ENOSPC and EDQUOT. */
const NO_ROOM: ReadonlySet<unknown> = new Set([-30792, 27, 28, 122]);
const NO_ROOM_TEXT = /MDB_MAP_FULL|No space left|ENOSPC|File too large|Disk quota/i;
/** What LMDB makes of a write that was cut short: by a disk that fails, and by one that is full. */
const EIO = 5;
const FULL_BELOW_OCTETS = 1_048_576;

/** A failed commit says why in a promise of its own, which nobody else looks at. */
export async function storeErrorOf(error: unknown, path: string): Promise<OutboxError> {
  if (error instanceof OutboxError) return error;
  const cause = await causeOf(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as { code?: unknown } | undefined)?.code;
  const isFull = NO_ROOM.has(code) || NO_ROOM_TEXT.test(message) || (code === EIO && (await isDiskFull(path)));
  return new OutboxError(`the outbox in ${path} ${isFull ? 'has no room left' : 'failed'}: ${message}`, {
    code: isFull ? 'ERR_OUTBOX_FULL' : 'ERR_OUTBOX_STORE',
    retryable: isFull,
    hint: isFull
      ? 'Nothing was written. Make room on its disk, or purge what is over.'
      : 'Nothing is known to be written. Look at the disk, and at who may write there.',
    cause,
  });
}

async function isDiskFull(path: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize < FULL_BELOW_OCTETS;
  } catch {
    return false;
  }
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
