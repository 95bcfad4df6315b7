import { checkedBlock } from '../../src/message/checked-block.js';
import { writeField, type FieldText } from '../../src/message/header-field.js';
import { failure } from './failure.js';

/** A field whose text is not what it was made for. */
function broken(text: string, name = 'A'): FieldText {
  return { ...writeField(name, '1'), text };
}

describe('the check of a block', () => {
  it('lets fields pass, folded ones too, in their order', () => {
    const fields = [writeField('A', '1'), writeField('B', 'x '.repeat(100)), writeField('C', 'ü')];
    expect(checkedBlock(fields)).toBe(fields.map(({ text }) => text).join(''));
    expect(checkedBlock([])).toBe('');
  });

  it.each([
    'A: 1\r\nB: 2\r\n',
    'A: 1\r\n\r\n',
    'A: 1\rB: 2\r\n',
    'A: 1\nB: 2\r\n',
    '\nA: 1\r\n',
    'A: 1\r\r\n',
    'A: 1\r\n\n',
    'A: \0\r\n',
    'A: 1',
    'A: 1\r',
    'A 1\r\n',
    'no field\r\n',
    'B: 1\r\n',
    ' A: 1\r\n',
    '\tA: 1\r\n',
    '',
  ])('finds %j', (text) => {
    expect(() => checkedBlock([broken(text)])).toThrow(failure({ code: 'ERR_MALFORMED_HEADER' }));
    expect(() => checkedBlock([writeField('Z', '1'), broken(text), writeField('Z', '1')])).toThrow(
      failure({ code: 'ERR_MALFORMED_HEADER' }),
    );
  });

  it('finds a field in the place of another one', () => {
    const swapped = [broken('B: 1\r\n', 'A'), broken('A: 1\r\n', 'B')];
    expect(() => checkedBlock(swapped)).toThrow(failure({ code: 'ERR_MALFORMED_HEADER' }));
  });

  it.each([
    ['ASCII', 'x'.repeat(995), 'x'.repeat(996)],
    ['octets beyond ASCII', 'ü'.repeat(497), 'ü'.repeat(498)],
  ])('lets a line of 998 octets pass, and none of 999: %s', (_what, fits, tooLong) => {
    expect(checkedBlock([writeField('Z', '1'), writeField('A', fits)])).toContain(fits);
    expect(() => checkedBlock([writeField('Z', '1'), writeField('A', tooLong)])).toThrow(
      failure({ code: 'ERR_LINE_TOO_LONG', header: 'A' }),
    );
  });

  it('refuses more fields, and more octets, than a reader takes', () => {
    const many = new Array<FieldText>(10_001).fill(writeField('A', '1'));
    expect(() => checkedBlock(many)).toThrow(failure({ code: 'ERR_TOO_MANY_HEADER_FIELDS' }));
    const large = new Array<FieldText>(1_200).fill(writeField('A', 'x'.repeat(900)));
    expect(() => checkedBlock(large)).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });
});
