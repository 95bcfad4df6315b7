/** The named places where the server waits for the test. A place that was released once stays open. */
export class Holds {
  readonly #reached = new Set<string>();
  readonly #released = new Set<string>();

  reached(name: string): void {
    this.#reached.add(name);
  }

  wasReached(name: string): boolean {
    return this.#reached.has(name);
  }

  release(name: string): void {
    this.#released.add(name);
  }

  isReleased(name: string): boolean {
    return this.#released.has(name);
  }
}
