/**
 * How deep the queue was, from when each entry came and left. One rule: it is exact. A peak counts that lasted a moment, because what
 * is shown of an interval is the most that were there at once, and not what happened to be there at its end. Pure.
 */
import type { IntervalJson, OverviewJson, WindowJson } from './api-types.js';

/** How an entry left. */
export type Leaving = 'sent' | 'failed' | 'other';

/** When one entry came and left. Times behind `nowMs`, and a leaving before the coming, are of clocks that were set: they are moved. */
export interface Stay {
  readonly cameAtMs: number;
  readonly leftAtMs?: number | undefined;
  readonly leaving?: Leaving | undefined;
}

interface Step {
  readonly atMs: number;
  readonly by: 1 | -1;
  readonly leaving?: Leaving | undefined;
}

/** What was there at the beginning of an interval counts for it, too. `nowMs` is within the window. */
export function depthOf(stays: Iterable<Stay>, window: WindowJson, nowMs: number): OverviewJson['depth'] {
  const { fromMs, toMs, intervalMs } = window;
  const steps: Step[] = [];
  let depth = 0;
  for (const { cameAtMs, leftAtMs, leaving } of stays) {
    const came = Math.min(cameAtMs, nowMs);
    const left = leftAtMs === undefined ? undefined : Math.max(came, Math.min(leftAtMs, nowMs));
    if (left !== undefined && left < fromMs) continue;
    if (came < fromMs) depth += 1;
    else steps.push({ atMs: came, by: 1 });
    if (left !== undefined) steps.push({ atMs: left, by: -1, leaving });
  }
  // Of one millisecond, those who come are first: whoever left must have been there.
  steps.sort((a, b) => a.atMs - b.atMs || b.by - a.by);
  const intervals: IntervalJson[] = [];
  let most = depth;
  let mostAtMs = fromMs;
  let next = 0;
  for (let atMs = fromMs; atMs < toMs; atMs += intervalMs) {
    const interval = { atMs, most: depth, came: 0, sent: 0, failed: 0, other: 0 };
    for (let step = steps[next]; step !== undefined && step.atMs < atMs + intervalMs; step = steps[(next += 1)]) {
      depth += step.by;
      if (step.by === 1) interval.came += 1;
      else interval[step.leaving ?? 'other'] += 1;
      interval.most = Math.max(interval.most, depth);
      if (depth > most) [most, mostAtMs] = [depth, step.atMs];
    }
    intervals.push(interval);
  }
  return { now: depth, most, mostAtMs, intervals };
}
