/**
 * Runs the examples, with packages of their own and with posthaste as its users get it: packed from what is in dist/. Arguments go to
 * jest. `npm run test:examples` builds first. What cannot be run on this machine is said.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { installFolder } from './install-folder.mjs';
import { main, root, run } from './run.mjs';

const examples = join(root, 'examples');

/** npm has put there what was packed when the lock file was new; this puts there what is built now. */
async function installPosthaste() {
  const packed = join(root, '.tmp', 'examples');
  await rm(packed, { recursive: true, force: true });
  await mkdir(packed, { recursive: true });
  await run('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', packed]);
  const [tarball] = await readdir(packed);
  const installed = join(examples, 'node_modules', 'posthaste');
  await rm(installed, { recursive: true, force: true });
  await mkdir(installed);
  await run('tar', ['-xzf', join(packed, tarball), '-C', installed, '--strip-components=1']);
}

/** Debian's redis-server, unpacked and not installed. */
function hasRedis() {
  try {
    execFileSync('sh', [join(root, 'test/interop/redis/install.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
    return true;
  } catch {
    return false;
  }
}

await main(async () => {
  await installFolder(examples);
  await installPosthaste();
  const ignored = ['/node_modules/'];
  if (!hasRedis()) {
    console.error('NOT RUN: test/examples/bullmq.test.ts: there is no redis-server for it on this machine');
    ignored.push('/examples/bullmq\\.test\\.ts$');
  }
  // Each test starts programs, and a busy machine may take seconds for that.
  const args = ['test/examples', `--testPathIgnorePatterns=${ignored.join('|')}`, '--testTimeout=120000'];
  await run('npm', ['test', '--', ...args, ...process.argv.slice(2)]);
});
