import fc from 'fast-check';
import { parseStrictAddrSpec, parseStrictList } from '../../src/message/address-parser.js';
import { readPlainAddrSpec, readPlainList } from '../../src/message/plain-addresses.js';
import { runs } from './runs.js';

/** A comment in front of it makes a list one that is not plain, so that the parser reads it. */
function byTheParser(text: string): unknown {
  const list = parseStrictList(`()${text}`);
  return { ...list, mailboxes: list.mailboxes.map(({ mailbox, position }) => ({ mailbox, position: position - 2 })) };
}

describe('plain lists', () => {
  it.each([
    ['a@b', ['|a@b']],
    ['a.b+c@mail-1.example.com', ['|a.b+c@mail-1.example.com']],
    ['a@b.example, c@d.example,e@f', ['|a@b.example', '|c@d.example', '|e@f']],
    ['One <one@example.com>, Jörg Müller <j@example.com>', ['One|one@example.com', 'Jörg Müller|j@example.com']],
    ['a@b,', ['|a@b']],
  ])('%j', (text, wanted) => {
    expect(readPlainList(text)?.mailboxes.map(({ mailbox: { name, address } }) => `${name}|${address}`)).toEqual(
      wanted,
    );
  });

  it.each([
    ['a group', 'g: a@b;'],
    ['a quoted name', '"A" <a@b>'],
    ['a name with a dot', 'A. <a@b>'],
    ['two spaces', 'A  B <a@b>'],
    ['a comment', 'a@b (c)'],
    ['an address without a name in angle brackets', '<a@b>'],
    ['an open angle bracket', 'A <a@b'],
    ['a closing one alone', 'a@b>'],
    ['a user without a domain', 'root'],
    ['a domain literal', 'a@[192.0.2.1]'],
    ['a quoted local part', '"a b"@c'],
    ['letters beyond ASCII in the address', 'ü@b'],
    ['letters beyond ASCII in the domain', 'a@ü'],
    ['a domain that is long', `a@${'b.'.repeat(32)}c`],
    ['a local part that is long', `${'a'.repeat(501)}@b`],
    ['two dots', 'a..b@c'],
    ['a dot at the end', 'a@b.'],
    ['a fold', 'a@b,\r\n c@d'],
  ])('leave %s to the parser', (_what, text) => {
    expect(readPlainList(text)).toBeUndefined();
  });

  it('say what the parser says, wherever they say anything', () => {
    const word = fc.constantFrom(
      'a',
      'One',
      'Jörg',
      '=?utf-8?Q?x?=',
      "O'Neil",
      '.',
      '..',
      '"q"',
      '(c)',
      '@',
      '\u00a0',
      '😀',
      '\ud83d',
    );
    const piece = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('a@b', 'A <c.d@e.f>', 'A B <g@h>', ', ', ',', ' ', '<', '>', ':', ';') },
      { weight: 2, arbitrary: word },
      fc.constantFrom(`a@${'b'.repeat(63)}`, `a@${'b'.repeat(64)}`, `a@-`, 'a@b-.c', 'a@1'),
    );
    let plain = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const read = readPlainList(text);
        if (read === undefined) return;
        plain += 1;
        expect(read).toEqual(byTheParser(text));
      }),
      runs(3000),
    );
    expect(plain).toBeGreaterThan(20);
  });

  it('are read in linear time', () => {
    // Each of these would take minutes if a place were looked at once for each other place.
    for (const text of [
      'a '.repeat(200_000),
      'a.'.repeat(200_000),
      `a@${'b.'.repeat(200_000)}`,
      'a@b, '.repeat(50_000) + '"',
    ]) {
      expect(readPlainList(text)).toBeUndefined();
    }
  });
});

describe('a plain addr-spec', () => {
  it.each(['a@b', 'a.b@c.d'])('%j is what the parser reads', (text) => {
    expect(readPlainAddrSpec(text)).toEqual(parseStrictAddrSpec(text));
  });

  it.each(['a', 'a@b ', '<a@b>', 'a@b\r\n', 'a@b,c@d', 'A <a@b>'])('%j is none', (text) => {
    expect(readPlainAddrSpec(text)).toBeUndefined();
  });
});
