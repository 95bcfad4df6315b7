/** Address lists to compare readers on: known ones, each for a reason, and made ones, the same in every run. */
import fc from 'fast-check';
import { APPENDIX_FIELDS } from './appendix.js';

/** Texts in which one address has passed for another somewhere, and forms that readers are known to stumble over. */
export const KNOWN_TEXTS: readonly string[] = [
  '"xclow3n@gmail.com x"@internal.domain',
  '"user@gmail.com, x"@internal.domain',
  '"a\\"@b.c>, <d"@e.f',
  '<evil@evil.com><good@good.com>',
  'a <b@c> <d@e>',
  'alice@example.org)bob@example.com',
  'alice@example.org(<bob@example.com>',
  'a b@c.d',
  'a@b@c.d',
  'a@b.c\0d',
  '"a@b.c',
  'a@b.c (d',
  'a@b.c\r\nRCPT TO:<e@f.g>',
  'r@b.c>\r\nRCPT TO:<v@evil.com',
  't@x> ORCPT=admin@y',
  '"t@x> ORCPT=admin@y"@x',
  '<@route.com:user@host.com>',
  '<@a.com,@b.com:user@host.com>',
  'group: a@b.c, "x;y" <c@d.e>; z@z.z',
  'undisclosed-recipients:;',
  'a@[IPv6:::1]',
  'a@[192.0.2.1]',
  'a@[x> ORCPT=admin@y]',
  'a@[x>]',
  'Doe, John <j@x>',
  '"Doe, John" <j@x>',
  'j@x <j@x>',
  'j@x <k@y>',
  '"j@x" <k@y>',
  '"j@x, " <k@y>',
  'root',
  'root, postmaster',
  '<root>',
  'a@b, root',
  'a@x; b@y',
  'a@x b@y',
  'a@x, b@y,',
  ', ,a@x,,b@y',
  'a\u200b@b.c',
  'a@b\u202e.c',
  'jøran@blåbær.example',
  'pelé@example.com',
  '=?utf-8?Q?a=40b?= <c@d.e>',
  '=?utf-8?Q?a=40b.c?=@d.e',
  '=?utf-8?Q?a=40b.c?=',
  'a.@b.c',
  '.a@b.c',
  'a..b@c.d',
  '"a..b"@c.d',
  '""@c.d',
  'a."b c".d@e.f',
  'a . b @ c . d',
  'a@b.c (Name)',
  '(Name) a@b.c',
  'a(x)@(y)b.c',
  'Name (a@b.c) <d@e.f>',
  'Name "a@b.c" <d@e.f>',
  'A: B: c@d;;',
  'A: a@b.c',
  ': a@b.c;',
  '<>',
  'Name <>',
  'Name',
  '<a@b.c',
  'a@b.c>',
  'Name <a@b.c> x',
  'Name <a@b.c>x@y',
  '<a@b.c>,',
  '<<a@b.c>>',
  'Na\\me <a@b.c>',
  '"Na\\\\me" <a@b.c>',
  '',
  ' ',
];

/** RFC 6854 (a group as originator) and RFC 6531 section 3.3 (UTF-8 in both halves of an address). */
export const EXTENSION_TEXTS: readonly string[] = [
  'Managing Partners:ben@example.com,carol@example.com;',
  'Nightly Monitor Robot:;',
  'δοκιμή@παράδειγμα.example',
  'Dörte <dörte@xn--srensen-90a.example>',
  '"δοκιμή δοκιμή"@παράδειγμα.example',
];

export const EXAMPLES: readonly string[] = [
  ...new Set([...KNOWN_TEXTS, ...APPENDIX_FIELDS.map(({ value }) => value), ...EXTENSION_TEXTS]),
];

const separator = fc.constantFrom(',', ',', ', ', ', ', ',\r\n ', ',\r\n ', ' , , ');
const blank = fc.constantFrom('', '', '', ' ', '\r\n ', '(c)', ' (c, <d@e>) ', '(a(b)c)');
const localPart = fc.constantFrom(
  'a',
  'b.c',
  'jøran',
  '"j"',
  '"a b"',
  '"a@b"',
  '"a,b"',
  '"a\\"b"',
  '"a>b"',
  'a."b".c',
  'a . b',
);
const domain = fc.constantFrom(
  'x',
  'y.z',
  'Y.Z',
  'y . z',
  '[192.0.2.1]',
  '[IPv6:::1]',
  '[ 192.0.2.1 ]',
  'blåbær.example',
);
const name = fc.constantFrom(
  'Jane',
  'Jane Doe',
  '"Doe, J"',
  'J. R. D.',
  '"a@b"',
  '"<a@b>"',
  'Jøran',
  '=?utf-8?Q?a=40b?=',
  '"a\\"b"',
  '""',
);
const route = fc.constantFrom('', '', '', '', '@r:', '@r.s,@t:', ',@r,,:');

const addrSpec = fc
  .tuple(blank, localPart, blank, blank, domain, blank)
  .map(([one, local, two, three, host, four]) => `${one}${local}${two}@${three}${host}${four}`);
const mailbox = fc.oneof(
  { weight: 3, arbitrary: addrSpec },
  {
    weight: 4,
    arbitrary: fc
      .tuple(blank, name, blank, route, addrSpec, blank)
      .map(([one, phrase, two, path, address, three]) => `${one}${phrase}${two}<${path}${address}>${three}`),
  },
  { weight: 1, arbitrary: addrSpec.map((address) => `<${address}>`) },
  { weight: 1, arbitrary: fc.constantFrom('a@b.c', 'root', '<root>', 'j@x <j@x>', 'j@x <j@X>') },
);
const group = fc
  .tuple(name, blank, fc.array(mailbox, { maxLength: 3 }))
  .map(([phrase, space, members]) => `${phrase}${space}:${members.join(',')};`);
const grown = fc
  .array(fc.tuple(fc.oneof({ weight: 6, arbitrary: mailbox }, { weight: 1, arbitrary: group }), separator), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) =>
    parts.map(([element, behind], index) => element + (index === parts.length - 1 ? '' : behind)).join(''),
  );
const piece = fc.constantFrom(
  ...[
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
  ],
);

/** Grown after the grammar, and made of its pieces in any order. */
export const addressLists: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: grown },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')) },
);

const SEED = 5322;
const GENERATED = 6000;

export function generatedTexts(): readonly string[] {
  return fc.sample(addressLists, { seed: SEED, numRuns: GENERATED });
}
