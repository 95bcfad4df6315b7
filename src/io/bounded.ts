/**
 * A bounded wait settles: with what the work gave, at the deadline, or at the caller's abort, whichever is first, also when
 * the work ignores its signal. What the work gives too late is handed to `discard`, so that nothing stays open.
 */
import { SMTPAbortedError, SMTPTimeoutError } from '../errors.js';
import type { Stage } from '../types.js';

export const ABORTED_HINT = 'The signal that was given has fired; its reason is the cause of this error.';

export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface BoundedWork<T> {
  readonly stage: Stage;
  /** What is going on, for messages: `connecting to mail.example:25`. */
  readonly activity: string;
  /** What to look at when the time is up. */
  readonly timeoutHint: string;
  /** The signal fires at the deadline and at the caller's abort; its reason is the error that the wait ended with. */
  readonly run: (signal: AbortSignal) => Promise<T>;
  /** Gets what `run` gave after the wait was over. */
  readonly discard: (late: T) => void;
}

/** Node fires a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Throws SMTPTimeoutError, SMTPAbortedError (before `run` is called when the signal has fired already), or what `run` throws. */
export async function bounded<T>(work: BoundedWork<T>, bounds: Bounds): Promise<T> {
  const { stage, activity } = work;
  const { timeoutMs, signal } = bounds;
  const aborted = (): SMTPAbortedError =>
    new SMTPAbortedError(`${activity} was aborted by the caller`, { stage, cause: signal?.reason, hint: ABORTED_HINT });
  if (signal?.aborted === true) throw aborted();
  const limit = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    let over = false;
    const end = (): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const stop = (error: Error): void => {
      end();
      reject(error);
      limit.abort(error);
    };
    const onAbort = (): void => {
      stop(aborted());
    };
    const timer = setTimeout(
      () => {
        const message = `${activity} took longer than ${String(timeoutMs)} ms`;
        stop(new SMTPTimeoutError(message, { stage, timeoutMs, retryable: true, hint: work.timeoutHint }));
      },
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    const run = async (): Promise<T> => await work.run(limit.signal);
    run().then(
      (value) => {
        if (over) {
          work.discard(value);
          return;
        }
        end();
        resolve(value);
      },
      (error: unknown) => {
        if (over) return;
        end();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw goes on as it is
        reject(error);
      },
    );
  });
}
