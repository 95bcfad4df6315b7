/** A wait that a caller can give up. One rule: the work itself goes on; only nobody waits for it any more. */
import { SMTPAbortedError } from '../index.js';

/** Throws SMTPAbortedError, with the signal's reason as its cause, when it has fired. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal.reason);
}

/** Waits no longer than the signal allows. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortedError(signal.reason));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

function abortedError(reason: unknown): SMTPAbortedError {
  return new SMTPAbortedError('the wait for the outbox was aborted', { cause: reason });
}
