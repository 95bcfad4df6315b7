/**
 * Ctrl-C. Content that is on its way is waited for, because giving up on it leaves its fate unknown; everything else ends at
 * once. A second Ctrl-C ends everything.
 */
import type { Io } from './io.js';

/** Aborts `stop` when the work is to end at once. `ignore()` ends the watch. */
export function watchInterruption(
  io: Pick<Io, 'finish' | 'stop' | 'stderr'>,
  stop: AbortController,
  contentUnderWay: () => boolean,
): { ignore(): void } {
  const finish = (): void => {
    if (!contentUnderWay()) {
      stop.abort(io.finish.reason);
      return;
    }
    const note =
      'posthaste: waiting for the answer to the message that is on its way. Interrupt again to give it up.\n';
    io.stderr.write(note).catch(() => undefined);
  };
  const end = (): void => {
    stop.abort(io.stop.reason);
  };
  io.finish.addEventListener('abort', finish);
  io.stop.addEventListener('abort', end);
  return {
    ignore: () => {
      io.finish.removeEventListener('abort', finish);
      io.stop.removeEventListener('abort', end);
    },
  };
}
