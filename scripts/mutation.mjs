/**
 * Mutation testing: breaks the code in one place at a time and looks whether a test notices.
 * `npm run mutation -- src/message [src/protocol/reply.ts ...] [--minutes N] [--mutants N] [--seed N] [--own] [--fresh]
 * [--survivors] [--kept] [--list] [--write]`.
 *
 * Each file is tried first with the tests of its own name, then what survived with all tests of its layer. Results are kept
 * in .tmp/mutation by the content of file and tests, so that a run that was ended goes on where it was. `--minutes` begins
 * no file after that time. `--mutants` draws about so many of each file, by `--seed`. `--own` leaves out the tests of the layer,
 * for a first look. `--survivors`, when tests were added: what was noticed before is not tried again, as long as its file is the
 * same. `--kept` tries nothing and takes the results that there are. `--list` prints the survivors. `--write`, or
 * POSTHASTE_WRITE_DOCS=1, writes docs/mutation.md.
 * Runs at a low priority, one test process at a time.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { installFolder } from './install-folder.mjs';
import { documentOf, explain, isAlive, listOf, summaryOf, withSection } from './mutation-report.mjs';
import { main, root, run } from './run.mjs';

const tools = join(root, 'tools', 'mutation');
const work = join(root, '.tmp', 'mutation');

/** What else is tried first, where much of a file is tested through its neighbours: fewer mutants are left for all the tests. */
const OTHER_TESTS = {
  'src/message/address-parser.ts': ['address', 'envelope-reader'],
  'src/message/address-scanner.ts': ['address-parser'],
  'src/message/address.ts': ['address-lenient'],
  'src/message/attachment-part.ts': ['compose'],
  'src/message/compose.ts': ['compose-8bit', 'message-fields', 'carried-fields'],
  'src/message/envelope-reader.ts': ['envelope'],
  'src/message/header-field.ts': ['headers', 'header-block', 'text-field'],
  'src/message/message.ts': ['compose', 'resend', 'envelope', 'serialize', 'header-warnings'],
  'src/message/message-id.ts': ['compose', 'resend'],
  'src/message/mime-part.ts': ['compose', 'compose-8bit', 'attachment-part'],
  'src/message/resend.ts': ['check-argument', 'message'],
  'src/message/resent-sets.ts': ['envelope'],
  'src/message/serialize.ts': ['compose', 'compose-8bit', 'read-message', 'message', 'check-argument'],
  'src/client/auth-exchange.ts': ['login'],
  'src/client/by-hand.ts': ['smtp', 'lmtp'],
  'src/client/connection.ts': ['riders', '../mailer/lane', '../mailer/lane-bdat'],
  'src/client/conversation.ts': ['smtp', 'starttls', 'establish', 'smtp-ssl', 'lmtp'],
  'src/client/link.ts': ['connection', 'riders', 'starttls'],
  'src/client/mail-parameters.ts': ['send-8bit', 'smtp'],
  'src/client/riders.ts': ['connection', '../mailer/lane', '../mailer/lane-bdat'],
  'src/client/send-content.ts': ['connection', 'send-8bit', '../mailer/lane-bdat'],
  'src/client/send-message.ts': ['send-message-fields', 'sign-message', 'send-8bit'],
  'src/client/sendmail.ts': ['smtp', 'send-message', 'send-content', 'distinct-paths'],
  'src/client/turn.ts': ['smtp'],
  'src/protocol/body.ts': ['../client/connection'],
  'src/protocol/dsn-params.ts': ['esmtp-params'],
  'src/protocol/esmtp-values.ts': ['esmtp-params'],
  'src/protocol/sasl/base64.ts': ['../../client/login'],
  'src/protocol/sasl/cram-md5.ts': ['create-mechanism', '../../client/login'],
  'src/protocol/sasl/mechanism.ts': ['create-mechanism', 'select', '../../client/login'],
  'src/protocol/sasl/select.ts': ['../../client/login'],
  'src/protocol/sasl/xoauth2.ts': ['create-mechanism', '../../client/login'],
  'src/protocol/transaction.ts': ['transaction-chunks'],
};

