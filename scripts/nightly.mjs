/**
 * What takes longer than a change should wait for: more cases of each property, the real servers, the corpus, the benchmarks.
 * Every step runs, whatever failed before it. Writes docs/nightly.md with the date and the commit; the steps that measure
 * something write their own documents beside it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readJestReport } from './jest-report.mjs';
import { root, run } from './run.mjs';

const propertyRuns = '2000';
const reports = join(root, '.tmp', 'nightly');

const steps = [
  {
    name: 'test',
    does: `unit tests, ${propertyRuns} cases of each property`,
    jest: true,
    args: ['--testTimeout=120000'],
  },
  {
    name: 'test',
    report: 'chaos',
    does: '100,000 messages to a server that refuses, drops and delays at random',
    jest: true,
    args: ['test/mailer/chaos'],
    env: { POSTHASTE_CHAOS_MESSAGES: '100000' },
  },
  { name: 'test:interop', does: 'real mail servers', jest: true },
  {
    name: 'test:corpus',
    does: 'the messages of ../shared/corpus',
    jest: true,
    needs: '../shared/corpus',
  },
  { name: 'test:peers', does: 'other parsers of addresses', jest: true },
  // Other inputs every day; the seed stands in what is printed.
  {
    name: 'fuzz',
    does: 'random inputs for every parser',
    args: ['--seed', String(Math.floor(Date.now() / 86_400_000))],
  },
  { name: 'soak', does: '200,000 sends and 1,000 broken connections', args: ['--sends', '200000'] },
  { name: 'soak:resend', does: '20,000 messages resent with 10 kills', jest: true },
  { name: 'soak:outbox', does: '200 processes with an outbox, each killed', jest: true },
  { name: 'check:package', does: 'the packed package', jest: true },
  {
    name: 'mutation',
    does: 'what the tests would let pass',
    args: ['src/message', 'src/protocol', 'src/client', '--minutes', '120'],
  },
  { name: 'bench', does: 'benchmarks beside the peers', args: ['--write'] },
];

async function runStep({ name, report: reportName = name, jest = false, args = [], env = {}, needs }) {
  if (needs !== undefined && !existsSync(join(root, needs))) return { verdict: `not run: no ${needs}`, failed: false };
  const report = join(reports, `${reportName.replace(':', '-')}.json`);
  const allArgs = jest ? [...args, '--json', `--outputFile=${report}`] : args;
  const started = performance.now();
  let verdict = 'ok';
  try {
    await run('npm', ['run', name, '--', ...allArgs], {
      env: { ...process.env, POSTHASTE_PROPERTY_RUNS: propertyRuns, POSTHASTE_WRITE_DOCS: '1', ...env },
    });
  } catch {
    verdict = '**failed**';
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  return { verdict, failed: verdict !== 'ok', seconds, tests: jest ? readJestReport(report) : undefined };
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

await rm(reports, { recursive: true, force: true });
await mkdir(reports, { recursive: true });
const commit = `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
const rows = [];
for (const step of steps) {
  const { verdict, failed, seconds = '', tests } = await runStep(step);
  if (failed) process.exitCode = 1;
  const counts = tests === undefined ? '' : `${tests.passed} passed, ${tests.failed} failed`;
  rows.push(`| \`npm run ${step.name}\` | ${step.does} | ${verdict} | ${counts} | ${seconds} |`);
}
const text = `# The last nightly run

Written by \`npm run nightly\` on ${new Date().toISOString().slice(0, 10)}, at commit ${commit}, with Node ${process.version}
on ${process.platform}-${process.arch}.

| command | what | result | tests | seconds |
|---|---|---|---|---|
${rows.join('\n')}
`;
await writeFile(join(root, 'docs', 'nightly.md'), text);
console.log(text);
