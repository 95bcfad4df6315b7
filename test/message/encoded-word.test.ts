import fc from 'fast-check';
import libmime from 'libmime';
import { encodePhrase } from '../../src/message/encoded-word.js';

describe('encodePhrase', () => {
  it.each([
    ['Jane Doe', 'Jane Doe'],
    ['Doe, Jane', '"Doe, Jane"'],
    ['Jörg', '=?UTF-8?B?SsO2cmc=?='],
    ['=?utf-8?Q?x?=', '=?UTF-8?B?PT91dGYtOD9RP3g/PQ==?='],
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