/** Who else is asked about what survived: the tests of whoever drives the layer. */
const LAYER_TESTS = {
  protocol: ['test/protocol/', 'test/client/connection.', 'test/mailer/lane'],
  client: ['test/client/', 'test/mailer/lane'],
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '600' },
    mutants: { type: 'string', default: 'all' },
    seed: { type: 'string', default: '1' },
    own: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    kept: { type: 'boolean', default: false },
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

async function digestOf(paths, sample = `${options.mutants} ${options.seed}`) {
  const hash = createHash('sha256').update(sample);
  for (const path of paths) hash.update(path).update(await readFile(join(root, path)));
  hash.update(await readFile(join(tools, 'ignorer.mjs')));
  return hash.digest('hex').slice(0, 16);
}

/** One run of Stryker over files, or ranges in them, with these tests; gives the mutants. */
async function mutate(ranges, tests, { share = 1, again } = {}) {
  await rm(join(work, 'report.json'), { force: true });
  const config = {
    testRunner: 'jest',
    plugins: [
      join(tools, 'node_modules/@stryker-mutator/jest-runner/dist/src/index.js'),
      join(tools, 'ignorer.mjs'),
      join(tools, 'again.mjs'),
    ],
    ignorers: ['posthaste', 'again'],
    jest: {
      configFile: 'jest.config.js',
      enableFindRelatedTests: false,
      config: { testMatch: tests.map((test) => `<rootDir>/${test}`) },
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
    timeoutMS: 20_000,
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
        POSTHASTE_MOST_PROPERTY_RUNS: '200',
        POSTHASTE_PROPERTY_RUNS: '50',
        ...(again === undefined ? {} : { POSTHASTE_MUTATION_AGAIN: again }),
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    },
  );
  if (!existsSync(join(work, 'report.json'))) return [];
  const { files, testFiles = {} } = JSON.parse(await readFile(join(work, 'report.json'), 'utf8'));
  const names = new Map(Object.values(testFiles).flatMap(({ tests: all }) => all.map(({ id, name }) => [id, name])));
  return Object.entries(files).flatMap(([file, { mutants, source }]) => {
    const lines = source.split('\n');
    return mutants.map(({ mutatorName, replacement = '', status, location, killedBy = [] }) => ({
      key: JSON.stringify([file, mutatorName, replacement, location]),
      mutator: mutatorName,
      replacement,
      status,
      location,
      line: (lines[location.start.line - 1] ?? '').trim(),
      // The first test that failed: the run of a mutant ends there.
      killedBy: names.get(killedBy[0]),
    }));
  });
}

/** A mutant in every so many octets of source, with its comments. */
const OCTETS_A_MUTANT = 38;

async function shareOf(file) {
  if (options.mutants === 'all') return 1;
  const { size } = await stat(join(root, file));
  return Math.min(1, (Number(options.mutants) * OCTETS_A_MUTANT) / size);
}

