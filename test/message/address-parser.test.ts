import { InvalidAddressError } from '../../src/errors.js';
import { parseStrictList, parseStrictMailbox } from '../../src/message/address-parser.js';
import type { Group, Mailbox } from '../../src/message/mailbox.js';
import { countCharacterReads } from './count-steps.js';

function parse(text: string): readonly (Mailbox | Group)[] {
  return parseStrictList(text).entries;
}

/** The list in short: `name|address`, and `name{...}` for a group. */
function shown(entries: readonly (Mailbox | Group)[]): string[] {
  return entries.map((entry) =>
    'members' in entry ? `${entry.name}{${shown(entry.members).join(' ')}}` : `${entry.name}|${entry.address}`,
  );
}

function faultOf(work: () => unknown): InvalidAddressError {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidAddressError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the examples of RFC 5322 appendix A', () => {
  it.each([
    ['A.1.1', 'John Doe <jdoe@machine.example>', ['John Doe|jdoe@machine.example']],
    ['A.1.1', 'Michael Jones <mjones@machine.example>', ['Michael Jones|mjones@machine.example']],
    ['A.1.2', '"Joe Q. Public" <john.q.public@example.com>', ['Joe Q. Public|john.q.public@example.com']],
    [
      'A.1.2',
      'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      ['Mary Smith|mary@x.test', '|jdoe@example.org', 'Who?|one@y.test'],
    ],
    [
      'A.1.2',
      '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      ['|boss@nil.test', 'Giant; "Big" Box|sysservices@example.net'],
    ],
    [
      'A.1.3',
      'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      ['A Group{Ed Jones|c@a.test |joe@where.test John|jdoe@one.test}'],
    ],
    ['A.1.3', 'Undisclosed recipients:;', ['Undisclosed recipients{}']],
    ['A.2', '"Mary Smith: Personal Account" <smith@home.example>', ['Mary Smith: Personal Account|smith@home.example']],
    ['A.3', 'Jane Brown <j-brown@other.example>', ['Jane Brown|j-brown@other.example']],
    ['A.5', 'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', ['Pete|pete@silly.test']],
    [
      'A.5',
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
      ['A Group{Chris Jones|c@public.example |joe@example.org John|jdoe@one.test}'],
    ],
    ['A.5', '(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ['Hidden recipients{}']],
    ['A.6.1', 'Joe Q. Public <john.q.public@example.com>', ['Joe Q. Public|john.q.public@example.com']],
    [
      'A.6.1',
      'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
      ['Mary Smith|mary@example.net', '|jdoe@test.example'],
    ],
    ['A.6.3', 'John Doe <jdoe@machine(comment).  example>', ['John Doe|jdoe@machine.example']],
    ['A.6.3', 'Mary Smith\r\n          \r\n          <mary@example.net>', ['Mary Smith|mary@example.net']],
  ])('%s: %s', (_section, text, expected) => {
    expect(shown(parse(text))).toEqual(expected);
  });
});

