/**
 * Mutation testing: breaks the code in one place at a time and looks whether a test notices.
 * `npm run mutation -- src/message [src/protocol/reply.ts ...] [--minutes N] [--mutants N] [--seed N] [--own] [--fresh]
 * [--list] [--write]`.
 *
 * Each file is tried first with the tests of its own name, then what survived with all tests of its layer. Results are kept
 * in .tmp/mutation by the content of file and tests, so that a run that was ended goes on where it was. `--minutes` begins
 * no file after that time. `--mutants` draws about so many of each file, by `--seed`. `--own` leaves out the tests of the layer,
 * for a first look. `--list` prints the survivors. `--write`, or POSTHASTE_WRITE_DOCS=1, writes docs/mutation.md.
 * Runs at a low priority, one test process at a time.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { installFolder } from './install-folder.mjs';
import { documentOf, explain, listOf, summaryOf, withSection } from './mutation-report.mjs';
import { main, root, run } from './run.mjs';

const tools = join(root, 'tools', 'mutation');
const work = join(root, '.tmp', 'mutation');

/** Source files whose tests have other names, beside those that test/architecture.test.ts lists. */
const OTHER_TESTS = {
  'src/message/address-parser.ts': ['test/message/address.test.ts', 'test/message/envelope-reader.test.ts'],
  'src/message/address-scanner.ts': ['test/message/address-parser.test.ts'],
  'src/message/message-parts.ts': ['test/message/serialize.test.ts'],
  'src/client/by-hand.ts': ['test/client/smtp.test.ts'],
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '600' },
    mutants: { type: 'string', default: 'all' },
    seed: { type: 'string', default: '1' },
    own: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: process.env.POSTHASTE_WRITE_DOCS === '1' },
  },
});

