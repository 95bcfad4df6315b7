/** A point in time up to which something may take, however many pieces it comes in: a drip of octets does not move it. */

export interface Deadline {
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  /** What the caller allowed, for messages. */
  readonly timeoutMs: number;
}

/** The nearer of a stage's time-out, counted from now, and the deadline of the whole send. */
export function deadlineIn(timeoutMs: number, overall?: Deadline): Deadline {
  const atMs = performance.now() + timeoutMs;
  return overall !== undefined && overall.atMs < atMs ? overall : { atMs, timeoutMs };
}
