import { InvalidAddressError } from '../../src/errors.js';
import { invalidAddress } from '../../src/message/address-fault.js';

/** The lines of the message: the reason, the excerpt and the caret. */
function linesOf(input: string, position: number): string[] {
  return invalidAddress({ input, position, reason: 'this is wrong' }).message.split('\n');
}

describe('invalidAddress', () => {
  it('names the field, the reason and the position', () => {
    const fault = invalidAddress({
      input: 'a b@c',
      position: 2,
      reason: 'this is wrong',
      header: 'To',
      hint: 'Do this.',
    });
    expect(fault).toBeInstanceOf(InvalidAddressError);
    expect(fault).toMatchObject({
      input: 'a b@c',
      position: 2,
      header: 'To',
      hint: 'Do this.',
      code: 'ERR_INVALID_ADDRESS',
    });
    expect(fault.message).toBe('To: this is wrong, at position 2\n  a b@c\n    ^');
  });

  it('can have a code of its own', () => {
    expect(invalidAddress({ input: '', position: 0, reason: '', code: 'ERR_X' }).code).toBe('ERR_X');
  });

  it('puts the caret under the character', () => {
    expect(linesOf('a@b, c d', 7)).toEqual(['this is wrong, at position 7', '  a@b, c d', '         ^']);
  });

  it('puts the caret behind the last character', () => {
    expect(linesOf('a@', 2).slice(1)).toEqual(['  a@', '    ^']);
  });

  it('shows controls as escapes, and tabs and line ends without breaking the picture', () => {
    expect(linesOf('a\0\t\r\n@b', 5).slice(1)).toEqual(['  a\\u0000 \\u000d\\u000a@b', '                      ^']);
  });

  it('shows a part of a long text', () => {
    const [, excerpt = '', caret = ''] = linesOf(`${'x'.repeat(10_000)}!${'y'.repeat(10_000)}`, 10_000);
    expect(excerpt.length).toBeLessThan(100);
    expect(excerpt).toMatch(/^ {2}\.\.\.x+!y+\.\.\.$/);
    expect(excerpt[caret.indexOf('^')]).toBe('!');
  });
});
