/** A Debian package with nothing but Python in it, unpacked into the folder of a run: nothing is installed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives the folder of the Python modules, or undefined where apt cannot bring the package. */
export function pythonPackage(name, folder) {
  const unpacked = join(folder, name);
  mkdirSync(unpacked);
  const quiet = { cwd: unpacked, stdio: ['ignore', 'ignore', 'pipe'] };
  try {
    execFileSync('apt-get', ['download', '-qq', name], quiet);
    const archive = readdirSync(unpacked).find((file) => file.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', archive, '.'], quiet);
  } catch (error) {
    console.error(`${name} could not be had, and is left out: ${error.message}`);
    return undefined;
  }
  return join(unpacked, 'usr', 'lib', 'python3', 'dist-packages');
}
