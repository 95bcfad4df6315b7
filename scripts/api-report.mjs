/**
 * The public surface as text, one report per entry point, under etc/: every change of the surface shows in review.
 * `--check` fails when a report differs from the built declarations, `--update` writes it anew. Needs a build.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { main, root, run } from './run.mjs';
import { runTool } from './with-tools.mjs';

const built = join(root, 'dist', 'esm');
const work = join(root, '.tmp', 'api');

/**
 * API Extractor knows one entry point per package, and would take what `posthaste/testing` imports from `posthaste` for
 * symbols that it forgot to export. So each sub-path is laid out as a package of its own beside a copy of the main one.
 */
async function layOutSubPath(name) {
  const folder = join(work, name);
  await cp(join(built, name), join(folder, 'types'), {
    recursive: true,
    filter: (path) => !/\.(js|map)$/.test(path),
  });
  const files = await readdir(join(folder, 'types'), { recursive: true });
  for (const file of files.filter((path) => path.endsWith('.d.ts'))) {
    const path = join(folder, 'types', file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/(['"])(?:\.\.\/)+index\.js\1/g, "'posthaste'"));
  }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: `posthaste-${name}`, version: '0.0.0', type: 'module' }),
  );
  await cp(built, join(folder, 'node_modules', 'posthaste', 'dist', 'esm'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'node_modules', 'posthaste', 'package.json'));
  return { projectFolder: folder, entry: join(folder, 'types', 'index.d.ts') };
}

/** Writes or compares one report. */
async function report(name, { projectFolder, entry }, mode) {
  const shared = JSON.parse(await readFile(join(root, 'api-extractor.json'), 'utf8'));
  const reportFileName = `${name}.api.md`;
  const config = {
    ...shared,
    projectFolder,
    mainEntryPointFilePath: entry,
    apiReport: { ...shared.apiReport, reportFolder: join(root, 'etc'), reportTempFolder: work, reportFileName },
    compiler: { overrideTsconfig: { ...shared.compiler.overrideTsconfig, files: [entry] } },
  };
  // The report is named after the package that this file lies in.
  const path = join(projectFolder === root ? work : projectFolder, 'api-extractor.json');
  await writeFile(path, JSON.stringify(config, null, 2));
  try {
    await runTool('api-extractor', ['run', '--config', path, ...(mode === '--update' ? ['--local'] : [])]);
  } catch (error) {
    const pair = [join('etc', reportFileName), join('.tmp', 'api', reportFileName)];
    await run('git', ['--no-pager', 'diff', '--no-index', '--', ...pair]).catch(() => undefined);
    throw new Error(`The surface of ${name} is not what etc/ says. If it should be: npm run api:update`, {
      cause: error,
    });
  }
}

await main(async () => {
  const mode = process.argv[2];
  if (mode !== '--check' && mode !== '--update') throw new Error('usage: api-report.mjs --check | --update');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await mkdir(join(root, 'etc'), { recursive: true });
  await report('posthaste', { projectFolder: root, entry: join(built, 'index.d.ts') }, mode);
  for (const name of ['testing', 'inspect', 'inbox', 'outbox', 'bullmq', 'nodemailer'])
    await report(`posthaste-${name}`, await layOutSubPath(name), mode);
  if (mode === '--update') await run('git', ['--no-pager', 'diff', '--stat', '--', 'etc']);
});
