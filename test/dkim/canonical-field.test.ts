import fc from 'fast-check';
import { canonicalField } from '../../src/dkim/canonical-field.js';

const canonical = (field: string, form: 'relaxed' | 'simple'): string =>
  canonicalField(Buffer.from(field, 'latin1'), form).toString('latin1');

describe('a canonical field', () => {
  it.each([
    ['A: X\r\n', 'a:X\r\n'],
    ['B : Y\t\r\n\tZ  \r\n', 'b:Y Z\r\n'],
  ])('is that of RFC 6376 section 3.4.5: %j', (field, relaxed) => {
    expect(canonical(field, 'relaxed')).toBe(relaxed);
    expect(canonical(field, 'simple')).toBe(field);
  });

  it.each([
    ['Subject:\r\n', 'subject:\r\n'],
    ['Subject: \t \r\n', 'subject:\r\n'],
    ['Subject:\r\n\r\n'.slice(0, -2), 'subject:\r\n'],
    ['Subject:\r\n hi\r\n', 'subject:hi\r\n'],
    ['SUBJECT:a:b\r\n', 'subject:a:b\r\n'],
    ['To\r\n : x\r\n', 'to:x\r\n'],
    ['X: \xe9\xa0\xc3\r\n', 'x:\xe9\xa0\xc3\r\n'],
    ['X: a\x0bb\x0c\r\n', 'x:a\x0bb\x0c\r\n'],
  ])('in relaxed form: %j', (field, expected) => {
    expect(canonical(field, 'relaxed')).toBe(expected);
  });

  const words = fc.array(fc.stringMatching(/^[!-~\xa1-\xff]{1,8}$/), { minLength: 1, maxLength: 8 });
  const gaps = fc.constantFrom(' ', '\t', '  ', ' \t ', '\r\n ', '\r\n\t', ' \r\n  ', '\t\r\n \r\n ');

  it('in relaxed form does not depend on how the field is folded and spaced', () => {
    fc.assert(
      fc.property(words, fc.array(gaps, { minLength: 9, maxLength: 9 }), (given, between) => {
        const spaced = given.map((word, index) => `${between[index] ?? ' '}${word}`).join('');
        expect(canonical(`Name:${spaced}${between[8] ?? ''}\r\n`, 'relaxed')).toBe(`name:${given.join(' ')}\r\n`);
      }),
    );
  });

  it('is not the same when an octet of a word is another one', () => {
    fc.assert(
      fc.property(words, fc.nat(), (given, at) => {
        const value = given.join(' ');
        const position = at % value.length;
        fc.pre(value[position] !== ' ');
        const other = `${value.slice(0, position)}${value[position] === 'x' ? 'y' : 'x'}${value.slice(position + 1)}`;
        expect(canonical(`N: ${other}\r\n`, 'relaxed')).not.toBe(canonical(`N: ${value}\r\n`, 'relaxed'));
      }),
    );
  });
});
