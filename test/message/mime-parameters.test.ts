import fc from 'fast-check';
import libmime from 'libmime';
import { formatParameters } from '../../src/message/mime-parameters.js';
import { runs } from './runs.js';

function written(value: string): string {
  return formatParameters('attachment', [['filename', value]]).join(' ');
}

describe('a parameter', () => {
  it.each([
    ['report.pdf', 'attachment; filename=report.pdf'],
    ['my report (1).pdf', 'attachment; filename="my report (1).pdf"'],
    ['a"b\\c.txt', "attachment; filename*=UTF-8''a%22b%5Cc.txt"],
    ['Grüße.txt', "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"],
    ['=?utf-8?Q?x?=', "attachment; filename*=UTF-8''%3D%3Futf-8%3FQ%3Fx%3F%3D"],
    [' x', "attachment; filename*=UTF-8''%20x"],
    ['', 'attachment; filename=""'],
    // Legal without quotes, but some readers look for RFC 2231 in it.
    ["it's.txt", 'attachment; filename="it\'s.txt"'],
    ['100%.txt', 'attachment; filename="100%.txt"'],
    ['a*b', 'attachment; filename="a*b"'],
  ])('%j is written as %s', (value, field) => {
    expect(written(value)).toBe(field);
  });

  it('is continued when it is long, each piece with whole characters', () => {
    const pieces = formatParameters('attachment', [['filename', '😀'.repeat(20)]]);
    expect(pieces.length).toBeGreaterThan(3);
    for (const [index, piece] of pieces.slice(1).entries()) {
      expect(piece).toMatch(new RegExp(`^filename\\*${String(index)}\\*=(?:UTF-8'')?(?:%F0%9F%98%80)+;?$`));
    }
  });

  it('is read back as it was given, in pieces of ASCII that fit on a line', () => {
    const anyValue = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }),
      fc.string({
        unit: fc.constantFrom(' ', '"', '\\', '%', "'", '*', ';', '=', '?', '(', ')', 'a', 'ü'),
        minLength: 1,
      }),
    );
    fc.assert(
      fc.property(anyValue, (value) => {
        const pieces = formatParameters('attachment', [['filename', value]]);
        for (const piece of pieces) expect(piece).toMatch(/^[ -~]{1,77}$/);
        expect(libmime.parseHeaderValue(pieces.join(' ')).params).toEqual({ filename: value });
      }),
      runs(1000),
    );
  });
});
