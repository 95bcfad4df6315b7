/**
 * Runs a program of tools/, which is installed on first use and again whenever its lock file has changed:
 * `node scripts/with-tools.mjs publint --strict`. Without a program it only installs.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { installFolder } from './install-folder.mjs';
import { main, root, run } from './run.mjs';

const tools = join(root, 'tools');

/** Runs `program` of tools/ in the project's root. */
export async function runTool(program, args) {
  await installFolder(tools);
  await run(join(tools, 'node_modules', '.bin', program), args);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [program, ...args] = process.argv.slice(2);
  await main(() => (program === undefined ? installFolder(tools) : runTool(program, args)));
}