function commitNow() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : ' with changes'}`;
}

const storeOf = (file) => join(work, `${file.replaceAll('/', '.')}.json`);
const keep = (result) => writeFile(storeOf(result.file), JSON.stringify(result, null, 1));

/** The mutants of one file before the tests of its own name; from an earlier run, where nothing has changed. */
async function tryAlone(file, layerTests, until) {
  const folder = dirname(file).replace(/^src/, 'test');
  const beside = [basename(file, '.ts'), ...(OTHER_TESTS[file] ?? [])];
  const named = await testsNamed(beside.map((name) => join(folder, `${name}.`).replaceAll('\\', '/')));
  const tests = named.length === 0 ? layerTests : named;
  const digest = await digestOf([file, ...tests]);
  const source = await digestOf([file], '');
  const kept = options.fresh ? undefined : await readFile(storeOf(file), 'utf8').then(JSON.parse, () => undefined);
  if (kept !== undefined && (options.kept || kept.digest === digest)) return kept;
  if (options.survivors && kept?.source === source) {
    if (kept.mutants.some(isAlive)) await tryAgain([kept], tests);
    kept.digest = digest;
    await keep(kept);
    return kept;
  }
  if (options.kept || Date.now() >= until) return { file, mutants: undefined };
  const share = await shareOf(file);
  const mutants = await mutate([file], tests, { share });
  const result = { file, digest, source, share, seed: options.seed, commit: commitNow(), mutants };
  await keep(result);
  return result;
}

/** What survived in these files so far, before these tests. */
async function tryAgain(results, tests) {
  // A range in the configuration counts its columns from zero, up to and with the last one.
  const rangeOf = (file, { location: { start, end } }) =>
    `${file}:${String(start.line)}:${String(start.column - 1)}-${String(end.line)}:${String(end.column)}`;
  const ranges = results.flatMap(({ file, mutants }) => mutants.filter(isAlive).map((mutant) => rangeOf(file, mutant)));
  const again = join(work, 'again.json');
  const locations = results.flatMap(({ mutants }) => mutants.filter(isAlive).map(({ location }) => location));
  await writeFile(again, JSON.stringify(locations));
  const tried = new Map((await mutate([...new Set(ranges)], tests, { again })).map((mutant) => [mutant.key, mutant]));
  for (const result of results) {
    for (const mutant of result.mutants.filter(isAlive)) {
      const { status, killedBy } = tried.get(mutant.key) ?? {};
      if (status === undefined || status === 'Ignored')
        throw new Error(`${result.file}: a survivor was not tried again: ${mutant.key}`);
      mutant.status = status;
      mutant.killedBy = killedBy;
    }
    result.commit = commitNow();
  }
}

/** What survived so far, in all files, before all tests of the layer. */
async function tryTogether(results, layerTests) {
  const digest = await digestOf(layerTests);
  const waiting = results.filter(({ mutants = [], together }) => together !== digest && mutants.some(isAlive));
  if (waiting.length === 0) return;
  await tryAgain(waiting, layerTests);
  for (const result of waiting) {
    result.together = digest;
    await keep(result);
  }
}

await main(async () => {
  setPriority(15);
  // What the nightly run sets for the tests themselves.
  delete process.env.POSTHASTE_PROPERTY_RUNS;
  delete process.env.POSTHASTE_WRITE_DOCS;
  await mkdir(work, { recursive: true });
  if (!options.kept) await installFolder(tools);
  const until = Date.now() + Number(options.minutes) * 60_000;
  const survivors = JSON.parse(await readFile(join(tools, 'survivors.json'), 'utf8'));
  for (const folder of positionals.length === 0 ? ['src/message'] : positionals) {
    const layer = folder.split('/')[1];
    const layerTests = await testsNamed(LAYER_TESTS[layer] ?? [`test/${layer}/`]);
    const results = [];
    for (const file of await filesBelow(folder)) {
      try {
        results.push(await tryAlone(file, layerTests, until));
      } catch (error) {
        // Tests that fail without a mutant, or a run that somebody ended: the other files are tried all the same.
        console.error(`${file}: ${error.message}`);
        process.exitCode = 1;
        results.push({ file, mutants: undefined });
      }
      console.log(summaryOf(explain(results.at(-1), survivors)));
    }
    if (!options.own && !options.kept) await tryTogether(results, layerTests);
    const explained = results.map((result) => explain(result, survivors));
    if (options.list) console.log(listOf(explained));
    const section = documentOf(relative(root, join(root, folder)), explained);
    console.log(section);
    if (options.write) {
      const path = join(root, 'docs', 'mutation.md');
      await writeFile(path, withSection(await readFile(path, 'utf8').catch(() => ''), folder, section));
    }
  }
});
