import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../src/cli/program.js';

it('is the version of package.json', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  expect(version()).toBe((JSON.parse(text) as { version: string }).version);
});
