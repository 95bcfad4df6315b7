import fc from 'fast-check';
import { decodeUtf8Xtext, decodeXtext, encodeUtf8Xtext, encodeXtext } from '../../src/protocol/xtext.js';

/** Well-formed Unicode of any kind. */
const text = fc.string({ unit: 'binary' });

describe('xtext', () => {
  it('comes back as it was, in characters that end no parameter', () => {
    fc.assert(
      fc.property(text, (given) => {
        const encoded = encodeXtext(given);
        expect(encoded).toMatch(/^[!-<>-~]*$/);
        expect(decodeXtext(encoded)).toBe(given);
      }),
    );
  });

  it('writes its two specials, blanks and controls in hexadecimal', () => {
    expect(encodeXtext('a+b=c d\r\n\u007f~')).toBe('a+2Bb+3Dc+20d+0D+0A+7F~');
  });

  it.each(['+', '+4', '+4g', '+4a', 'a=b', 'a b', 'a\n', '\u00e4', '+FF'])('is not %j', (encoded) => {
    expect(decodeXtext(encoded)).toBeUndefined();
  });

  it('is read without a crash whatever it is, and only from its own form', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('+=2BCFa \\x{}\u00e4')) }), (encoded) => {
        const decoded = decodeXtext(encoded);
        if (decoded !== undefined) expect(decodeXtext(encodeXtext(decoded))).toBe(decoded);
      }),
    );
  });
});

describe('utf-8-addr-xtext', () => {
  it('comes back as it was, in ASCII characters that end no parameter', () => {
    fc.assert(
      fc.property(
        text.filter((given) => !given.includes('\0')),
        (given) => {
          const encoded = encodeUtf8Xtext(given);
          expect(encoded).toMatch(/^[!-*,-<>-~]*$/);
          expect(decodeUtf8Xtext(encoded)).toBe(given);
        },
      ),
    );
  });

  it('writes specials and what is not ASCII as code points', () => {
    expect(encodeUtf8Xtext('bj\u00f8rn+a=b\\c@\u{1f4e7}.x')).toBe('bj\\x{F8}rn\\x{2B}a\\x{3D}b\\x{5C}c@\\x{1F4E7}.x');
    expect(decodeUtf8Xtext('bj\u00f8rn@x')).toBe('bj\u00f8rn@x');
  });

  it.each([
    '\\',
    '\\x',
    '\\x{}',
    '\\x{0}',
    '\\x{00}',
    '\\x{f8}',
    '\\x{D800}',
    '\\x{110000}',
    '\\x{1234567}',
    'a+b',
    'a b',
    'a=b',
  ])('is not %j', (encoded) => {
    expect(decodeUtf8Xtext(encoded)).toBeUndefined();
  });
});
