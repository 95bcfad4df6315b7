// Versions come from the packages that were unpacked.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The version of an unpacked Debian package, without epoch and revision: `3.7.11`. */
export async function versionOf(name: string): Promise<string> {
  const lines = (await readFile(join(process.env['POSTHASTE_INTEROP_ROOT'] ?? '', 'versions'), 'utf8')).split('\n');
  const line = lines.find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`${name} was not unpacked`);
  return line
    .slice(name.length + 1)
    .replace(/^\d+:/, '')
    .replace(/[-+].*$/, '');
}
