/** What the outbox takes from outside: time, timers, chance, and who this process is. Tests put their own in its place. */
import { randomBytes } from 'node:crypto';

export interface OutboxTimer {
  /** Does nothing when it has fired. */
  cancel(): void;
}

export interface OutboxEnvironment {
  /** Milliseconds since the Unix epoch, as the machine's clock says: it may jump. */
  now(): number;
  /** Milliseconds on a clock that never goes back. */
  monotonicNow(): number;
  /** Runs `action` once, so much later. `keepsAlive`: the process does not end before. */
  after(delayMs: number, action: () => void, keepsAlive: boolean): OutboxTimer;
  /** From 0 to below 1. */
  random(): number;
  randomBytes(size: number): Uint8Array;
}

/** Node fires a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemEnvironment: OutboxEnvironment = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  after: (delayMs, action, keepsAlive) => {
    // Rounded up: a timer that fires early would find nothing to do yet.
    const timer = setTimeout(action, Math.min(Math.ceil(Math.max(delayMs, 0)), LONGEST_TIMER_MS));
    if (!keepsAlive) timer.unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
  random: () => Math.random(),
  randomBytes: (size) => randomBytes(size),
};
