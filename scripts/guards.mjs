/**
 * Takes each reply check, each limit and each state reset out of the code in turn (tools/mutation/guards.json) and says which test
 * dies. `npm run guards -- [--only TEXT] [--fresh] [--write]`.
 *
 * Works on a copy of the sources in .tmp/guards. A guard is tried with the tests of its file first, then with those of `tests` in its
 * entry, then with those of its layer; the first that fails is named. What was noticed is kept in .tmp/guards.json as long as the
 * file is the same, so that a run that was ended goes on where it was, and another one tries what tests were added for; `--fresh`
 * does without. `--only` tries those
 * whose file or name holds the text. `--write`, or POSTHASTE_WRITE_DOCS=1, writes the table to docs/mutation.md. Fails when
 * nothing notices.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { withSection } from './mutation-report.mjs';
import { main, root } from './run.mjs';

const copy = join(root, '.tmp', 'guards');
const report = join(copy, 'report.json');
const store = join(root, '.tmp', 'guards.json');

/** A mutant that takes longer came to no end. */
const LONGEST_MS = 300_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    write: { type: 'boolean', default: process.env.POSTHASTE_WRITE_DOCS === '1' },
  },
});

async function copySources() {
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const name of ['src', 'test', 'fixtures', 'docs', 'package.json', 'tsconfig.json', 'jest.config.js']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
}

/** The test files that these beginnings name, in the order of the beginnings. */
async function testsOf(beginnings) {
  const names = (await readdir(join(copy, 'test'), { recursive: true }))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  return [...new Set(beginnings.flatMap((beginning) => names.filter((name) => name.startsWith(beginning))))];
}

/** What ended it: the name of a test that failed, `endless`, or undefined when all passed. */
async function firstFailure(tests) {
  await rm(report, { force: true });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--runInBand', '--bail=1', '--json', `--outputFile=${report}`, '--forceExit', '--testTimeout=10000'],
      ...['--runTestsByPath', ...tests],
    ],
    { cwd: copy, stdio: 'ignore', env: { ...process.env, POSTHASTE_PROPERTY_RUNS: '100' } },
  );
  const timer = setTimeout(() => jest.kill('SIGKILL'), LONGEST_MS);
  await new Promise((resolve, reject) => jest.once('close', resolve).once('error', reject));
  clearTimeout(timer);
  if (!existsSync(report)) return 'endless';
  const { testResults } = JSON.parse(await readFile(report, 'utf8'));
  for (const { name, message, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    const file = name.slice(copy.length + 1);
    if (failed !== undefined) return `${file}: ${failed.fullName}`;
    if (assertionResults.length === 0) throw new Error(`${file} did not run: ${message}`);
  }
  return undefined;
}

/** Mirror first, then what the entry names, then the layer: one run of jest for each, until something fails. */
async function tryGuard({ file, tests = [] }) {
  const folder = dirname(file).replace(/^src/, 'test');
  const rounds = [[`${folder}/${basename(file, '.ts')}.`], tests, [`test/${file.split('/')[1]}/`]];
  const tried = new Set();
  for (const beginnings of rounds) {
    const files = (await testsOf(beginnings)).filter((name) => !tried.has(name));
    if (files.length === 0) continue;
    const found = await firstFailure(files);
    if (found !== undefined) return found;
    for (const name of files) tried.add(name);
  }
  return undefined;
}

const keyOf = ({ file, from, to }) => JSON.stringify([file, from, to]);

async function digestOf({ file }) {
  return createHash('sha256')
    .update(await readFile(join(root, file)))
    .digest('hex')
    .slice(0, 16);
}

/** What was found before, where it still holds. */
async function foundBefore(guard, kept) {
  const { found, digest } = kept[keyOf(guard)] ?? {};
  return found !== undefined && digest === (await digestOf(guard)) ? found : undefined;
}

function taken(text, { file, from, to }) {
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`${file}: ${count} times, and not once: ${from}`);
  return text.replace(from, () => to);
}

/** Nobody can notice, for the reason that the entry gives. */
const isExplained = ({ found, reason }) => found === undefined && reason !== undefined;

const cell = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

function sectionOf(results, commit) {
  const dead = results.filter(({ found }) => found !== undefined).length;
  const explained = results.filter(isExplained).length;
  const rows = results.map(({ kind, name, file, line, from, to, found, reason }) => {
    const change = `\`${cell(from)}\` → ${to === '' ? 'nothing' : `\`${cell(to)}\``}`;
    return `| ${kind} | ${cell(name)} | ${file.slice(4)}:${line} | ${change} | ${cell(found ?? (reason === undefined ? '**none**' : `none: ${reason}`)).slice(0, 240)} |`;
  });
  return [
    '## Guards taken out one by one',
    '',
    `Written by \`npm run guards -- --write\` on ${new Date().toISOString().slice(0, 10)} at commit ${commit}: each reply check, each limit and each`,
    `state reset of \`src/protocol\` and \`src/client\` that \`tools/mutation/guards.json\` names, taken out of the code, and the first test`,
    `that fails then. ${dead} of ${results.length} are noticed${explained === 0 ? '' : `, ${explained} make no difference that a test could see`}.`,
    '',
    '| kind | what it keeps | where | taken out | the test that fails |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

await main(async () => {
  setPriority(15);
  const guards = JSON.parse(await readFile(join(root, 'tools', 'mutation', 'guards.json'), 'utf8')).filter(
    ({ file, name }) => options.only === undefined || `${file} ${name}`.includes(options.only),
  );
  // All of them first: an entry that fits no more is found at once.
  for (const guard of guards) taken(await readFile(join(root, guard.file), 'utf8'), guard);
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  await copySources();
  const kept = options.fresh ? {} : await readFile(store, 'utf8').then(JSON.parse, () => ({}));
  const results = [];
  for (const guard of guards) {
    const path = join(copy, guard.file);
    const text = await readFile(path, 'utf8');
    const line = text.slice(0, text.indexOf(guard.from)).split('\n').length;
    let found = await foundBefore(guard, kept);
    if (found === undefined) {
      await writeFile(path, taken(text, guard));
      found = await tryGuard(guard);
      await writeFile(path, text);
      kept[keyOf(guard)] = { found, digest: await digestOf(guard) };
      await writeFile(store, JSON.stringify(kept));
    }
    results.push({ ...guard, line, found });
    console.log(`${guard.file}:${line} ${guard.name}: ${found ?? 'NOBODY NOTICED'}`);
    if (found === undefined && guard.reason === undefined) process.exitCode = 1;
  }
  await rm(copy, { recursive: true, force: true });
  const section = sectionOf(results, commit);
  if (options.write) {
    const path = join(root, 'docs', 'mutation.md');
    await writeFile(
      path,
      withSection(await readFile(path, 'utf8').catch(() => ''), 'Guards taken out one by one', section),
    );
  }
});
