/** Time as the mailer sees it: tests put a clock of their own in its place, and nothing in mailer/ sets a timer but here. */

export interface Timer {
  /** Does nothing when it has fired. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Runs `action` once, `delayMs` from now or a little later. */
  after(delayMs: number, action: () => void): Timer;
}

/** Node fires a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, action) => {
    // Rounded up: a timer that fires early would find nothing to do yet.
    const timer = setTimeout(action, Math.min(Math.ceil(Math.max(delayMs, 0)), LONGEST_TIMER_MS));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};
