/**
 * Builds the page of `posthaste inbox` into the modules that serve it: compiles src/inbox/page/ for browsers, and writes what came out,
 * with the page's HTML, CSS and icon, as values into inbox/page-assets.js of each build that is there. The server then needs no file.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { main, root, run } from './run.mjs';

const source = join(root, 'src', 'inbox', 'page');
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** How the built module says what it exports, by the kind of module. */
const EXPORTS = { esm: 'export const PAGE_ASSETS = ', cjs: 'exports.PAGE_ASSETS = ' };

/** `dist` holds `esm`, `cjs` or both. */
export async function buildPage(dist) {
  const assets = await pageAssets();
  for (const [kind, statement] of Object.entries(EXPORTS)) {
    const module = join(dist, kind, 'inbox', 'page-assets.js');
    if ((await stat(module).catch(() => undefined)) === undefined) continue;
    const head =
      kind === 'cjs' ? '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n' : '';
    await writeFile(
      module,
      `${head}/** Written by scripts/build-page.mjs. */\n${statement}${JSON.stringify(assets, null, 1)};\n`,
    );
    // It belonged to the empty module.
    await rm(`${module}.map`, { force: true });
  }
}

/** Path below `/` to type and text. */
export async function pageAssets() {
  const compiled = await mkdtemp(join(tmpdir(), 'posthaste-page-'));
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', 'false', '--removeComments', '--outDir', compiled];
    await run(process.execPath, [tsc, '-p', join(source, 'tsconfig.json'), ...options]);
    const scripts = join(compiled, 'inbox', 'page');
    return Object.fromEntries([
      ['/', await asset(join(source, 'index.html'))],
      ['/page.css', await asset(join(source, 'page.css'))],
      ['/icon.svg', await asset(join(source, 'icon.svg'))],
      ...(await Promise.all(
        (await readdir(scripts)).sort().map(async (name) => [`/page/${name}`, await asset(join(scripts, name))]),
      )),
    ]);
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
}

async function asset(path) {
  return { type: TYPES[extname(path)], text: await readFile(path, 'utf8') };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => buildPage(process.argv[2] ?? join(root, 'dist')));
}
