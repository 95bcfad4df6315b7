import { parseHeaderBlock } from '../../src/message/header-block.js';
import { removedName } from '../../src/message/removed-fields.js';

function removed(line: string, keepReturnPath?: boolean): string | undefined {
  const [span] = parseHeaderBlock(Buffer.from(line)).spans;
  return span && removedName(span, keepReturnPath);
}

describe('removedName', () => {
  it.each([
    ['Bcc: a', 'Bcc'],
    ['bCC \t:', 'Bcc'],
    ['RESENT-BCC: a', 'Resent-Bcc'],
    ['return-path: <>', 'Return-Path'],
    ['X-Bcc: a', undefined],
    ['Bcc', undefined],
    ['Cc: Bcc', undefined],
  ])('%j: %s', (line, name) => {
    expect(removed(line)).toBe(name);
  });

  it('keeps Return-Path when it is told to, and nothing else', () => {
    expect(removed('Return-Path: <>', true)).toBeUndefined();
    expect(removed('Bcc: a', true)).toBe('Bcc');
  });
});
