import fc from 'fast-check';

/** The mutation run (scripts/mutation.mjs) asks for fewer: most mutants fail at once, and the others would take all the time. */
const most = Number(process.env['POSTHASTE_MOST_PROPERTY_RUNS'] ?? Infinity);

/** How often a property is tried: as often as its test asks, and more in the nightly run. */
export function runs(least: number): { numRuns: number } {
  return { numRuns: Math.min(most, Math.max(least, fc.readConfigureGlobal().numRuns ?? 0)) };
}
