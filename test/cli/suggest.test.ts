import fc from 'fast-check';
import { suggest } from '../../src/cli/suggest.js';

const known = ['dry-run', 'json', 'from', 'to', 'timeout', 'line-endings'];

it.each([
  ['dryrun', 'dry-run'],
  ['dry', 'dry-run'],
  ['jsno', 'json'],
  ['form', 'from'],
  ['tmieout', 'timeout'],
  ['line-ending', 'line-endings'],
  ['ot', 'to'],
])('%j is taken for %j', (given, meant) => {
  expect(suggest(given, known)).toBe(meant);
});

it.each(['', 'x', 'verbose', 'attachment'])('%j is near to nothing', (given) => {
  expect(suggest(given, known)).toBeUndefined();
});

it('a known word is its own suggestion, and any suggestion is a known word', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([undefined, ...known]).toContain(suggest(text, known));
    }),
  );
  for (const word of known) expect(suggest(word, known)).toBe(word);
});
