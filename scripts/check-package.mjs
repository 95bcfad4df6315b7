/**
 * Packs the package as `npm publish` would and looks at the result: publint and attw at its `exports`, then the tests of
 * test/package, which install it, load it both ways and compile small consumers against its types. Needs a build.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { main, root, run } from './run.mjs';
import { runTool } from './with-tools.mjs';

const folder = join(root, '.tmp', 'package');

await main(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]);
  const [name] = await readdir(folder);
  const tarball = join(folder, name);
  await runTool('publint', ['--strict', tarball]);
  await runTool('attw', [tarball, '--no-emoji']);
  await run(
    'npm',
    ['test', '--', 'test/package', '--testPathIgnorePatterns=/node_modules/', ...process.argv.slice(2)],
    { env: { ...process.env, POSTHASTE_TARBALL: tarball } },
  );
});
