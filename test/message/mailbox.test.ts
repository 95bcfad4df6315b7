import { formatAddrSpec, formatNameAddress, formatPhrase, isPlainUser, mailboxKey } from '../../src/message/mailbox.js';

function mailboxOf(localPart: string, domain: string) {
  return { name: '', address: formatAddrSpec(localPart, domain), localPart, domain };
}

describe('formatAddrSpec', () => {
  it.each([
    ['a', 'b', 'a@b'],
    ['a.b', 'c', 'a.b@c'],
    ['a', '', 'a'],
    ['', 'b', '""@b'],
    ['a b', 'c', '"a b"@c'],
    ['a..b', 'c', '"a..b"@c'],
    ['.a', 'c', '".a"@c'],
    ['a.', 'c', '"a."@c'],
    ['a@b', 'c', '"a@b"@c'],
    ['a"b\\c', 'd', '"a\\"b\\\\c"@d'],
    ['é', 'é', 'é@é'],
    ["!#$%&'*+-/=?^_`{|}~", 'x', "!#$%&'*+-/=?^_`{|}~@x"],
  ])('%j at %j is %s', (localPart, domain, address) => {
    expect(formatAddrSpec(localPart, domain)).toBe(address);
  });
});

describe('formatPhrase', () => {
  it.each([
    ['Jane', 'Jane'],
    ['Jane Doe', 'Jane Doe'],
    ['Jane  Doe', '"Jane  Doe"'],
    [' Jane', '" Jane"'],
    ['Jane Q. Doe', '"Jane Q. Doe"'],
    ['a\tb', '"a\tb"'],
    ['', '""'],
  ])('%j is %s', (name, phrase) => {
    expect(formatPhrase(name)).toBe(phrase);
  });
});

describe('formatNameAddress', () => {
  it.each([
    ['A', mailboxOf('a', 'b'), 'A <a@b>'],
    ['', mailboxOf('a', 'b'), 'a@b'],
    ['', mailboxOf('a b', 'c'), '"a b"@c'],
    ['', mailboxOf('root', ''), 'root'],
    ['', mailboxOf('a b', ''), '<"a b">'],
    ['', mailboxOf('=?x?=', ''), '<=?x?=>'],
  ])('%j with %j is %s', (phrase, mailbox, text) => {
    expect(formatNameAddress(phrase, mailbox)).toBe(text);
  });
});

describe('isPlainUser', () => {
  it.each([
    ['root', true],
    ['a.b', true],
    ['a b', false],
    ['', false],
    ['=?utf-8?Q?x?=', false],
    ['=?x', true],
    ['x?=', true],
  ])('%j: %p', (localPart, isPlain) => {
    expect(isPlainUser(localPart)).toBe(isPlain);
  });
});

describe('mailboxKey', () => {
  it('is the same for domains that differ in case or in form', () => {
    expect(mailboxKey(mailboxOf('a', 'X.test'))).toBe(mailboxKey(mailboxOf('a', 'x.TEST')));
    expect(mailboxKey(mailboxOf('a', 'Bücher.test'))).toBe(mailboxKey(mailboxOf('a', 'XN--bcher-kva.test')));
  });

  it('differs for local parts that differ in case, and for local users', () => {
    expect(mailboxKey(mailboxOf('A', 'x'))).not.toBe(mailboxKey(mailboxOf('a', 'x')));
    expect(mailboxKey(mailboxOf('a@x', ''))).not.toBe(mailboxKey(mailboxOf('a', 'x')));
  });
});
