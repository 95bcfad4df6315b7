/** Case: how large what a program that sends mail has installed is, and what of it an import reads. */
import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../scripts/run.mjs';

const KILOBYTE = 1_000;

/** The package that the bundle carries, from its licence to its last line. */
const CARRIED = /\/\*!\n[^]*?\nconst \S+ = module\.exports;\n/;

async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** As `npm pack` lists it. */
function packedFiles() {
  const list = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16_000_000,
  });
  const [{ files }] = JSON.parse(list);
  return files;
}

export async function* installedSize({ builds }) {
  const files = packedFiles();
  const of = (...ends) =>
    files.filter(({ path }) => ends.some((end) => path.endsWith(end))).reduce((sum, { size }) => sum + size, 0);
  const loaded = await readFile(join(builds[0].dist, 'index.js'));
  const [carried = ''] = CARRIED.exec(loaded.toString('latin1')) ?? [];
  const own = of('.js', '.cjs', '.json', '.md', 'LICENSE');
  yield {
    title: 'Installed size',
    unit: 'KB on disk',
    higherIsBetter: false,
    aims: [{ value: 500 }],
    rows: [
      ['posthaste, what `import` loads of its own', loaded.length - carried.length],
      ['posthaste, what `import` loads, with the copy of addressparser in it', loaded.length],
      ['posthaste, code of all entry points, twice (import, require), and texts', own],
      ['posthaste, with declarations, sources and maps', of('')],
      ['nodemailer', await sizeOf(join(root, 'bench', 'node_modules', 'nodemailer'))],
    ].map(([name, octets]) => ({ name, values: [octets / KILOBYTE] })),
  };
}
