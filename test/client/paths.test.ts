import fc from 'fast-check';
import { InvalidAddressError, MessageError, MissingRecipientsError } from '../../src/index.js';
import { askedFor, forwardPath, forwardPaths, mailboxOf, PlainPath, reversePath } from '../../src/client/paths.js';
import { parseMailbox } from '../../src/message/address.js';
import { thrownBy } from '../support/thrown.js';

describe('askedFor', () => {
  it.each([
    ['a@x.test', 'a@x.test'],
    ['Ann Example <a@x.test>', 'a@x.test'],
    ['<a@x.test>', 'a@x.test'],
    ['a@b\u00fccher.example', 'a@xn--bcher-kva.example'],
    ['root', 'root'],
    // No mailbox: a user's name, and two addresses.
    ['Ann Example', 'Ann Example'],
    ['a@x.test, b@x.test', 'a@x.test, b@x.test'],
  ])('makes of %j the name %s', (given, asked) => {
    expect(askedFor(given)).toBe(asked);
  });

  it.each(['', ' ', undefined, null, 7])('refuses %j', (given) => {
    expect(thrownBy(() => askedFor(given as string))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  });
});

describe('reversePath', () => {
  it.each([
    ['', '<>'],
    ['<>', '<>'],
    ['a@x.test', '<a@x.test>'],
    ['<a@x.test>', '<a@x.test>'],
    ['Ann Example <a@x.test>', '<a@x.test>'],
    ['"Example, Ann" <a@x.test>', '<a@x.test>'],
    ['"a b"@x.test', '<"a b"@x.test>'],
    ['root', '<root>'],
    ['a@[192.0.2.1]', '<a@[192.0.2.1]>'],
    ['a@[IPv6:::1]', '<a@[IPv6:::1]>'],
    ['<@route.test:user@host.test>', '<user@host.test>'],
    ['"xclow3n@gmail.com x"@internal.domain', '<"xclow3n@gmail.com x"@internal.domain>'],
    ['a@b\u00fccher.example', '<a@xn--bcher-kva.example>'],
  ])('makes of %j the path %s', (given, text) => {
    expect(reversePath(given)).toMatchObject({ text, needsUtf8: false });
  });

  it('knows when the local part needs SMTPUTF8', () => {
    expect(reversePath('j\u00fcrgen@b\u00fccher.example')).toEqual({
      address: 'j\u00fcrgen@b\u00fccher.example',
      text: '<j\u00fcrgen@xn--bcher-kva.example>',
      needsUtf8: true,
    });
  });

  it.each([
    'a@x.test, b@x.test',
    'group: a@x.test, b@x.test;',
    'a@x.test> NOTIFY=NEVER',
    '<a@x.test> NOTIFY=NEVER',
    'a@x.test\r\nRCPT TO:<v@x.test>',
    'r@b.c>\r\nRCPT TO:<v@evil.test',
    'a@x.test\0',
    'a b@x.test',
    'a@b@x.test',
    '<evil@evil.test><good@good.test>',
    'a <b@c.test> <d@e.test>',
    'alice@example.org)bob@example.com',
    '"unclosed@x.test',
    '(unclosed a@x.test',
    ' ',
    '<',
    'a@',
    '@x.test',
  ])('refuses %j', (given) => {
    const error = thrownBy(() => reversePath(given));
    expect(error).toBeInstanceOf(InvalidAddressError);
    expect(error).toMatchObject({ delivery: 'not-sent', retryable: false });
  });

  it('refuses what is no text', () => {
    for (const given of [null, undefined, 7, Buffer.from('a@x.test'), {}]) {
      expect(thrownBy(() => reversePath(given as string))).toBeInstanceOf(MessageError);
    }
  });
});

describe('forwardPath', () => {
  it.each(['', '<>', ' '])('says of %j that a recipient is missing', (recipient) => {
    const error = thrownBy(() => forwardPath(recipient));
    expect(error).toBeInstanceOf(InvalidAddressError);
    expect(error).toMatchObject({ input: recipient, position: 0, message: expect.stringContaining('empty') as string });
  });

  it.each(['', ' ', '<>', ' <> '])('knows no null recipient: %j', (given) => {
    expect(thrownBy(() => forwardPath(given))).toBeInstanceOf(InvalidAddressError);
  });

  it('keeps a long local part: VERP, SRS and BATV go beyond 64 octets', () => {
    const local = `bounce+${'x'.repeat(100)}`;
    expect(forwardPath(`${local}@x.test`).text).toBe(`<${local}@x.test>`);
  });

  it.each([`a@${'x'.repeat(64)}.test`, `a@${'abcdefgh.'.repeat(30)}test`, `${'x'.repeat(1000)}@x.test`])(
    'refuses what no path can hold: %j',
    (given) => {
      expect(thrownBy(() => forwardPath(given))).toBeInstanceOf(InvalidAddressError);
    },
  );
});

describe('forwardPaths', () => {
  it('takes a string for one address, as Python does, and a list in its order', () => {
    expect(forwardPaths('a@x.test').map(({ text }) => text)).toEqual(['<a@x.test>']);
    expect(forwardPaths(['b@x.test', 'a@x.test']).map(({ text }) => text)).toEqual(['<b@x.test>', '<a@x.test>']);
    const both = thrownBy(() => forwardPaths('a@x.test, b@x.test'));
    expect(both).toMatchObject({ position: 8, hint: expect.stringContaining('as a list') as string });
  });

  it('refuses an empty list and an empty entry', () => {
    expect(thrownBy(() => forwardPaths([]))).toBeInstanceOf(MissingRecipientsError);
    expect(thrownBy(() => forwardPaths(['a@x.test', '']))).toBeInstanceOf(InvalidAddressError);
  });

  it('refuses what is no list', () => {
    for (const given of [null, undefined, 5, new Set(['a@x.test']), { 0: 'a@x.test' }]) {
      expect(thrownBy(() => forwardPaths(given as unknown as string[]))).toBeInstanceOf(MessageError);
    }
  });
});

it('makes of an address that is known at one look what the parser makes of it', () => {
  const piece = fc.string({
    unit: fc.constantFrom(...'aZ09.-_+=?!#$%&*/^`{|}~\'"@,;:()<>[] \t\n'.split('')),
    maxLength: 12,
  });
  const address = fc.oneof(
    piece,
    fc.tuple(piece, piece).map(([local, domain]) => `${local}@${domain}`),
  );
  fc.assert(
    fc.property(address, (text) => {
      let parsed: string;
      try {
        parsed = parseMailbox(text).address;
      } catch {
        expect(() => forwardPath(text)).toThrow();
        return;
      }
      expect(forwardPath(text)).toMatchObject({ address: parsed, text: `<${parsed}>`, needsUtf8: false });
    }),
    { numRuns: 2_000 },
  );
});

it('gives what stands between the brackets of a path', () => {
  for (const given of ['a@x.test', 'a@X.test', '"a b"@x.test', 'a@b\u00fccher.example', 'root']) {
    const path = forwardPath(given);
    expect(`<${mailboxOf(path)}>`).toBe(path.text);
  }
  expect(mailboxOf(reversePath(''))).toBe('');
});

it('knows at one look what compares as it stands: capitals of a domain do not, nor what is no ASCII', () => {
  const plain = ['a@x.test', 'A.b+c@x-y.test'];
  const others = ['a@X.test', 'a', '"a"@x.test', 'a@[192.0.2.1]', 'a@b\u00fccher.example', '\u017f@x.test'];
  for (const make of [forwardPath, reversePath]) {
    for (const given of plain) expect(make(given)).toBeInstanceOf(PlainPath);
    for (const given of others) expect(make(given)).not.toBeInstanceOf(PlainPath);
  }
  expect(forwardPath('\u017f@x.test').needsUtf8).toBe(true);
  // The Kelvin sign is no letter k.
  expect(thrownBy(() => forwardPath('a@\u212a.test'))).toBeInstanceOf(InvalidAddressError);
});

it('holds a long label and a long domain against their limits', () => {
  const domain = Array.from({ length: 4 }, () => 'a'.repeat(62)).join('.');
  expect(forwardPath(`a@${'b'.repeat(63)}.test`).address).toHaveLength(70);
  expect(thrownBy(() => forwardPath(`a@${'b'.repeat(64)}.test`))).toBeInstanceOf(InvalidAddressError);
  expect(forwardPath(`a@${domain}.c`).address).toHaveLength(255);
  expect(thrownBy(() => forwardPath(`a@${domain}.cde`))).toBeInstanceOf(InvalidAddressError);
});
