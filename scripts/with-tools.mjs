/**
 * Runs a program of tools/, which is installed on first use and again whenever its lock file has changed:
 * `node scripts/with-tools.mjs publint --strict`. Without a program it only installs.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { main, root, run } from './run.mjs';

const tools = join(root, 'tools');

/** Makes sure that tools/node_modules is what tools/package-lock.json says. */
export async function installTools() {
  const lock = createHash('sha256')
    .update(await readFile(join(tools, 'package-lock.json')))
    .digest('hex');
  // Inside node_modules, which `npm ci` empties first: an interrupted install leaves no stamp.
  const stamp = join(tools, 'node_modules', '.installed-lock');
  const installed = await readFile(stamp, 'utf8').catch(() => undefined);
  if (installed === lock) return;
  console.error('Installing the checkers of tools/ (once)');
  await run('npm', ['ci', '--prefix', tools, '--no-audit', '--no-fund', '--loglevel=error']);
  await writeFile(stamp, lock);
}

/** Runs `program` of tools/ in the project's root. */
export async function runTool(program, args) {
  await installTools();
  await run(join(tools, 'node_modules', '.bin', program), args);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [program, ...args] = process.argv.slice(2);
  await main(() => (program === undefined ? installTools() : runTool(program, args)));
}
