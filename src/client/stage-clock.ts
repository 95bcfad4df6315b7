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

  reached(stage: Stage): void {
    if (this.#markMs === undefined) return;
    const nowMs = performance.now();
    this.#spentMs[stage] = (this.#spentMs[stage] ?? 0) + (nowMs - this.#markMs);
    this.#markMs = nowMs;
  }

  stop(): void {
    this.#markMs = undefined;
  }

  /** Of the run since `start()`, which begins a new one: the caller may add to it. */
  get timing(): OpenTiming {
    return this.#spentMs;
  }
}
