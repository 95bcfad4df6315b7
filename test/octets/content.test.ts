import { charsetOf } from '../../src/octets/content.js';

describe('charsetOf', () => {
  it.each([
    ['', 'ascii'],
    ['Subject: hi\r\n', 'ascii'],
    ['Subject: h\u00e9\r\n', 'utf-8'],
    ['\u{1f600}', 'utf-8'],
  ])('knows what the UTF-8 of %j is', (text, charset) => {
    expect(charsetOf(Buffer.from(text))).toBe(charset);
  });

  it.each([
    ['Latin-1', [0x68, 0xe9]],
    ['a sequence cut off', [0xf0, 0x9f, 0x98]],
    ['an overlong form', [0xc0, 0x8a]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('does not take %s for UTF-8', (_what, octets) => {
    expect(charsetOf(Uint8Array.from(octets))).toBe('other');
  });
});