describe('what is accepted', () => {
  it.each<[fact: string, text: string, expected: string[]]>([
    [
      'an address inside a quoted local part is no address',
      '"xclow3n@gmail.com x"@internal.domain',
      ['|"xclow3n@gmail.com x"@internal.domain'],
    ],
    ['a source route is dropped', '<@route.com:user@host.com>', ['|user@host.com']],
    [
      'a source route of several domains, with empty elements, is dropped',
      '<,@a.test, ,@b.test,:user@host.com>',
      ['|user@host.com'],
    ],
    [
      'a group, and an address behind it without a comma',
      'group: a@b.c, "x;y" <c@d.e>; z@z.z',
      ['group{|a@b.c x;y|c@d.e}', '|z@z.z'],
    ],
    ['an empty group', 'undisclosed-recipients:;', ['undisclosed-recipients{}']],
    ['empty elements inside a group', 'g:, a@b ,,c@d,;', ['g{|a@b |c@d}']],
    ['an IPv6 literal', 'a@[IPv6:::1]', ['|a@[IPv6:::1]']],
    ['white space at the edges of a literal is dropped', 'a@[ 192.0.2.1\r\n ]', ['|a@[192.0.2.1]']],
    ['a quoted local part that needs no quotes loses them', '"john"@x', ['|john@x']],
    ['a needless quoted pair is undone', '"j\\ohn\\ d"@x', ['|"john d"@x']],
    ['quotes and backslashes are escaped anew', '"a\\"b\\\\c"@x', ['|"a\\"b\\\\c"@x']],
    ['an empty quoted local part', '""@x', ['|""@x']],
    ['a local part of atoms and quoted strings', 'a."b".c@x', ['|a.b.c@x']],
    ['two dots in quotes', '"a..b"@x', ['|"a..b"@x']],
    [
      'UTF-8 in the local part and the domain',
      'Jøran <jøran@blåbærsyltetøy.example>',
      ['Jøran|jøran@blåbærsyltetøy.example'],
    ],
    ['an encoded-word in a name is left as it is', '=?utf-8?Q?a=40b?= <x@y>', ['=?utf-8?Q?a=40b?=|x@y']],
    ['an encoded-word in a local part is not decoded', '=?utf-8?Q?a=40b=2Ec?=@y', ['|=?utf-8?Q?a=40b=2Ec?=@y']],
    ['dots in a name', 'J. R. "Bob" Dobbs, <x@y>'.replace(',', ''), ['J. R. Bob Dobbs|x@y']],
    ['words of a name without white space between them', 'a"b".c <x@y>', ['ab.c|x@y']],
    ['a comment is no part of a name', 'x@y (Jane)', ['|x@y']],
    ['a comment with quoted pairs and a fold', '(a\\)\\(\r\n b)x@y', ['|x@y']],
    ['a tab in a quoted name', '"a\tb" <x@y>', ['a\tb|x@y']],
    ['a fold in a quoted name is white space', '"a\r\n b" <x@y>', ['a b|x@y']],
    ['an empty quoted name', '"" <x@y>', ['|x@y']],
    ['one local user', 'root', ['|root']],
    ['several local users', 'root, postmaster, <operator>', ['|root', '|postmaster', '|operator']],
    ['a local user in quotes that it does not need', '"root"', ['|root']],
    ['a local user with white space, in angle brackets', '<"John Doe">', ['|"John Doe"']],
    ['a name that is its own address', 'j@x <j@x>', ['j@x|j@x']],
    ['a name that is its own address but for the case of the domain', 'j@x.TEST <j@X.test>', ['j@x.TEST|j@X.test']],
    ['a quoted name that is an address', '"j@x" <k@y>', ['j@x|k@y']],
    ['nothing', '', []],
    ['only white space and comments', ' (nobody) ', []],
    ['only commas', ' , ,', []],
    ['a trailing comma', 'a@b,', ['|a@b']],
    ['a local part far over 64 octets', `${'x'.repeat(500)}@y`, [`|${'x'.repeat(500)}@y`]],
    ['a label of 63 octets', `a@${'b'.repeat(63)}`, [`|a@${'b'.repeat(63)}`]],
    ['a path of 1,000 octets', `${'x'.repeat(996)}@y`, [`|${'x'.repeat(996)}@y`]],
    ['a hundred comments inside each other', `${'('.repeat(100)}${')'.repeat(100)}x@y`, ['|x@y']],
  ])('%s', (_fact, text, expected) => {
    expect(shown(parse(text))).toEqual(expected);
  });
});

