/** A sleep that ends early when there is something to do. One rule: a call of `wake()` is never missed, also when nobody sleeps yet. */
import type { OutboxEnvironment } from './environment.js';

export class WakeUp {
  readonly #environment: Pick<OutboxEnvironment, 'after'>;
  #awake = false;
  #end: (() => void) | undefined;

  constructor(environment: Pick<OutboxEnvironment, 'after'>) {
    this.#environment = environment;
  }

  wake(): void {
    this.#awake = true;
    this.#end?.();
  }

  /** Sleeps for so long at most; not at all when it was woken since the last sleep. One sleeper at a time. */
  async sleep(forMs: number): Promise<void> {
    if (!this.#awake && forMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#environment.after(forMs, resolve, true);
        this.#end = () => {
          timer.cancel();
          resolve();
        };
      });
      this.#end = undefined;
    }
    this.#awake = false;
  }
}
