import fc from 'fast-check';
import { parseHeaderBlock } from '../../src/message/header-block.js';
import { makeField, makeFieldOfPieces } from '../../src/message/header-field.js';
import { HeaderList } from '../../src/message/headers.js';
import { runs } from './runs.js';

describe('folding', () => {
  it('breaks in front of white space, at 78 octets', () => {
    const field = makeField('Subject', `${'word '.repeat(30)}end`);
    const lines = field.octets.toString().split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('counts octets, not characters', () => {
    const field = makeField('Subject', 'ü'.repeat(30) + ' ' + 'ü'.repeat(30));
    expect(field.octets.toString()).toBe(`Subject: ${'ü'.repeat(30)}\r\n ${'ü'.repeat(30)}\r\n`);
  });

  it('leaves a long word beside the name', () => {
    const word = 'x'.repeat(200);
    expect(makeField('A', word).octets.toString()).toBe(`A: ${word}\r\n`);
  });

  it('of pieces breaks between them, and nowhere else', () => {
    const { octets } = makeFieldOfPieces('A', ['value;', `a="${'b '.repeat(40)}";`, 'c=d']);
    expect(octets.toString()).toBe(`A: value;\r\n a="${'b '.repeat(40)}";\r\n c=d\r\n`);
    expect(() => makeFieldOfPieces('A', ['a', 'b\r\nC: d'])).toThrow('U+000D');
  });

  it('an empty value has no white space', () => {
    expect(makeField('A', ' \t ').octets.toString()).toBe('A:\r\n');
  });

  it('a field that was made reads as the value that was given, on lines that are all field or continuation', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', ' ', '\t', 'é', ':', 'word', '\u00a0', '\u2028'),
      maxLength: 120,
    });
    fc.assert(
      fc.property(value, (text) => {
        const { octets } = makeField('Name', text);
        const block = parseHeaderBlock(octets);
        expect(block.spans).toHaveLength(1);
        expect(new HeaderList(block.spans).get('name')).toBe(text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, ''));
        for (const line of octets.toString().split('\r\n').slice(1, -1)) expect(line).toMatch(/^[ \t]+[^ \t]/);
      }),
      runs(500),
    );
  });
});
