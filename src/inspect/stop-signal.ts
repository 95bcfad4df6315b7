/** The caller's AbortSignal and deadline as one. One rule: whatever is waited for ends when either of them fires, and leaves nothing behind. */
import { setImmediate } from 'node:timers/promises';
import { InspectError } from './inspect-error.js';
import type { ResolvedOptions } from './inspect-options.js';

export class StopSignal {
  /** Rejects when the work is to stop. It never resolves, and need not be waited for. */
  readonly stopped: Promise<never>;
  #error: InspectError | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #release: () => void;

  constructor({ signal, deadlineMs }: Pick<ResolvedOptions, 'signal' | 'deadlineMs'>) {
    let reject: (error: InspectError) => void = () => undefined;
    this.stopped = new Promise<never>((_resolve, rejectPromise) => {
      reject = rejectPromise;
    });
    this.stopped.catch(() => undefined);
    const stop = (error: InspectError): void => {
      this.#error ??= error;
      reject(error);
    };
    const abort = (): void => {
      stop(new InspectError('the inspection was aborted', { code: 'ERR_ABORTED', cause: signal?.reason }));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    this.#release = () => {
      signal?.removeEventListener('abort', abort);
    };
    if (deadlineMs !== undefined) {
      this.#timer = setTimeout(() => {
        const message = `the inspection took longer than ${String(deadlineMs)} ms`;
        stop(new InspectError(message, { code: 'ERR_TIMEOUT', hint: 'Give a greater deadlineMs, or leave it out.' }));
      }, deadlineMs);
    }
  }

  /** Throws when the work is to stop. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Lets everything else run for a moment, signals and timers too. */
  async pause(): Promise<void> {
    await setImmediate();
    this.check();
  }

  /** Lets go of timer and signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#release();
  }
}
