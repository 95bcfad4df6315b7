/**
 * posthaste beside its peers, in one run: `npm run bench -- [--write] [--quick] [--rounds N] [--case TEXT] [--against DIR]
 * [--profile DIR]`. Ends with an error when a client's messages did not arrive; a missed aim is reported, not an error.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { installFolder } from '../scripts/install-folder.mjs';
import { main, root } from '../scripts/run.mjs';
import { CASES } from './cases/index.mjs';
import { describeRun, stepAside } from './lib/machine.mjs';
import { documentOf, tableOf } from './lib/report.mjs';
import { postfixProgram } from './lib/sink.mjs';

const bench = join(root, 'bench');

const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    case: { type: 'string', default: '' },
    against: { type: 'string' },
    profile: { type: 'string' },
  },
});

await main(async () => {
  await installFolder(bench);
  stepAside();
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-bench-'));
  const rounds = Number(options.rounds ?? (options.quick ? 3 : 9));
  const builds = [{ name: 'posthaste', dist: join(root, 'dist', 'esm') }];
  if (options.against !== undefined)
    builds.push({ name: `posthaste of ${options.against}`, dist: resolve(options.against) });
  const context = {
    builds,
    folder,
    rounds,
    scale: options.quick ? 0.25 : 1,
    nodeOptions: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`],
  };
  const versionOf = async (name) =>
    JSON.parse(await readFile(join(bench, 'node_modules', name, 'package.json'), 'utf8')).version;
  const description = {
    ...describeRun(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    rounds,
    postfix: postfixProgram('smtp-sink').version,
    nodemailer: await versionOf('nodemailer'),
    emailjs: await versionOf('emailjs'),
  };
  const results = [];
  await mkdir(join(bench, 'results'), { recursive: true });
  try {
    for (const { title, run } of CASES) {
      if (!title.includes(options.case)) continue;
      try {
        for await (const result of run(context)) {
          results.push(result);
          console.log(tableOf(result));
        }
      } catch (error) {
        // The other cases are worth having all the same.
        console.error(`${title}: NOT MEASURED`, error);
        process.exitCode = 1;
      }
      // Behind each case: a run that is ended early has shown something.
      const whole = { ...description, results };
      await writeFile(join(bench, 'results', 'last.json'), `${JSON.stringify(whole, null, 2)}\n`);
      if (options.write) await writeFile(join(root, 'docs', 'benchmarks.md'), documentOf(results, description));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
