/**
 * The crash test of `posthaste resend` at full size: 20,000 messages to a server that drops connections and refuses at random, the
 * program killed with -9 ten times at random points and started again. POSTHASTE_CRASH_MESSAGES, _KILLS and _SEED change the figures.
 */
import { run } from './run.mjs';

await run('npm', ['test', '--', 'test/cli/resend/crash', ...process.argv.slice(2)], {
  env: {
    POSTHASTE_CRASH_MESSAGES: '20000',
    POSTHASTE_CRASH_KILLS: '10',
    ...process.env,
    POSTHASTE_CRASH_REPORT: '1',
  },
});
