/**
 * The ES modules of the package: one file for each entry point of package.json, and beside them, in chunks, the code that they share or
 * that is loaded when it is needed. Loading some hundred modules one by one costs a program several times what their code does.
 *
 * Each module is in one file only, so that classes, symbols and WeakMaps are the same through all entry points. Maps lead to src/.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { rollup } from 'rollup';
import ts from 'typescript';

import { root } from './run.mjs';

/** Paths without extension, of all that package.json lets a program load, or start. */
async function entryPoints() {
  const { exports, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const files = [...Object.values(exports).map((conditions) => conditions.import?.default), ...Object.values(bin)];
  return files
    .filter((file) => file !== undefined)
    .map((file) => file.replace(/^\.\/dist\/esm\//, '').replace(/\.js$/, ''));
}

/**
 * The one CommonJS package that every program would load. It comes along as a module: Node reads what is imported of such a package
 * with a parser that it must load first, 4 ms of each start in Node 20, 16 in Node 22 and 2 in Node 24.
 */
const addressparser = createRequire(import.meta.url).resolve('addressparser');

const inlined = {
  name: 'inlined',
  resolveId: (name) => (name === 'addressparser' ? addressparser : null),
  async load(path) {
    if (path !== addressparser) return null;
    const licence = await readFile(join(dirname(path), '..', 'LICENSE'), 'utf8');
    const compilerOptions = { target: 'es2022', removeComments: true };
    const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), { compilerOptions });
    return {
      code: `/*!\n${licence}*/\nconst module = { exports: {} };\n${outputText}\nexport default module.exports;\n`,
      // Its source is in no package of ours.
      map: { mappings: '' },
    };
  },
};

/** The compiler's output, with its maps. */
const compiled = {
  name: 'compiled',
  resolveId(name, importer) {
    if (importer === undefined) return name;
    // What is not ours is loaded from where it is, if it is loaded at all.
    return name.startsWith('.') ? resolve(dirname(importer), name) : { id: name, external: true };
  },
  async load(path) {
    const code = (await readFile(path, 'utf8')).replace(/^#!.*/, '').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    // What another script wrote has none.
    const map = await readFile(`${path}.map`, 'utf8').catch(() => null);
    return { code, map };
  },
};

/**
 * The library is one chunk. What the program loads when it starts is another one, without its first file: that one runs the program, and
 * must be loaded by nobody.
 */
function chunkOf(modules) {
  const index = join(modules, 'index.js');
  let library;
  let program;
  return (id, { getModuleInfo }) => {
    library ??= reachedFrom(index, modules, getModuleInfo).add(index);
    program ??= reachedFrom(join(modules, 'cli', 'main.js'), join(modules, 'cli'), getModuleInfo);
    if (library.has(id)) return 'library';
    return program.has(id) ? 'program' : undefined;
  };
}

/** All modules below a folder that a module imports, and those that they import. */
function reachedFrom(start, folder, getModuleInfo) {
  const found = new Set();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of getModuleInfo(id)?.importedIds ?? []) {
      if (found.has(next) || !next.startsWith(folder)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

/** From a folder of compiled modules to the one that is published. */
export async function bundle(modules, folder) {
  const input = Object.fromEntries((await entryPoints()).map((name) => [name, join(modules, `${name}.js`)]));
  const bundled = await rollup({
    input,
    plugins: [inlined, compiled],
    // What is imported is used, and what is evaluated may have an effect.
    treeshake: false,
    onwarn(warning) {
      // Helpers of the compiler look at `this` at the top of a module, where there is none.
      if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(warning.message);
    },
  });
  try {
    await bundled.write({
      dir: folder,
      format: 'es',
      sourcemap: true,
      // They are in the package.
      sourcemapExcludeSources: true,
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      generatedCode: 'es2015',
      chunkFileNames: 'chunks/[name].js',
      manualChunks: chunkOf(modules),
      banner: ({ name }) => (name === 'cli/main' ? '#!/usr/bin/env node' : ''),
    });
  } finally {
    await bundled.close();
  }
}
