/**
 * How long to let a server be that could not be reached. The first failure costs no pause: a server that restarts is back at once.
 * Messages that wait for their only chance are not kept waiting long; connections that would only be more of them can wait.
 */

const LONGEST_PAUSE_MS = 2_000;
const LONGEST_GROWTH_PAUSE_MS = 30_000;

/** `failures`: dials in a row that came to nothing. `served`: another connection to this server is alive. */
export function dialPauseMs(failures: number, served: boolean): number {
  if (failures === 0) return 0;
  if (served) return Math.min(1_000 * 2 ** (failures - 1), LONGEST_GROWTH_PAUSE_MS);
  return failures === 1 ? 0 : Math.min(100 * 2 ** (failures - 2), LONGEST_PAUSE_MS);
}
