import fc from 'fast-check';
import libmime from 'libmime';
import { encodePhrase, encodeWords, isPlainText } from '../../src/message/encoded-word.js';

describe('encodePhrase', () => {
  it.each([
    ['Jane Doe', 'Jane Doe'],
    ['Doe, Jane', '"Doe, Jane"'],
    ['Jörg', '=?UTF-8?B?SsO2cmc=?='],
    ['=?utf-8?Q?x?=', '=?UTF-8?B?PT91dGYtOD9RP3g/PQ==?='],
    ['a\u007fb', '"a\u007fb"'],
    ['x'.repeat(900), 'x'.repeat(900)],
    [`${'x'.repeat(900)} ${'y'.repeat(900)}`, `${'x'.repeat(900)} ${'y'.repeat(900)}`],
  ])('%s is %s', (name, phrase) => {
    expect(encodePhrase(name)).toBe(phrase);
  });

  it('is decoded to what was given, in words of at most 75 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }), (name) => {
        const text = `é${name}`;
        const phrase = encodePhrase(text);
        for (const word of phrase.split(' ')) {
          expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/]+=*\?=$/);
          expect(word.length).toBeLessThanOrEqual(75);
        }
        expect(libmime.decodeWords(phrase)).toBe(text);
      }),
    );
  });

  it('keeps characters whole', () => {
    for (const word of encodePhrase('😀'.repeat(40)).split(' '))
      expect(libmime.decodeWords(word)).toMatch(/^(?:😀)+$/u);
  });
});

describe('encodePhrase, of a word that no line can hold', () => {
  it.each(['x'.repeat(901), `a\t${'x'.repeat(901)}`])('encodes it, so that it can be folded', (name) => {
    const phrase = encodePhrase(name);
    expect(phrase.split(' ').length).toBeGreaterThan(10);
    expect(libmime.decodeWords(phrase)).toBe(name);
  });
});

describe('encodeWords', () => {
  it.each([
    // 76 octets of a line, without the frame of 12 and what stands beside it, hold 4 octets for each 3 of text.
    [0, 48],
    [4, 45],
    [16, 36],
    [52, 9],
    [56, 6],
    [200, 6],
  ])('behind %d octets, a word holds %d octets of text', (besideOctets, textOctets) => {
    expect(encodeWords('x'.repeat(textOctets), besideOctets).split(' ')).toHaveLength(1);
    const words = encodeWords('x'.repeat(2 * textOctets + 1), besideOctets).split(' ');
    expect(words.map((word) => libmime.decodeWords(word).length)).toEqual([textOctets, textOctets, 1]);
  });
});

describe('isPlainText', () => {
  it.each(['', 'a', 'a b', 'A ~!', 'x'.repeat(900), `${'x'.repeat(900)} y`, '= ?'])('%j is', (text) => {
    expect(isPlainText(text)).toBe(true);
  });

  it.each([' a', 'a ', 'a\tb', 'é', 'a\u007f', '=?', 'a =?utf-8?Q?b?=', 'x'.repeat(901)])('%j is not', (text) => {
    expect(isPlainText(text)).toBe(false);
  });
});
