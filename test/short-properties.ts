/**
 * Set-up of the mutation run (scripts/mutation.mjs): a property that holds is not tried for longer than this. Most mutants fail
 * at once, and those that do not would take all the time there is.
 */
import fc from 'fast-check';

const MOST_MS = 400;

fc.configureGlobal({ ...fc.readConfigureGlobal(), plugins: [fc.interruptAfterTimeLimit(MOST_MS)] });
