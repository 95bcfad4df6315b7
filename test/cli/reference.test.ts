/** docs/cli.md says what the program says. `POSTHASTE_UPDATE_DOCS=1 npm test -- test/cli/reference` writes its tables anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceParts, withReferenceParts } from './reference.js';

const path = join(import.meta.dirname, '..', '..', 'docs', 'cli.md');

it('docs/cli.md has the tables of the program', () => {
  const text = readFileSync(path, 'utf8');
  const written = withReferenceParts(text);
  if (process.env['POSTHASTE_UPDATE_DOCS'] === '1') writeFileSync(path, written);
  else expect(text).toBe(written);
});

it('a part without a place, and a place without a part, are noticed', () => {
  expect(() => withReferenceParts('')).toThrow(/no place for: commands, /);
  expect(() => withReferenceParts('<!-- table: nothing -->\n\n<!-- end -->')).toThrow(/"nothing"/);
  expect([...referenceParts().values()].every((part) => part.endsWith('\n'))).toBe(true);
});
