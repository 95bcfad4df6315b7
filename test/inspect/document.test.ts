/** docs/inspect.md: its program compiles and runs, and its limits are those that hold. */
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveOptions } from '../../src/inspect/inspect-options.js';
import { compilerSays, snippetsOf } from '../support/snippets.js';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs/inspect.md'), 'utf8');

it('has a program that compiles', () => {
  const snippets = snippetsOf('docs/inspect.md');
  expect(snippets).toHaveLength(1);
  expect(compilerSays(snippets)).toEqual([]);
});

it('names the default of every limit', () => {
  const { maxSizeBytes, maxNesting, maxParts } = resolveOptions({});
  const row = (option: string): string => text.split('\n').find((line) => line.includes(`\`${option}\``)) ?? '';
  expect(row('maxSizeBytes')).toContain(`${String(maxSizeBytes / 2 ** 20)} MiB`);
  expect(row('maxNesting')).toContain(`${String(maxNesting)} deep`);
  expect(row('maxParts')).toContain(maxParts.toLocaleString('en-US'));
});

it('names the version that is tested', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/mailparser/package.json'), 'utf8')) as {
    version: string;
  };
  expect(text).toContain(`mailparser@${version}`);
});

// A compiler starts in the first one.
jest.setTimeout(60_000);
