/** What the program calls itself. The version stands in package.json alone, above this file in the sources and in the build. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = 'posthaste';

export function version(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = versionIn(folder);
    if (found !== undefined) return found;
    const above = dirname(folder);
    if (above === folder) return 'of an unknown version';
    folder = above;
  }
}

function versionIn(folder: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  const { name, version: found } = JSON.parse(text) as { name?: unknown; version?: unknown };
  return name === PROGRAM && typeof found === 'string' ? found : undefined;
}
