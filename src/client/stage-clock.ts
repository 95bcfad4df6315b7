/** How long each stage took: from the end of the one before it to its own, summed where a stage comes more than once. */
import type { Stage, Timing } from '../types.js';

export class StageClock {
  #spentMs: Partial<Record<Stage, number>> = {};
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

  get timing(): Timing {
    return this.#spentMs;
  }
}
