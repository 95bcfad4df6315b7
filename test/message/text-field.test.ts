import fc from 'fast-check';
import libmime from 'libmime';
import { fieldValue, layOut } from '../../src/message/header-field.js';
import { writeTextField } from '../../src/message/text-field.js';
import { failure } from './failure.js';
import { runs } from './runs.js';

function written(text: string, name = 'Subject'): string {
  return writeTextField(name, text).text;
}

function read(text: string, name: string): string {
  const [span] = layOut([writeTextField(name, text)]);
  return span === undefined ? '' : fieldValue(span);
}

describe('a text field', () => {
  it.each([
    ['Hello', 'Subject: Hello\r\n'],
    ['two  spaces', 'Subject: two  spaces\r\n'],
    ['Grüße', 'Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n'],
    ['=?utf-8?Q?x?=', 'Subject: =?UTF-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n'],
    [' a', 'Subject: =?UTF-8?B?IGE=?=\r\n'],
    ['a\tb', 'Subject: =?UTF-8?B?YQli?=\r\n'],
    ['a\u001bb', 'Subject: =?UTF-8?B?YRti?=\r\n'],
  ])('%j is written as %s', (text, field) => {
    expect(written(text)).toBe(field);
  });

  it.each(['a\r\nBcc: x@y', 'a\rb', 'a\nb', 'a\0b', '\ud83d'])('%j is refused, not encoded', (text) => {
    expect(() => written(text)).toThrow(failure({ code: 'ERR_INVALID_HEADER_VALUE', header: 'Subject' }));
    expect(() => written(`ü${text}`)).toThrow(failure({ code: 'ERR_INVALID_HEADER_VALUE' }));
  });

  it('folds ASCII at 78 octets, and encodes a word that no line could hold', () => {
    const lines = written('word '.repeat(60).trim()).split('\r\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78);
    const long = written(`a ${'x'.repeat(3000)}`);
    for (const line of long.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
    expect(libmime.decodeWords(read('x'.repeat(3000), 'X'))).toBe('x'.repeat(3000));
  });

  it('is ASCII that is read back as what was given', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(' ', '=', '?', 'Q', 'B', '_', '\t', 'a', '😀', '𝔘'), maxLength: 200 }),
    );
    fc.assert(
      fc.property(anyText, fc.constantFrom('Subject', 'X-Quite-A-Long-Name-Of-A-Field'), (text, name) => {
        for (const line of written(text, name).split('\r\n')) expect(line).toMatch(/^[ -~]{0,78}$/);
        const value = read(text, name);
        expect(value.includes('=?') ? libmime.decodeWords(value) : value).toBe(text);
      }),
      runs(1000),
    );
  });
});
