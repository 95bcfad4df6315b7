/** A clock that stands still until a test moves it. */
import type { Clock, Timer } from '../../src/mailer/clock.js';

export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<object, { readonly atMs: number; readonly action: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const key = {};
    this.#timers.set(key, { atMs: this.#nowMs + Math.max(0, delayMs), action });
    return { cancel: () => this.#timers.delete(key) };
  }

  /** How many timers are set. */
  get armed(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and what is due happen at its moment. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (let rounds = 0; rounds < 100_000; rounds += 1) {
      const due = [...this.#timers]
        .filter(([, { atMs }]) => atMs <= endMs)
        .sort(([, a], [, b]) => a.atMs - b.atMs)
        .at(0);
      if (due === undefined) break;
      const [key, { atMs, action }] = due;
      this.#timers.delete(key);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      action();
      await settled();
    }
    this.#nowMs = endMs;
    await settled();
  }
}

/** Lets promises that are settled already be heard. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}
