/** Medians: a benchmark on a machine that does other things too has outliers to one side only. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median over the rounds of `others[i] / ours[i]`: what changes from one round to the next cancels out. */
export function ratio(others, ours) {
  return median(others.map((value, round) => value / ours[round]));
}
