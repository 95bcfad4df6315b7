/** A caller who has given up waits no longer; what was begun goes on. */
import { SMTPAbortedError } from '../index.js';

/** Throws SMTPAbortedError. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal.reason);
}

/** Rejects with SMTPAbortedError when the signal fires first. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortedError(signal.reason));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

function abortedError(reason: unknown): SMTPAbortedError {
  return new SMTPAbortedError('the wait for the outbox was aborted', { cause: reason });
}
