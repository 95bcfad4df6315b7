/**
 * Builds the pages of the commands into the modules that serve them: compiles src/FOLDER/page/ for browsers, and writes what came out,
 * with the page's HTML and CSS and what all pages share (src/web/page/), as values into FOLDER/page-assets.js of each build that is
 * there. The servers then need no file.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { main, root, run } from './run.mjs';

/** The folder of each page below src/. */
const PAGES = ['inbox', 'outbox-view'];
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** How the built module says what it exports, by the kind of module. */
const EXPORTS = { esm: 'export const PAGE_ASSETS = ', cjs: 'exports.PAGE_ASSETS = ' };

/** `builds`: the folder of each kind of modules, `esm`, `cjs` or both. */
export async function buildPages(builds) {
  for (const folder of PAGES) {
    const modules = Object.entries(builds).map(([kind, build]) => [kind, join(build, folder, 'page-assets.js')]);
    const assets = await pageAssets(folder);
    for (const [kind, module] of modules) {
      if ((await stat(module).catch(() => undefined)) === undefined) continue;
      const head =
        kind === 'cjs' ? '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n' : '';
      await writeFile(
        module,
        `${head}/** Written by scripts/build-page.mjs. */\n${EXPORTS[kind]}${JSON.stringify(assets, null, 1)};\n`,
      );
      // It belonged to the empty module.
      await rm(`${module}.map`, { force: true });
    }
  }
}

/** Path below `/` to type and text. Scripts keep their path below src/, so that they find each other. */
export async function pageAssets(folder) {
  const [page, shared] = [folder, 'web'].map((name) => join(root, 'src', name, 'page'));
  const compiled = await mkdtemp(join(tmpdir(), 'posthaste-page-'));
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', 'false', '--removeComments', '--outDir', compiled];
    await run(process.execPath, [tsc, '-p', join(page, 'tsconfig.json'), ...options]);
    const scripts = (await readdir(compiled, { recursive: true })).filter((path) => path.endsWith('.js')).sort();
    return Object.fromEntries([
      ['/', await asset(join(page, 'index.html'))],
      ['/base.css', await asset(join(shared, 'base.css'))],
      ['/page.css', await asset(join(page, 'page.css'))],
      ['/icon.svg', await asset(join(shared, 'icon.svg'))],
      ...(await Promise.all(scripts.map(async (path) => [`/${path}`, await asset(join(compiled, path))]))),
    ]);
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
}

async function asset(path) {
  return { type: TYPES[extname(path)], text: await readFile(path, 'utf8') };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const dist = process.argv[2] ?? join(root, 'dist');
  await main(() => buildPages({ esm: join(dist, 'esm'), cjs: join(dist, 'cjs') }));
}
