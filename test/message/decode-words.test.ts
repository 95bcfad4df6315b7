import fc from 'fast-check';
import { decodeWords } from '../../src/message/decode-words.js';
import { encodeWords } from '../../src/message/encoded-word.js';
import { runs } from './runs.js';

describe('text of a header field', () => {
  it.each<[fact: string, text: string, decoded: string]>([
    ['without encoded-words stays', 'a = ?b? c', 'a = ?b? c'],
    ['Q', '=?utf-8?Q?Gr=C3=BC=c3=9fe_an_alle?=', 'Grüße an alle'],
    ['B', 'Re: =?UTF-8?B?R3LDvMOfZQ==?= x', 'Re: Grüße x'],
    ['a charset of one octet', '=?iso-8859-1?q?Gr=FC=DFe?=', 'Grüße'],
    ['a charset of two octets', '=?Shift_JIS?B?k/qWew==?=', '日本'],
    ['a language behind the charset (RFC 2231 section 5)', '=?utf-8*de?Q?=C3=BC?=', 'ü'],
    ['white space between words goes', '=?utf-8?Q?a?=\r\n =?iso-8859-1?Q?b?=', 'ab'],
    ['white space beside other text stays', 'a =?utf-8?Q?b?= c', 'a b c'],
    ['white space in front of the first word stays', '  =?utf-8?Q?b?=', '  b'],
    ['text between words stays', '=?utf-8?Q?a?= b =?utf-8?Q?c?=', 'a b c'],
    ['a character cut between two words', '=?utf-8?Q?=C3?= =?utf-8?B?vA==?=', 'ü'],
    ['spaces in a word', '=?utf-8?Q?a b=20c?=', 'a b c'],
    ['no text in a word', 'a=?utf-8?Q??=b', 'ab'],
    ['an unknown charset stays', '=?x-none?Q?a?= =?utf-8?Q?b?=', '=?x-none?Q?a?= b'],
    ['and so does white space in front of it', '=?utf-8?Q?b?=  =?x-none?Q?a?=', 'b  =?x-none?Q?a?='],
    ['an unknown encoding stays', '=?utf-8?X?a?=', '=?utf-8?X?a?='],
    ['a word without its end stays', '=?utf-8?Q?a', '=?utf-8?Q?a'],
    ['octets that are not of the charset are shown as such', '=?utf-8?Q?=FF?=', '\ufffd'],
    ['no word is made of what was decoded', '=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=', '=?utf-8?Q?a?='],
  ])('%s', (_fact, text, decoded) => {
    expect(decodeWords(text)).toBe(decoded);
  });
});

it('what was encoded is decoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), fc.nat(60), (text, beside) => {
      expect(decodeWords(encodeWords(text, beside))).toBe(text.replace(/^\ufeff/, ''));
    }),
    runs(500),
  );
});

it('any text is read, and ASCII without a word stays what it is', () => {
  const piece = fc.constantFrom('=?', '?=', 'utf-8', '?Q?', '?B?', '=41', ' ', '\r\n ', '_', 'ü', '=');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const decoded = decodeWords(text);
      if (!/=\?utf-8\?[QB]\?/.test(text)) expect(decoded).toBe(text);
    }),
    runs(1000),
  );
});
