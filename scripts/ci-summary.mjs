/**
 * Adds up what .ci/run did: `node scripts/ci-summary.mjs FOLDER`. FOLDER/steps holds one line per step, `NAME STATUS SECONDS`;
 * FOLDER/NAME.json is jest's own report where a step has one: then its tests count, else the step counts as one. A step
 * that failed without a failed test to show for it (a time-out, a crash) counts too. The last line is `N passed, N failed`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readJestReport } from './jest-report.mjs';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: ci-summary.mjs FOLDER');
const lines = readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n');

let passed = 0;
let failed = 0;
for (const line of lines) {
  const [name, status, seconds] = line.split(' ');
  const tests = readJestReport(join(folder, `${name}.json`));
  const ok = status === '0';
  passed += tests?.passed ?? (ok ? 1 : 0);
  failed += Math.max(tests?.failed ?? 0, ok ? 0 : 1);
  const counts = tests === undefined ? '' : `, ${tests.passed} tests passed, ${tests.failed} failed`;
  const notRun = (tests?.notRun ?? 0) === 0 ? '' : `, ${tests.notRun} NOT RUN`;
  const verdict = ok ? 'ok' : status === '124' || status === '137' ? 'TIMED OUT' : `FAILED (${status})`;
  console.log(`${name.padEnd(14)} ${verdict} in ${seconds} s${counts}${notRun}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
