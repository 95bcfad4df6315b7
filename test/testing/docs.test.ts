/** Every snippet of docs/testing.md compiles and does what it says; its tables name what there is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepNames } from '../../src/testing/behaviour.js';
import { readClientText, readServerText } from '../../src/testing/notation.js';
import { compilerSays, runSnippet, snippetsOf } from '../support/snippets.js';

const snippets = snippetsOf('docs/testing.md');
const text = readFileSync(join(import.meta.dirname, '../../docs/testing.md'), 'utf8');

describe('the snippets of docs/testing.md', () => {
  it('compile under strict settings', () => {
    expect(snippets.length).toBeGreaterThan(5);
    expect(compilerSays(snippets)).toEqual([]);
  }, 60_000);

  it.each(snippets.map((snippet) => [snippet.name, snippet] as const))('%s runs to its end', async (_, snippet) => {
    await expect(runSnippet(snippet)).resolves.toBeUndefined();
  });
});

describe('the tables of docs/testing.md', () => {
  const words = [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);

  it('name every step of a behaviour', () => {
    expect(stepNames.filter((name) => !words.includes(name))).toEqual([]);
  });

  it('show only lines that can be read', () => {
    const lines = words.filter((word) => /^(?:S:|C[:?*]) /.test(word));
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) (line.startsWith('S') ? readServerText : readClientText)(line.slice(3));
  });

  it('show every action', () => {
    const actions = words.flatMap((word) => /^S: \(([a-z]+)/.exec(word)?.[1] ?? []);
    const known =
      'close reset hold wait starttls chunk cork uncork flush listen repeat pause resume surplus early'.split(' ');
    expect([...new Set(actions)].sort()).toEqual(known.sort());
  });
});
