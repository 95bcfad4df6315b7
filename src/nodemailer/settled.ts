/** Both styles of asking: a promise, or a callback. One rule: a callback is called once, and what it throws is its own. */

/** The promise where there is no callback. */
export function settled<T>(
  promise: Promise<T>,
  callback: ((error: Error | null, value?: T) => void) | undefined,
): Promise<T> | undefined {
  if (callback === undefined) return promise;
  promise.then(
    (value) => {
      queueMicrotask(() => {
        callback(null, value);
      });
    },
    (error: unknown) => {
      queueMicrotask(() => {
        callback(error as Error);
      });
    },
  );
  return undefined;
}
