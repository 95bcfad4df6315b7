/** Set-up of the nightly run (jest.config.js): POSTHASTE_PROPERTY_RUNS cases for each property that names no number itself. */
import fc from 'fast-check';

const runs = Number(process.env['POSTHASTE_PROPERTY_RUNS']);
if (!Number.isSafeInteger(runs) || runs < 1) throw new Error('POSTHASTE_PROPERTY_RUNS must be a whole number above 0');
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: runs });
