import fc from 'fast-check';
import { parseHeaderBlock } from '../../src/message/header-block.js';
import {
  fieldValue,
  layOut,
  makeField,
  readField,
  writeField,
  writeFieldOfPieces,
} from '../../src/message/header-field.js';
import { HeaderList } from '../../src/message/headers.js';
import { failure } from './failure.js';
import { runs } from './runs.js';

describe('the value of a field', () => {
  it.each([
    ['A: b\r\n', 'b'],
    ['A:b', 'b'],
    ['A: \t b c \t\r\n', 'b c'],
    ['A:\r\n b\r\n\tc\n d \r\n \r\n', 'b\tc d'],
    ['A: \t\r\n', ''],
    ['A:\r\n', ''],
  ])('of %j is %j', (field, value) => {
    const [span] = parseHeaderBlock(Buffer.from(field)).spans;
    expect(span && fieldValue(span)).toBe(value);
  });

  it.each([
    ['ascii', 'ascii', false],
    ['\xc3\xbc', '\xfc', false],
    ['\xfc', '\xfc', true],
  ])('of the octets %j is a guess where they are neither ASCII nor UTF-8', (octets, value, isGuess) => {
    const [span] = parseHeaderBlock(Buffer.from(`A: ${octets}\r\n`, 'latin1')).spans;
    expect(span && readField(span)).toEqual({ value, isGuess });
  });
});

describe('folding', () => {
  it('fills a line to 78 octets and no further', () => {
    const word = 'x'.repeat(37);
    expect(makeField('A', `${word} ${word}`).octets.toString()).toBe(`A: ${word} ${word}\r\n`);
    expect(makeField('A', `${word} ${word}y`).octets.toString()).toBe(`A: ${word}\r\n ${word}y\r\n`);
  });

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
    const { text } = writeFieldOfPieces('A', ['value;', `a="${'b '.repeat(40)}";`, 'c=d']);
    expect(text).toBe(`A: value;\r\n a="${'b '.repeat(40)}";\r\n c=d\r\n`);
    expect(writeFieldOfPieces('A', ['b;', 'c=d']).text).toBe('A: b; c=d\r\n');
    expect(() => writeFieldOfPieces('A', ['a', 'b\r\nC: d'])).toThrow('U+000D');
  });

  it('is the same for printable ASCII, which is not cut into words, as for any other text', () => {
    const word = fc.oneof(
      fc.constantFrom('a', 'to', 'word', 'x'.repeat(30), 'x'.repeat(77), 'x'.repeat(78), 'x'.repeat(79)),
      fc.nat(100).map((length) => 'y'.repeat(length + 1)),
    );
    const blank = fc.oneof(
      { weight: 9, arbitrary: fc.constant(' ') },
      fc.nat(90).map((length) => ' '.repeat(length + 1)),
    );
    fc.assert(
      fc.property(word, fc.array(fc.tuple(blank, word), { maxLength: 40 }), (first, more) => {
        const value = 'y' + first + more.map(([between, text]) => between + text).join('');
        // What is cut into words has a character that is none of printable ASCII, of one octet as the one that it stands for.
        const reference = writeField('Name', value.replace('y', '\u007f')).text.replace('\u007f', 'y');
        expect(writeField('Name', value).text).toBe(reference);
      }),
      runs(1000),
    );
  });

  it('drops white space around the value, and keeps what is inside', () => {
    expect(makeField('A', ' \t b \t c\t ').octets.toString()).toBe('A: b \t c\r\n');
  });

  it.each([
    ['', 'v', 'ERR_INVALID_HEADER_NAME'],
    ['A:', 'v', 'ERR_INVALID_HEADER_NAME'],
    ['A b', 'v', 'ERR_INVALID_HEADER_NAME'],
    [7, 'v', 'ERR_INVALID_HEADER_NAME'],
    ['A', 7, 'ERR_INVALID_HEADER_VALUE'],
    ['A', 'a\0', 'ERR_INVALID_HEADER_VALUE'],
    ['A', '\ud800', 'ERR_INVALID_HEADER_VALUE'],
  ])('the name %j with the value %j is refused', (name, value, code) => {
    expect(() => makeField(name as string, value as string)).toThrow(failure({ code }));
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

it('takes white space behind a value for none of it, without looking at each of its places for what follows', () => {
  const field = makeField('Subject', `a${' '.repeat(500_000)}`);
  expect(Buffer.from(field.octets).toString('latin1')).toBe('Subject: a\r\n');
});

describe('fields that are laid out', () => {
  it('lie end to end in the same octets, in front of what is behind them', () => {
    const spans = layOut([writeField('A', '1'), writeField('B', 'ü'), writeField('C', '3')], '\r\n');
    const [first] = spans;
    expect(first?.octets.toString()).toBe('A: 1\r\nB: ü\r\nC: 3\r\n\r\n');
    expect(spans.map(fieldValue)).toEqual(['1', 'ü', '3']);
    expect(parseHeaderBlock(first?.octets ?? Buffer.alloc(0)).spans).toEqual(
      spans.map(({ name, key, octets, start, valueStart, end }) => ({ name, key, octets, start, valueStart, end })),
    );
  });

  it('are none where there are none', () => {
    expect(layOut([])).toEqual([]);
  });
});