describe('what is refused', () => {
  it.each<[fact: string, text: string, position: number]>([
    ['two paths in a row', '<evil@evil.com><good@good.com>', 15],
    ['two paths behind one name', 'a <b@c> <d@e>', 8],
    ['a parenthesis between two addresses', 'alice@example.org)bob@example.com', 17],
    ['white space in a local part', 'a b@c.d', 2],
    ['two signs', 'a@b@c.d', 3],
    ['a NUL', 'a@b.c\0d', 5],
    ['a control in a quoted string', '"a\x01"@b', 2],
    ['a control behind a backslash', '"a\\\x01"@b', 3],
    ['a control in a comment', '(\x7f)a@b', 1],
    ['an unclosed quote', 'x@y, "a@b', 5],
    ['an unclosed comment', 'a@b (c (d)', 4],
    ['an unclosed angle bracket', 'a <b@c', 2],
    ['an unclosed literal', 'a@[192.0.2.1', 2],
    ['an unclosed group', 'x@y, g: a@b', 5],
    ['a line end', 'a\r\nb@c', 1],
    ['a line end at the end', 'a@b\r\n', 3],
    ['a lone LF as a fold', 'a@b,\n c@d', 4],
    ['a command behind a line end', 'r@b.c>\r\nRCPT TO:<v@evil.com', 5],
    ['a parameter behind the path', 'a@x> NOTIFY=NEVER', 3],
    ['a name with a comma and no quotes', 'Doe, John <j@x>', 0],
    ['a user without a domain beside an address that has one', 'a@b, root', 5],
    ['a user without a domain in a group beside an address that has one', 'g: <root>; a@b', 4],
    ['a name alone', 'John Doe', 5],
    ['a quoted name alone', '"John Doe"', 0],
    ['an encoded-word alone', '=?utf-8?B?Sm9obiA8akB4Pg==?=', 0],
    ['a name that is another address', 'j@x <k@x>', 0],
    ['a sign in a name', 'Joe @ Work <j@x>', 0],
    ['a name that begins with a dot', '.J <j@x>', 0],
    ['a semicolon between addresses', 'a@b; c@d', 3],
    ['an empty path', 'a@b, <>', 5],
    ['a group inside a group', 'g: h: a@b;;', 3],
    ['a group without a name', ': a@b;', 0],
    ['a leading dot', '.a@b', 0],
    ['two dots', 'a..b@c', 2],
    ['a trailing dot', 'a.@b', 1],
    ['a missing local part', '@b', 0],
    ['a missing domain', 'a@', 2],
    ['a domain that begins with a dot', 'a@.b', 2],
    ['a domain that ends with a dot', 'a@b.', 4],
    ['two dots in a domain', 'a@b..c', 4],
    ['a quoted domain', 'a@"b"', 2],
    ['an empty literal', 'a@[]', 2],
    ['white space inside a literal', 'a@[192.0. 2.1]', 10],
    ['a bracket inside a literal', 'a@[[]', 3],
    ['the end of a path inside a literal', 'a@[x>]', 4],
    ['the beginning of a path inside a literal', 'a@[<x]', 3],
    ['text beyond ASCII in a literal', 'a@[é]', 3],
    ['a route without a domain', '<,:a@b>', 2],
    ['a route of domains without a comma', '<@a@b:c@d>', 3],
    ['a tab in a local part', '"a\tb"@c', 0],
    ['a backslash at the end', '"a\\', 3],
    ['a zero width space', 'a\u200bb@c', 0],
    ['a zero width joiner in a domain', 'a@b\u200dc', 2],
    ['a right-to-left override', 'a@b\u202e.com', 2],
    ['a no-break space', '"a\u00a0b"@c', 0],
    ['a soft hyphen', 'a\u00adb@c', 0],
    ['half a surrogate pair', 'a\ud800@c', 0],
    ['an ideographic full stop', 'a@b\u3002c', 2],
    ['full width letters in a domain', 'a@\uff42.example', 2],
    ['a percent sign in an internationalized domain', 'a@\u00e9%2e.example', 2],
    ['a label of 64 octets', `a@${'b'.repeat(64)}`, 2],
    ['a label of 64 octets among others', `a@x.${'b'.repeat(64)}.y`, 2],
    ['a label whose A-label has 64 octets', `a@${'é'.repeat(60)}`, 2],
    ['a domain of 254 octets', `a@${'b'.repeat(50)}${`.${'c'.repeat(50)}`.repeat(4)}`, 2],
    ['a path of 1,001 octets', `${'x'.repeat(997)}@y`, 0],
    ['a path of 1,001 octets of UTF-8', `${'é'.repeat(498)}x@y`, 0],
    ['comments 101 deep', `${'('.repeat(101)}${')'.repeat(101)}x@y`, 100],
  ])('%s', (_fact, text, position) => {
    const fault = faultOf(() => parse(text));
    expect(fault).toMatchObject({ name: 'InvalidAddressError', input: text, position });
  });

  it('a domain of 253 octets is the longest', () => {
    const domain = `${'b'.repeat(49)}${`.${'c'.repeat(50)}`.repeat(4)}`;
    expect(domain).toHaveLength(253);
    expect(parseStrictMailbox(`a@${domain}`).domain).toBe(domain);
  });

  it('more than 100,000 addresses', () => {
    const list = 'a@b,'.repeat(100_000);
    expect(parse(list)).toHaveLength(100_000);
    expect(faultOf(() => parse(`${list}c@d`))).toMatchObject({
      code: 'ERR_TOO_MANY_RECIPIENTS',
      position: 400_000,
    });
  });

  it('comments too deep have a code of their own', () => {
    expect(faultOf(() => parse('('.repeat(1000))).code).toBe('ERR_COMMENT_NESTING');
  });
});

