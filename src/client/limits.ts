/** What bounds a call beside the time-out of each stage: the caller's signal, and the deadline of the whole send. */
import type { Deadline } from '../io/deadline.js';

export interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly deadline: Deadline | undefined;
}

/** The time-out of a stage in milliseconds, no longer than what is left of the whole send. */
export function timeLeft(timeoutMs: number, limits: Limits): number {
  if (limits.deadline === undefined) return timeoutMs;
  return Math.max(1, Math.min(timeoutMs, limits.deadline.atMs - performance.now()));
}
