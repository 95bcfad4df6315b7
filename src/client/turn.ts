/** Calls made at the same time are served in the order in which they were made: one holder at a time, first come first served. */

/** Gives the turn to the next caller. Calling it again does nothing. */
export type Release = () => void;

export class Turn {
  #taken = false;
  readonly #waiting = new Set<() => void>();

  /** Whether nobody holds it. */
  get free(): boolean {
    return !this.#taken;
  }

  /** Resolves when it is the caller's turn. When the signal fires before, rejects with its reason and leaves the queue. */
  async take(signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (!this.#taken) {
      this.#taken = true;
      return this.#release();
    }
    return await new Promise<Release>((resolve, reject) => {
      const onTurn = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(this.#release());
      };
      const onAbort = (): void => {
        this.#waiting.delete(onTurn);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(onTurn);
    });
  }

  #release(): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = this.#waiting;
      if (next === undefined) {
        this.#taken = false;
      } else {
        this.#waiting.delete(next);
        next();
      }
    };
  }
}
