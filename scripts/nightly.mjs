/**
 * What takes longer than a change should wait for: more cases of each property, the real servers, the corpus, the benchmarks.
 * Every step runs, whatever failed before it. Writes docs/nightly.md with the date and the commit; the steps that measure
 * something write their own documents beside it.
 *
 * `npm run nightly -- --quick` starts every step with as little work as it takes, and writes nothing: to see that each still
 * starts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readJestReport } from './jest-report.mjs';
import { root, run } from './run.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const propertyRuns = options.quick ? '5' : '2000';
/** Other inputs, and other mutants, every day; the seed stands in what is printed. */
const seed = String(Math.floor(Date.now() / 86_400_000));
/** What measures something writes its document. */
const written = options.quick ? {} : { POSTHASTE_WRITE_DOCS: '1' };
const reports = join(root, '.tmp', 'nightly');

const steps = [
  {
    name: 'test',
    does: `unit tests, ${propertyRuns} cases of each property`,
    jest: true,
    args: ['--testTimeout=120000'],
    quick: ['test/protocol/xtext'],
  },
  {
    name: 'test',
    report: 'chaos',
    does: '100,000 messages to a server that refuses, drops and delays at random',
    jest: true,
    args: ['test/mailer/chaos'],
    env: { POSTHASTE_CHAOS_MESSAGES: options.quick ? '200' : '100000' },
  },
  { name: 'test:interop', does: 'real mail servers', jest: true, quick: ['--listTests'] },
  {
    name: 'test:corpus',
    does: 'the messages of ../shared/corpus',
    jest: true,
    needs: '../shared/corpus',
    quick: ['--listTests'],
  },
  { name: 'test:peers', does: 'other parsers of addresses', jest: true },
  {
    name: 'fuzz',
    does: 'random inputs for every parser',
    args: ['--seed', seed],
    quick: ['--scale', '0.001'],
  },
  {
    name: 'soak',
    does: '200,000 sends and 1,000 broken connections',
    args: ['--sends', '200000'],
    quick: ['--sends', '500', '--connections', '20'],
  },
  { name: 'soak:resend', does: '20,000 messages resent with 10 kills', jest: true, quick: ['--listTests'] },
  { name: 'soak:outbox', does: '200 processes with an outbox, each killed', jest: true, quick: ['--listTests'] },
  { name: 'check:package', does: 'the packed package', jest: true },
  {
    name: 'mutation',
    does: 'what the tests would let pass, a sample',
    args: ['src/message', 'src/protocol', 'src/client', '--minutes', '180', '--mutants', '25', '--seed', seed],
    quick: ['src/protocol/xtext.ts', '--mutants', '2', '--own'],
  },
  {
    name: 'guards',
    does: 'each reply check, limit and state reset taken out',
    args: ['--fresh'],
    quick: ['--only', 'client/turn'],
  },
  { name: 'bench', does: 'benchmarks beside the peers', args: ['--write'], quick: ['--quick', '--case', 'nothing'] },
];

async function runStep({
  name,
  report: reportName = name,
  jest = false,
  args: all = [],
  quick = all,
  env = {},
  needs,
}) {
  if (needs !== undefined && !existsSync(join(root, needs))) return { verdict: `not run: no ${needs}`, failed: false };
  const args = options.quick ? quick : all;
  const report = join(reports, `${reportName.replace(':', '-')}.json`);
  const allArgs = jest ? [...args, '--json', `--outputFile=${report}`] : args;
  const started = performance.now();
  let verdict = 'ok';
  try {
    await run('npm', ['run', name, '--', ...allArgs], {
      env: { ...process.env, POSTHASTE_PROPERTY_RUNS: propertyRuns, ...written, ...env },
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
if (!options.quick) await writeFile(join(root, 'docs', 'nightly.md'), text);
console.log(text);
