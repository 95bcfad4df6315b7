/**
 * Attempts overlap, and exactly one wins: a next one starts at each failure and after each delay, while the earlier ones go
 * on (RFC 8305 section 5). Node's own autoSelectFamily gives an address up after its delay, and so never reaches a far
 * server whose name has several addresses.
 */
export interface Overlap<T> {
  /** Milliseconds until the next attempt starts beside one that has not ended; Infinity: one at a time. */
  readonly delayMs: number;
  /** Ends all attempts; its reason is what the promise rejects with. */
  readonly signal: AbortSignal;
  /** Gets what an attempt gave after another one had won. */
  readonly discard: (late: T) => void;
}

/**
 * Resolves with the first success; the signal given to the other attempts fires then. When all have failed it rejects with
 * an AggregateError whose `errors` are in the order of the attempts.
 */
export async function firstToSucceed<T>(
  attempts: readonly ((signal: AbortSignal) => Promise<T>)[],
  { delayMs, signal, discard }: Overlap<T>,
): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const losers = new AbortController();
    const errors: unknown[] = [];
    let started = 0;
    let failed = 0;
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      end();
      reject(signal.reason as Error);
      losers.abort(signal.reason);
    };
    const failAll = (): void => {
      end();
      reject(new AggregateError(errors, 'every attempt failed'));
    };
    const startNext = (): void => {
      clearTimeout(timer);
      const index = started;
      const attempt = attempts[index];
      if (attempt === undefined) return;
      started += 1;
      attempt(losers.signal).then(
        (value) => {
          if (over) {
            discard(value);
            return;
          }
          end();
          resolve(value);
          losers.abort();
        },
        (error: unknown) => {
          if (over) return;
          errors[index] = error;
          failed += 1;
          if (failed === attempts.length) failAll();
          else startNext();
        },
      );
      if (started < attempts.length && delayMs !== Infinity) timer = setTimeout(startNext, delayMs);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    if (attempts.length === 0) failAll();
    else startNext();
  });
}