async function filesBelow(path) {
  if (path.endsWith('.ts')) return [path];
  const names = await readdir(join(root, path), { recursive: true });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${path.replace(/\/$/, '')}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** The test files that a name like `test/message/address.` or `test/message/` begins, without those that need more than Node. */
async function testsNamed(beginnings) {
  const names = await readdir(join(root, 'test'), { recursive: true });
  return names
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts') && !/\/(?:interop|corpus|package|peers)\//.test(name))
    .filter((name) => beginnings.some((beginning) => name.startsWith(beginning)))
    .sort();
}

async function digestOf(paths) {
  const hash = createHash('sha256').update(`${options.mutants} ${options.seed} ${String(options.own)}`);
  for (const path of paths) hash.update(path).update(await readFile(join(root, path)));
  hash.update(await readFile(join(tools, 'ignorer.mjs')));
  return hash.digest('hex').slice(0, 16);
}

/** One run of Stryker over `mutate` (a file, or ranges in it) with these tests; gives the mutants. */
async function mutate(ranges, tests, share = 1) {
  await rm(join(work, 'report.json'), { force: true });
  const config = {
    testRunner: 'jest',
    plugins: [join(tools, 'node_modules/@stryker-mutator/jest-runner/dist/src/index.js'), join(tools, 'ignorer.mjs')],
    ignorers: ['posthaste'],
    jest: {
      configFile: 'jest.config.js',
      enableFindRelatedTests: false,
      config: {
        testMatch: tests.map((test) => `<rootDir>/${test}`),
        setupFiles: ['<rootDir>/test/short-properties.ts'],
      },
    },
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    coverageAnalysis: 'perTest',
    concurrency: 1,
    mutate: ranges,
    reporters: ['json'],
    jsonReporter: { fileName: join(work, 'report.json') },
    tempDirName: join('.tmp', 'stryker'),
    ignorePatterns: ['dist', 'bench', 'tools', '.tmp', 'demo', 'etc'],
    disableTypeChecks: true,
    timeoutMS: 10_000,
    logLevel: 'warn',
    allowEmpty: true,
  };
  await writeFile(join(work, 'config.json'), JSON.stringify(config, null, 2));
  await run(
    process.execPath,
    [join(tools, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', join(work, 'config.json')],
    {
      env: {
        ...process.env,
        POSTHASTE_MUTATION_SHARE: String(share),
        POSTHASTE_MUTATION_SEED: options.seed,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    },
  );
  if (!existsSync(join(work, 'report.json'))) return [];
  const { files } = JSON.parse(await readFile(join(work, 'report.json'), 'utf8'));
  return Object.values(files).flatMap(({ mutants, source }) => {
    const lines = source.split('\n');
    return mutants.map(({ mutatorName, replacement = '', status, location }) => ({
      mutator: mutatorName,
      replacement,
      status,
      location,
      line: (lines[location.start.line - 1] ?? '').trim(),
    }));
  });
}

const isAlive = ({ status }) => status === 'Survived' || status === 'NoCoverage';
const keyOf = ({ mutator, replacement, location }) => JSON.stringify([mutator, replacement, location]);

/** A mutant in every so many octets of source, with its comments. */
const OCTETS_A_MUTANT = 38;

async function shareOf(file) {
  if (options.mutants === 'all') return 1;
  const { size } = await stat(join(root, file));
  return Math.min(1, (Number(options.mutants) * OCTETS_A_MUTANT) / size);
}

/** Everything that Stryker says of one file. */
async function judge(file, ownTests, layerTests) {
  const mutants = ownTests.length === 0 ? [] : await mutate([file], ownTests, await shareOf(file));
  const first =
    mutants.length > 0 || ownTests.length > 0 ? mutants : await mutate([file], layerTests, await shareOf(file));
  const others = layerTests.filter((test) => !ownTests.includes(test));
  const alive = first.filter(isAlive);
  if (options.own || alive.length === 0 || others.length === 0 || ownTests.length === 0) return first;
  // Stryker counts columns from one here, and from zero in nothing that it reports.
  const range = ({ location: { start, end } }) =>
    `${file}:${String(start.line)}:${String(start.column - 1)}-${String(end.line)}:${String(end.column)}`;
  const second = await mutate([...new Set(alive.map(range))], layerTests);
  const verdicts = new Map(second.map((mutant) => [keyOf(mutant), mutant.status]));
  if (alive.some((mutant) => !verdicts.has(keyOf(mutant)))) throw new Error(`${file}: a survivor was not tried again`);
  return first.map((mutant) => (isAlive(mutant) ? { ...mutant, status: verdicts.get(keyOf(mutant)) } : mutant));
}

await main(async () => {
  setPriority(15);
  // What the nightly run sets for the tests themselves.
  delete process.env.POSTHASTE_PROPERTY_RUNS;
  delete process.env.POSTHASTE_WRITE_DOCS;
  await mkdir(work, { recursive: true });
  await installFolder(tools);
  const until = Date.now() + Number(options.minutes) * 60_000;
  const folders = positionals.length === 0 ? ['src/message'] : positionals;
  const survivors = JSON.parse(await readFile(join(tools, 'survivors.json'), 'utf8'));
  for (const folder of folders) {
    const results = [];
    for (const file of await filesBelow(folder)) {
      const layer = file.split('/').slice(1, 2).join('/');
      const ownTests = await testsNamed([
        file.replace(/^src\//, 'test/').replace(/\.ts$/, '.'),
        ...(OTHER_TESTS[file] ?? []),
      ]);
      const layerTests = await testsNamed([`test/${layer}/`]);
      const store = join(work, `${file.replaceAll('/', '.')}.json`);
      const digest = await digestOf([file, ...ownTests]);
      const kept = options.fresh ? undefined : await readFile(store, 'utf8').then(JSON.parse, () => undefined);
      if (kept?.digest === digest) {
        results.push(kept);
      } else if (Date.now() >= until) {
        results.push({ file, mutants: undefined });
      } else {
        const started = Date.now();
        const mutants = await judge(file, ownTests, layerTests);
        const result = { file, digest, seconds: Math.round((Date.now() - started) / 1000), mutants };
        await writeFile(store, JSON.stringify(result, null, 1));
        results.push(result);
      }
      console.log(summaryOf(explain(results.at(-1), survivors)));
    }
    const explained = results.map((result) => explain(result, survivors));
    if (options.list) console.log(listOf(explained));
    const section = documentOf(relative(root, join(root, folder)), explained, options);
    console.log(section);
    if (options.write) {
      const path = join(root, 'docs', 'mutation.md');
      await writeFile(path, withSection(await readFile(path, 'utf8').catch(() => ''), folder, section));
    }
  }
});
