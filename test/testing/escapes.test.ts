import fc from 'fast-check';
import { EscapeError, quote, readEscapes, showBytes, showLine } from '../../src/testing/escapes.js';
import { readClientText, readServerText } from '../../src/testing/notation.js';

const bytes = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  fc
    .array(fc.constantFrom('\\', '*', '"', '(', ')', '<', '/', '\r', '\n', '\0', ' ', 'x', 'é', '\u2028', '\u0085'))
    .map((parts) => new TextEncoder().encode(parts.join(''))),
);

describe('escapes', () => {
  it('reads back every byte that it shows', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect([...readEscapes(showBytes(given))]).toEqual([...given]);
      }),
    );
  });

  it('shows nothing that a terminal would act on', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(showBytes(given)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });

  it('shows a line so that it expects exactly that line', () => {
    const line = bytes.map((given) => given.filter((octet) => octet !== 10));
    fc.assert(
      fc.property(line, line, (given, other) => {
        const expectation = readClientText(showLine(given));
        if (expectation.kind !== 'line') throw new Error(`read as ${expectation.kind}`);
        expect(expectation.matches(Buffer.from(given), true)).toBe(true);
        expect(expectation.matches(Buffer.from(other), true)).toBe(Buffer.compare(given, other) === 0);
      }),
    );
  });

  it('quotes bytes so that exactly those are sent', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(readServerText(quote(given))).toEqual({ kind: 'send', bytes: Buffer.from(given), addressee: 'in-turn' });
      }),
    );
  });

  it.each([
    ['\\r\\n\\t\\0\\s', '\r\n\t\0 '],
    ['\\xff\\x00', '\xff\0'],
    ['a\\*\\"\\(\\\\', 'a*"(\\'],
  ])('reads %j', (text, octets) => {
    expect(readEscapes(text).toString('latin1')).toBe(octets);
  });

  it.each(['\\q', '\\x1', '\\xzz', 'end\\', '\\é'])('refuses %j', (text) => {
    expect(() => readEscapes(text)).toThrow(EscapeError);
  });
});
