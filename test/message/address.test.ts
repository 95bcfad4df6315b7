import fc from 'fast-check';
import { InvalidAddressError, MessageError } from '../../src/errors.js';
import { formatMailbox, parseAddressList, parseAddrSpec, parseMailbox, quoteaddr } from '../../src/message/address.js';
import type { Group, Mailbox } from '../../src/message/mailbox.js';
import { failure } from './failure.js';
import { runs } from './runs.js';

/** The list in short: `name|address`, and `name{...}` for a group. */
function shown(entries: readonly (Mailbox | Group)[]): string[] {
  return entries.map((entry) =>
    'members' in entry ? `${entry.name}{${shown(entry.members).join(' ')}}` : `${entry.name}|${entry.address}`,
  );
}

describe('what is no text', () => {
  it.each([undefined, null, 7, ['a@b'], { address: 'a@b' }])('%p is refused', (given) => {
    for (const parse of [parseAddressList, parseMailbox, parseAddrSpec, quoteaddr]) {
      expect(() => parse(given as unknown as string)).toThrow(failure({ code: 'ERR_INVALID_ARGUMENT' }));
    }
  });
});

describe('parseMailbox', () => {
  it('reads one mailbox', () => {
    expect(parseMailbox(' Bob (work) <bob@x> ')).toEqual({
      name: 'Bob',
      address: 'bob@x',
      localPart: 'bob',
      domain: 'x',
    });
  });

  it.each(['', ' ', 'a@b, c@d', 'a@b,', 'g:;', 'g: a@b;', '<>'])('refuses %j', (text) => {
    expect(() => parseMailbox(text)).toThrow(InvalidAddressError);
  });
});

describe('parseAddrSpec', () => {
  it.each(['a@b', '"a b"@c', 'root', '"John Doe"', 'a@[IPv6:::1]', 'é@é'])('takes %j as it is', (text) => {
    expect(parseAddrSpec(text).address).toBe(text);
  });

  it.each([
    '',
    ' a@b',
    'a@b ',
    'a @b',
    'a@ b',
    '<a@b>',
    'A <a@b>',
    'a@b (c)',
    'a@b,',
    'a@b, c@d',
    'g:;',
    '"a\r\n b"@c',
    'a@[ 1]',
    'a@b\r\n',
  ])('refuses %j', (text) => {
    expect(() => parseAddrSpec(text)).toThrow(InvalidAddressError);
  });
});

describe('quoteaddr', () => {
  it.each([
    ['', '<>'],
    ['<>', '<>'],
    [' <> ', '<>'],
    ['a@x', '<a@x>'],
    ['<a@x>', '<a@x>'],
    ['Bob <a@x>', '<a@x>'],
    ['"a b"@x', '<"a b"@x>'],
    ['root', '<root>'],
  ])('%j gives %s', (text, path) => {
    expect(quoteaddr(text)).toBe(path);
  });

  it.each([
    'a@x> NOTIFY=NEVER',
    '<a@x> NOTIFY=NEVER',
    'a@x, b@x',
    'group: a@x, b@x;',
    'a@x\r\nRCPT TO:<b@x>',
    'a b',
    'a\0b@x',
    'a@b@c',
    ' ',
  ])('refuses %j', (text) => {
    expect(() => quoteaddr(text)).toThrow(InvalidAddressError);
  });
});

describe('formatMailbox', () => {
  it.each([
    [{ address: 'a@b' }, 'a@b'],
    [{ name: '', address: 'root' }, 'root'],
    [{ name: 'Jane Doe', address: 'j@x' }, 'Jane Doe <j@x>'],
    [{ name: 'Jane Q. Doe', address: 'j@x' }, '"Jane Q. Doe" <j@x>'],
    [{ name: 'Doe, Jane', address: 'j@x' }, '"Doe, Jane" <j@x>'],
    [{ name: 'a"b\\c', address: 'j@x' }, '"a\\"b\\\\c" <j@x>'],
    [{ name: ' ', address: 'j@x' }, '" " <j@x>'],
    [{ name: 'Jøran', address: 'j@x' }, 'Jøran <j@x>'],
    [{ address: '"John Doe"' }, '<"John Doe">'],
    [{ address: '=?utf-8?Q?x?=' }, '<=?utf-8?Q?x?=>'],
  ])('%j gives %s', (mailbox, text) => {
    expect(formatMailbox(mailbox)).toBe(text);
  });

  it.each([
    ['a\r\nBcc: v@x', 'U+000D'],
    ['a\rb', 'U+000D'],
    ['a\nb', 'U+000A'],
    ['a\0b', 'U+0000'],
    ['a\x7f', 'U+007F'],
    ['\ud800', 'U+D800'],
  ])('refuses the name %j, and names its character %s', (name, character) => {
    expect(() => formatMailbox({ name, address: 'a@b' })).toThrow(failure({ code: 'ERR_INVALID_NAME' }));
    expect(() => formatMailbox({ name, address: 'a@b' })).toThrow(MessageError);
    expect(() => formatMailbox({ name, address: 'a@b' })).toThrow(` ${character}`);
  });

  it('refuses what is no addr-spec', () => {
    expect(() => formatMailbox({ name: 'J', address: 'a@b>, <c@d' })).toThrow(InvalidAddressError);
  });
});

