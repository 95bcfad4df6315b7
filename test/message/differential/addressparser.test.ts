/**
 * The strict parser beside `addressparser`. Wherever the two differ, the difference is about a feature that has a name; a
 * difference that nothing explains fails the test. The other readers are compared by `npm run test:peers`.
 */
import fc from 'fast-check';
import { runs } from '../runs.js';
import { readWithAddressparser } from './addressparser.js';
import { compare, type Comparison } from './compare.js';
import { addressLists, EXAMPLES } from './inputs.js';
import { tally } from './tally.js';

describe('known differences', () => {
  it.each<[text: string, kind: Comparison['kind'], about: readonly string[]]>([
    ['Jane Doe <jane@x>, joe@y', 'same', []],
    ['Team: a@x, b@y;, c@z', 'same', []],
    ['a@x,, ,b@y,', 'same', []],
    ['undisclosed-recipients:;', 'same', []],
    ['a@[192.0.2.1]', 'same', []],
    ['a@[IPv6:::1]', 'addresses differ', ['domain literal']],
    ['"xclow3n@gmail.com x"@internal.domain', 'addresses differ', ['a local part in quotes that it needs']],
    ['pete(his account)@silly.test', 'addresses differ', ['comment']],
    ['a@x (c)', 'names differ', ['comment']],
    ['<@route.example:user@host.example>', 'addresses differ', ['source route']],
    ['jdoe@test  . example', 'addresses differ', ['white space inside an address']],
    ['root', 'addresses differ', ['local user']],
    ['j@x <j@x>', 'names differ', ['an address as its own name']],
    ['a b@c.d', 'refused', ['not in the grammar']],
    ['<evil@evil.com><good@good.com>', 'refused', ['not in the grammar']],
    ['a@b@c.d', 'refused', ['not in the grammar']],
    ['a@x; b@y', 'refused', ['not in the grammar']],
    ['a\u200b@x', 'refused', ['a character that nobody sees']],
    ['Doe, John <j@x>', 'refused', ['a word without a domain beside addresses']],
    ['j@x <k@x>', 'refused', ['an address as the name of another']],
  ])('%s: %s', (text, kind, about) => {
    expect(compare(text, readWithAddressparser)).toEqual(expect.objectContaining({ kind, classes: about }));
  });
});

it('every example differs about something that has a name', () => {
  expect(tally(EXAMPLES, readWithAddressparser).unexplained).toEqual([]);
});

it('any list differs about something that has a name', () => {
  fc.assert(
    fc.property(addressLists, (text) => {
      expect({ text, kind: compare(text, readWithAddressparser).kind }).not.toEqual({ text, kind: 'unexplained' });
    }),
    runs(2000),
  );
});

describe('the comparison', () => {
  it('does not explain a reader that loses an address', () => {
    const losing = (text: string) => readWithAddressparser(text).slice(1);
    expect(compare('a@x, b@y', losing).kind).toBe('unexplained');
    expect(compare('(c) a@x, b@y', losing).kind).toBe('unexplained');
  });

  it('does not explain a reader that makes addresses up', () => {
    expect(compare('G: a@x;', () => [{ name: '', address: 'evil@x' }]).kind).toBe('unexplained');
  });
});