describe('one mailbox', () => {
  it.each<[fact: string, text: string, position: number, reason: string]>([
    ['a group', ' g: a@b;', 1, 'a group stands where one address is expected'],
    ['the beginning of a group', 'g:', 0, 'a group stands where one address is expected'],
    ['two', 'a@b, c@d', 3, '"," may not stand here'],
    ['none', '', 0, 'the address is not complete'],
    ['a null path', '<>', 0, 'there is no address between "<" and ">"'],
  ])('is not %s', (_fact, text, position, reason) => {
    const fault = faultOf(() => parseStrictMailbox(text));
    expect(fault).toMatchObject({ position, input: text });
    expect(fault.message).toContain(reason);
  });

  it('is a null path where that is asked for', () => {
    expect(parseStrictMailbox('<>', { nullAddress: true }).address).toBe('');
  });

  it('has a domain where that is asked for', () => {
    expect(parseStrictMailbox('a@b', { requireDomain: true }).address).toBe('a@b');
    expect(faultOf(() => parseStrictMailbox(' a', { requireDomain: true }))).toMatchObject({ position: 1 });
  });

  it('is no guess at octets that are no UTF-8', () => {
    const syntax = { header: 'To', unknownCharset: true };
    expect(parseStrictMailbox('J\xf8ran <j@x>', syntax).name).toBe('J\xf8ran');
    expect(faultOf(() => parseStrictMailbox(' j\xf8ran@x', syntax))).toMatchObject({ position: 1, header: 'To' });
    expect(faultOf(() => parseStrictMailbox('j@\xf8', syntax))).toMatchObject({ position: 2, header: 'To' });
  });
});

describe('growth', () => {
  it.each([
    ['commas', ','],
    ['addresses', 'a@b,'],
    ['names', '"a b" c <d@e>,'],
    ['words', 'a '],
    ['dots', 'a.'],
    ['signs', '@'],
    ['groups', 'g:;'],
    ['open groups', 'g:'],
    ['open comments', '('],
    ['comments', '(a)'],
    ['open quotes', '"'],
    ['quoted strings', '"a"'],
    ['backslashes', '"\\'],
    ['open brackets', '<'],
    ['routes', '<@a,'],
    ['labels', 'a@b.'],
    ['white space', ' '],
    ['folds', '\r\n '],
    ['words beyond ASCII', 'é '],
  ])('a list of %s is read in linear time', (_shape, unit) => {
    const steps = (length: number): number =>
      countCharacterReads(() => {
        try {
          parse(unit.repeat(length));
        } catch (error) {
          if (!(error instanceof InvalidAddressError)) throw error;
        }
      });
    expect(steps(8000)).toBeLessThanOrEqual(4.1 * steps(2000) + 100);
    expect(steps(8000)).toBeLessThan(12 * 8000 * unit.length);
  });
});
