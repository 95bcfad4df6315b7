/** How long each stage took: from the end of the one before it to its own, summed where a stage comes more than once. */
import type { Stage, Timing } from '../types.js';

/** While it is being filled in. */
export type OpenTiming = { -readonly [Key in keyof Timing]: Timing[Key] };

export class StageClock {
  #spentMs: OpenTiming = {};
  #markMs: number | undefined;

  /** Starts afresh. */
  start(): void {
    this.#spentMs = {};
    this.#markMs = performance.now();
  }

  /** `atMs`: when that was, on the clock of `performance.now()`. Default: now. */
  reached(stage: Stage, atMs: number = performance.now()): void {
    // A reply may have come before somebody began to wait for it.
    if (this.#markMs === undefined) return;
    const spentMs = Math.max(0, atMs - this.#markMs);
    this.#spentMs[stage] = (this.#spentMs[stage] ?? 0) + spentMs;
    this.#markMs += spentMs;
  }

  stop(): void {
    this.#markMs = undefined;
  }

  /** Of the run since `start()`, which begins a new one: the caller may add to it. */
  get timing(): OpenTiming {
    return this.#spentMs;
  }
}
