import fc from 'fast-check';
import { InvalidAddressError } from '../../src/errors.js';
import { parseAddressList, parseAddrSpec } from '../../src/message/address.js';
import { runs } from './runs.js';

function lenient(text: string): string[] {
  return parseAddressList(text, { mode: 'lenient' }).map((entry) => {
    if ('members' in entry) throw new Error('a group');
    return `${entry.name}|${entry.address}`;
  });
}

describe('a list that only the lenient mode reads', () => {
  it.each<[fact: string, text: string, expected: string[]]>([
    ['a name with a comma', 'Doe, John <j@x>', ['Doe, John|j@x']],
    ['a name with two commas beside another address', 'a@x, Doe, John, Jr <j@x>', ['|a@x', 'Doe, John, Jr|j@x']],
    ['semicolons between addresses', 'a@x; B <b@x>;', ['|a@x', 'B|b@x']],
    ['brackets in a name', 'Joe [work] <j@x>', ['Joe [work]|j@x']],
    ['a comma inside an encoded-word', '=?utf-8?Q?a, b?= <j@x>', ['=?utf-8?Q?a, b?=|j@x']],
    ['a comment that is closed in front of the address', 'Joe [work] (at his desk) <j@x>', ['Joe [work]|j@x']],
    ['a bracket that was cut off', 'John <j@x', ['John|j@x']],
    ['a group that was cut off', 'Team: a@x, b@x', ['|a@x', '|b@x']],
    ['a name that begins with a dot', '.NET team <net@x>', ['.NET team|net@x']],
  ])('%s', (_fact, text, expected) => {
    expect(() => parseAddressList(text)).toThrow(InvalidAddressError);
    expect(lenient(text)).toEqual(expected);
  });
});

describe('a list that the strict grammar takes is not read another way', () => {
  it.each(['"xclow3n@gmail.com x"@internal.domain', '<@route.com:user@host.com>', 'g: a@b.c;', 'root'])(
    '%s',
    (text) => {
      expect(parseAddressList(text, { mode: 'lenient' })).toEqual(parseAddressList(text));
    },
  );
});

describe('a list that has another reading stays refused, with the position in the grammar', () => {
  it.each<[fact: string, text: string]>([
    ['two paths in a row', '<evil@evil.com><good@good.com>'],
    ['two paths behind a name', 'a <b@c> <d@e>'],
    ['a parenthesis between addresses', 'alice@example.org)bob@example.com'],
    ['white space in front of an address', 'a b@c.d'],
    ['white space behind an address', 'b@c.d e'],
    ['two signs', 'a@b@c.d'],
    ['two addresses with white space between', 'tim@p.com concierge@p.com'],
    ['another address as a name', 'Mikel@Lindsaar <raasdnil@gmail.com>'],
    ['an address in an unclosed quote', '"John <j@x>'],
    ['an address in a closed quote', '"a <j@x>, b" [c]'],
    ['an address in an unclosed comment', 'b (<j@x>'],
    ['an address in a comment behind a stray parenthesis', ') (<j@x>'],
    ['an address behind a quote that only a second reader takes for closed', '": <j@x>'],
    ['an address behind a comment that only a second reader takes for closed', '((")<j@x>'],
    ['an address behind mailto in brackets', 'J [mailto:j@x]'],
    ['a word behind the last address', 'a@x, b@x, localrecipient'],
    ['a word in front of an address without a name', 'root, <j@x>'],
    ['a word that is a path', '<root>, [x] <j@x>'],
    ['an address with two dots', '[x] <a..b@x>'],
    ['an invisible character', '[x] <a\u200bb@x>'],
    ['a NUL', '[x] <a@x\0>'],
    ['a line end', 'r@b.c>\r\nRCPT TO:<v@evil.com'],
    ['a quoted local part', '[x] <"a b"@x>'],
    ['no address at all', 'John Doe'],
  ])('%s', (_fact, text) => {
    const strict = (): unknown => parseAddressList(text);
    expect(strict).toThrow(InvalidAddressError);
    let fault: unknown;
    try {
      strict();
    } catch (error) {
      fault = error;
    }
    expect(() => lenient(text)).toThrow(fault as Error);
  });
});

describe('limits', () => {
  it('16 KiB are read again, not more', () => {
    const list = 'a@x; '.repeat(3276);
    expect(list).toHaveLength(16_380);
    expect(lenient(`${list}    `)).toHaveLength(3276);
    expect(() => lenient(`${list}     `)).toThrow(InvalidAddressError);
  });

  it.each<[fact: string, text: string]>([
    ['groups inside groups', `${'g:'.repeat(8000)} a@x`],
    ['a word without an end', `${'a-'.repeat(8000)}; a@x`],
  ])('%s are not read again', (_fact, text) => {
    expect(() => lenient(text)).toThrow(InvalidAddressError);
  });
});

describe('properties', () => {
  const pieces = fc.constantFrom(
    'a@x',
    'b@y.z',
    '<',
    '>',
    ',',
    ';',
    ':',
    ' ',
    '"',
    '(',
    ')',
    '[',
    ']',
    '\\',
    'Jo',
    '.',
    '@',
    '\t',
    'é',
  );

  it('what is accepted stands literally in the text, once for each sign', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let entries;
        try {
          parseAddressList(text);
          return;
        } catch {
          try {
            entries = parseAddressList(text, { mode: 'lenient' });
          } catch {
            return;
          }
        }
        let position = 0;
        for (const entry of entries) {
          const address = 'address' in entry ? entry.address : '';
          expect(parseAddrSpec(address).address).toBe(address);
          position = text.indexOf(address, position);
          expect(position).toBeGreaterThanOrEqual(0);
          position += address.length;
        }
        expect(text.split('@').length - 1).toBe(entries.length);
      }),
      runs(5000),
    );
  });
});
