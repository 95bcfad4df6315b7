import fc from 'fast-check';

/** How often a property is tried: as often as its test asks, and more in the nightly run. */
export function runs(least: number): { numRuns: number } {
  return { numRuns: Math.max(least, fc.readConfigureGlobal().numRuns ?? 0) };
}