describe('properties', () => {
  // eslint-disable-next-line no-control-regex -- the names and local parts that no address may have
  const unusable = /[\x00-\x1f\x7f]|(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...Array.from('ab.@ "\\<>(),;:[]é=')), maxLength: 12 }),
  );
  const visible = text.filter((value) => !unusable.test(value));
  const label = fc.string({ unit: fc.constantFrom(...Array.from('abz019-_+')), minLength: 1, maxLength: 8 });
  const domain = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
    fc.constantFrom('[192.0.2.1]', '[IPv6:2001:db8::1]', 'exämple.test', '例え.test', ''),
  );
  const mailbox = fc.record({ name: visible, localPart: visible, domain }).map(({ name, localPart, domain }) => {
    const quoted = `"${localPart.replace(/["\\]/g, '\\$&')}"`;
    return { name, localPart, domain, address: parseAddrSpec(domain === '' ? quoted : `${quoted}@${domain}`).address };
  });

  it('parsing what was formatted gives the same mailbox', () => {
    fc.assert(
      fc.property(mailbox, (value) => {
        expect(parseAddressList(formatMailbox(value))).toEqual([value]);
        expect(parseMailbox(formatMailbox(value))).toEqual(value);
      }),
      runs(1000),
    );
  });

  it('an address that was parsed is an addr-spec, and stays what it is', () => {
    fc.assert(
      fc.property(mailbox, ({ address, localPart, domain }) => {
        expect(parseAddrSpec(address)).toEqual({ name: '', address, localPart, domain });
        expect(parseMailbox(address)).toEqual({ name: '', address, localPart, domain });
      }),
    );
  });

  it('a list of what was formatted gives the same mailboxes', () => {
    const distant = mailbox.filter((value) => value.domain !== '');
    fc.assert(
      fc.property(fc.array(distant, { maxLength: 5 }), (list) => {
        expect(parseAddressList(list.map(formatMailbox).join(', '))).toEqual(list);
      }),
    );
  });

  it('garbage is parsed or refused with a position inside it, and nothing else', () => {
    const garbage = fc.string({
      unit: fc.constantFrom(...Array.from('a.@ "\\<>(),;:[]\r\n\t\0é\u200b=')),
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.oneof(garbage, fc.string({ unit: 'binary' })),
        fc.constantFrom('strict', 'lenient'),
        (text, mode) => {
          try {
            for (const entry of parseAddressList(text, { mode })) {
              for (const { address } of 'members' in entry ? entry.members : [entry]) parseAddrSpec(address);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidAddressError);
            const { position } = error as InvalidAddressError;
            expect(position).toBeGreaterThanOrEqual(0);
            expect(position).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      runs(3000),
    );
  });

  it('white space and comments between the tokens change nothing', () => {
    const filler = fc.constantFrom('', ' ', '\t', '\r\n ', '(c)', ' ((a)\\)) ');
    const tokens = ['Jane', ' ', 'Doe', '<', 'jane', '.', 'doe', '@', 'x', '.', 'test', '>', ',', 'g', ':', 'b@y', ';'];
    fc.assert(
      fc.property(fc.array(filler, { minLength: tokens.length, maxLength: tokens.length }), (fillers) => {
        const list = tokens.map((token, index) => `${fillers[index] ?? ''}${token}`).join('');
        expect(shown(parseAddressList(list))).toEqual(['Jane Doe|jane.doe@x.test', 'g{|b@y}']);
      }),
    );
  });
});
