/**
 * Set-up of the mutation run (scripts/mutation.mjs): a property that holds is not tried for longer than this. Most mutants fail
 * at once, and those that do not would take all the time there is.
 */
import fc from 'fast-check';

const MOST_MS = 400;

// eslint-disable-next-line @typescript-eslint/no-deprecated -- the plugin in its place cannot be set for all properties
fc.configureGlobal({ ...fc.readConfigureGlobal(), interruptAfterTimeLimit: MOST_MS });
