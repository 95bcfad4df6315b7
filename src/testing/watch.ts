/** Waits for a condition while things happen, and gives up when nothing does. */
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

export class Watch {
  readonly #watchers = new Set<() => void>();
  #changes = 0;
  #closed = false;

  /** Something happened: every condition is asked again. */
  changed(): void {
    this.#changes += 1;
    for (const look of [...this.#watchers]) look();
  }

  /** Nothing more will happen: every wait ends. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /** True as soon as the condition holds; false when nothing has changed for `idleMs`. */
  async until(condition: () => boolean, idleMs: number): Promise<boolean> {
    for (;;) {
      const before = this.#changes;
      if (await this.#once(condition, idleMs)) return true;
      // A process that was busy for that long has not looked at its sockets: it does so before it gives up.
      await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
      if (condition()) return true;
      if (this.#changes === before || this.#closed) return false;
    }
  }

  async #once(condition: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#watchers.delete(look);
        clearTimeout(timer);
      };
      const look = (): void => {
        try {
          const holds = condition();
          if (!holds && !this.#closed) return;
          done();
          resolve(holds);
        } catch (error) {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const timer = setTimeout(() => {
        done();
        resolve(false);
      }, limitMs);
      this.#watchers.add(look);
      look();
    });
  }
}
