/**
 * Builds the package into dist/: the same sources twice, as ES modules, in bundles, and as CommonJS, each with declarations and maps.
 * dist/ is made anew each time, so that no file of a deleted source is ever published.
 */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildPages } from './build-page.mjs';
import { bundle } from './bundle.mjs';
import { main, root, run } from './run.mjs';

const dist = join(root, 'dist');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
/** What the bundles are made of: without comments, which are in src/ and in the declarations. */
const modules = join(dist, 'modules');
const asModules = [
  '--noCheck',
  '--declaration',
  'false',
  '--declarationMap',
  'false',
  '--removeComments',
  '--outDir',
  modules,
];

await main(async () => {
  await rm(dist, { recursive: true, force: true });
  const passes = [
    ['tsconfig.build.json', '--emitDeclarationOnly'],
    ['tsconfig.build.json', ...asModules],
    ['tsconfig.build.cjs.json'],
  ];
  const results = await Promise.allSettled(passes.map((pass) => run(process.execPath, [tsc, '-p', ...pass])));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  await buildPages({ esm: modules, cjs: join(dist, 'cjs') });
  await bundle(modules, join(dist, 'esm'));
  await rm(modules, { recursive: true });
  // package.json says "type": "module"; this says otherwise for the CommonJS half.
  await writeFile(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  // The compiler does not keep the mode; npm would set it at install, but the built file is also run in place.
  await chmod(join(dist, 'esm', 'cli', 'main.js'), 0o755);
});
