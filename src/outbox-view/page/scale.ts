/** Axes: where their marks stand. Pure. */

/** The least of 1, 2, 4, 5 times a power of ten that leaves room for `most` in at most `steps` whole steps: the marks from 0 upwards. */
export function countMarks(most: number, steps: number): readonly number[] {
  const rough = Math.max(1, most / steps);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 4, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

const MINUTE = 60_000;
const STEPS = [5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880].map((minutes) => minutes * MINUTE);

/** Moments in a window that are whole on the clock of the reader, at most `wanted` of them. `offsetMs`: how far that clock is ahead of UTC. */
export function timeMarks(fromMs: number, toMs: number, wanted: number, offsetMs: number): readonly number[] {
  const step = STEPS.find((candidate) => (toMs - fromMs) / candidate <= Math.max(1, wanted)) ?? 2880 * MINUTE;
  const marks: number[] = [];
  for (let at = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs; at <= toMs; at += step) marks.push(at);
  return marks;
}
