/**
 * The crash test of the outbox at full size: processes with one store, 200 of them killed with -9, at every named point and at random
 * ones, with either `onUnknown`. Prints what became of the messages. POSTHASTE_CRASH_ROUNDS and _SEED change the figures; _TABLE names a file for the table.
 */
import { run } from './run.mjs';

await run('npm', ['test', '--', 'test/outbox/crash/crash', ...process.argv.slice(2)], {
  env: {
    POSTHASTE_CRASH_ROUNDS: '200',
    ...process.env,
    POSTHASTE_CRASH_REPORT: '1',
  },
});
