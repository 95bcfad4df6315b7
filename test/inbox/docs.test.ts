/** The snippets of docs/inbox.md compile and do what they say; its tables name what there is. */
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOf } from '../../src/inbox/fault-tags.js';
import { compilerSays, runSnippet, snippetsOf } from '../support/snippets.js';

// The parser of bodies is loaded with the first message, which may take seconds on a busy machine.
jest.setTimeout(30_000);

const snippets = snippetsOf('docs/inbox.md');
const text = readFileSync(join(import.meta.dirname, '../../docs/inbox.md'), 'utf8');

it('the snippets compile under strict settings', () => {
  expect(snippets).toHaveLength(1);
  expect(compilerSays(snippets)).toEqual([]);
}, 60_000);

it.each(snippets.map((snippet) => [snippet.name, snippet] as const))('%s runs to its end', async (_, snippet) => {
  await expect(runSnippet(snippet)).resolves.toBeUndefined();
});

it('every address of the table of faults asks for one', () => {
  const tags = [...text.matchAll(/`([a-z0-9-]+@)`/g)].map(([, tag = '']) => tag);
  expect(tags.length).toBeGreaterThanOrEqual(6);
  for (const tag of tags) expect([tag, faultsOf(`${tag}x.test`).length]).toEqual([tag, 1]);
});
