/**
 * The parser of addresses beside other parsers: nodemailer's, which is installed with the benchmarks, and Python's. What cannot be
 * run on this machine is said: without python3 nothing is, without ../shared/corpus the fields of real messages are not.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { installFolder } from './install-folder.mjs';
import { main, root, run } from './run.mjs';

await main(async () => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
  } catch (error) {
    throw new Error('test:peers needs python3, whose email package is one of the parsers', { cause: error });
  }
  await installFolder(join(root, 'bench'));
  const ignored = ['/node_modules/'];
  if (!existsSync(join(root, '../shared/corpus'))) {
    console.error(
      'NOT RUN: real-fields.test.ts: ../shared/corpus, the folder of real messages, is not on this machine',
    );
    ignored.push('/real-fields\\.test\\.ts$');
  }
  // One after the other: both may write docs/addresses.md.
  const args = ['test/message/differential/peers', '--runInBand', `--testPathIgnorePatterns=${ignored.join('|')}`];
  await run('npm', ['test', '--', ...args, ...process.argv.slice(2)]);
});
