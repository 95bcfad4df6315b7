/**
 * Builds the package into dist/: the same sources twice, as ES modules and as CommonJS, each with declarations and maps.
 * dist/ is made anew each time, so that no file of a deleted source is ever published.
 */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildPages } from './build-page.mjs';
import { main, root, run } from './run.mjs';

const dist = join(root, 'dist');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

await main(async () => {
  await rm(dist, { recursive: true, force: true });
  const passes = ['tsconfig.build.json', 'tsconfig.build.cjs.json'];
  const results = await Promise.allSettled(passes.map((project) => run(process.execPath, [tsc, '-p', project])));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  await buildPages(dist);
  // package.json says "type": "module"; this says otherwise for the CommonJS half.
  await writeFile(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  // The compiler does not keep the mode; npm would set it at install, but the built file is also run in place.
  await chmod(join(dist, 'esm', 'cli', 'main.js'), 0o755);
});
