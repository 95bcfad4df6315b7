/**
 * The strict parser beside `addressparser`, the reader that the lenient mode consults. Wherever the two differ, the difference
 * belongs to a class with a name; a difference that fits no class fails the test.
 */
import addressparser from 'addressparser';
import fc from 'fast-check';
import { InvalidAddressError } from '../../src/errors.js';
import { parseAddressList } from '../../src/message/address.js';
import { runs } from './runs.js';

type Class =
  | 'same'
  | 'refused: the text is no address list'
  | 'refused: words without a domain beside addresses'
  | 'local user: addressparser takes a word for a name'
  | 'quoted string: it is one word of the address'
  | 'comment: it is no part of the address'
  | 'route: it is no part of the address'
  | 'white space: it may stand around the dots and the sign'
  | 'name: an address as its own name';

function strictly(text: string): string[] | InvalidAddressError {
  try {
    return parseAddressList(text).flatMap((entry) =>
      ('members' in entry ? entry.members : [entry]).map(({ address }) => address),
    );
  } catch (error) {
    if (error instanceof InvalidAddressError) return error;
    throw error;
  }
}

function loosely(text: string): string[] {
  return addressparser(text)
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ address }) => address);
}

function classOf(text: string): Class | undefined {
  const strict = strictly(text);
  const loose = loosely(text);
  if (strict instanceof InvalidAddressError) {
    if (strict.message.includes('a word without a domain')) return 'refused: words without a domain beside addresses';
    return 'refused: the text is no address list';
  }
  if (JSON.stringify(strict) === JSON.stringify(loose)) return 'same';
  if (text.includes('"')) return 'quoted string: it is one word of the address';
  if (text.includes('(')) return 'comment: it is no part of the address';
  if (/<[\s,]*@/.test(text)) return 'route: it is no part of the address';
  if (/\s[.@]|[.@]\s/.test(text)) return 'white space: it may stand around the dots and the sign';
  if (strict.every((address) => !address.includes('@'))) return 'local user: addressparser takes a word for a name';
  if (/@[^,;]*</.test(text)) return 'name: an address as its own name';
  return undefined;
}

describe('known differences', () => {
  it.each<[text: string, expected: Class]>([
    ['Jane Doe <jane@x>, joe@y', 'same'],
    ['Team: a@x, b@y;, c@z', 'same'],
    ['a@x,, ,b@y,', 'same'],
    ['undisclosed-recipients:;', 'same'],
    ['a@[192.0.2.1]', 'same'],
    ['"xclow3n@gmail.com x"@internal.domain', 'quoted string: it is one word of the address'],
    ['"a b"@x', 'quoted string: it is one word of the address'],
    ['pete(his account)@silly.test', 'comment: it is no part of the address'],
    ['<@route.example:user@host.example>', 'route: it is no part of the address'],
    ['jdoe@test  . example', 'white space: it may stand around the dots and the sign'],
    ['root', 'local user: addressparser takes a word for a name'],
    ['j@x <j@x>', 'same'],
    ['a b@c.d', 'refused: the text is no address list'],
    ['<evil@evil.com><good@good.com>', 'refused: the text is no address list'],
    ['a@b@c.d', 'refused: the text is no address list'],
    ['a@x; b@y', 'refused: the text is no address list'],
    ['Doe, John <j@x>', 'refused: words without a domain beside addresses'],
  ])('%s: %s', (text, expected) => {
    expect(classOf(text)).toBe(expected);
  });
});

describe('any text', () => {
  it('differs in a class that has a name', () => {
    const piece = fc.constantFrom(
      'a@x',
      'b@y.z',
      'Jane',
      'Doe',
      'root',
      ' ',
      ' ',
      ',',
      ', ',
      '<',
      '>',
      ':',
      ';',
      '"',
      '(',
      ')',
      '.',
      '@',
      '\\',
      '[192.0.2.1]',
    );
    const mailbox = fc.constantFrom(
      'a@x',
      'Jane Doe <j@x>',
      '"Doe, J" <j@x>',
      '<b@y>',
      'c@z (C)',
      'G: d@x;',
      'root',
      'j@x <j@x>',
      '<@r:e@x>',
    );
    const list = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.array(mailbox, { maxLength: 5 }).map((mailboxes) => mailboxes.join(', ')),
    );
    fc.assert(
      fc.property(list, (text) => {
        expect({ text, class: classOf(text) }).not.toEqual({ text, class: undefined });
      }),
      runs(5000),
    );
  });
});
