/**
 * Packages that the root install does not bring, in a folder with a lock file of its own: installed on first use, and again
 * whenever the lock file has changed.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { root, run } from './run.mjs';

/** Makes sure that the folder's node_modules is what its package-lock.json says. */
export async function installFolder(folder) {
  const lock = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex');
  // Inside node_modules, which `npm ci` empties first: an interrupted install leaves no stamp.
  const stamp = join(folder, 'node_modules', '.installed-lock');
  const installed = await readFile(stamp, 'utf8').catch(() => undefined);
  if (installed === lock) return;
  console.error(`Installing the packages of ${relative(root, folder)}/ (once)`);
  await run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
  await writeFile(stamp, lock);
}
