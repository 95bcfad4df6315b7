import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { BodyCanonicalizer, type CanonicalForm } from '../../src/dkim/canonical-body.js';
import { canonicalBodyReference } from '../support/body-reference.js';
import { chunksOf, cutsArbitrary, splitsOf } from '../support/octet-arbitraries.js';

const FORMS: readonly CanonicalForm[] = ['relaxed', 'simple'];

function canonical(form: CanonicalForm, chunks: readonly Uint8Array[]): string {
  const canonicalizer = new BodyCanonicalizer(form);
  const pieces = chunks.flatMap((chunk) => [...canonicalizer.push(chunk)]);
  return Buffer.concat([...pieces, canonicalizer.end()]).toString('latin1');
}

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Bodies as a Content has them: CRLF only, and one at the end of the last line. */
const bodies = fc
  .array(fc.constantFrom(' ', '\t', '  \t', '\r\n', '\r\n\r\n', 'a', '.', 'b c', '\xe9', ' \r\n'), { maxLength: 30 })
  .map((pieces) => pieces.join(''))
  .map((text) => (text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`));

describe('a canonical body', () => {
  it.each([
    ['relaxed', ' C\r\nD E\r\n'],
    ['simple', ' C \r\nD \t E\r\n'],
  ] as const)('is that of RFC 6376 section 3.4.5, %s', (form, expected) => {
    expect(canonical(form, [octets(' C \r\nD \t E\r\n\r\n\r\n')])).toBe(expected);
  });

  it.each([
    ['relaxed', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
    ['simple', 'frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY='],
  ] as const)('that is empty has the hash of RFC 6376, %s', (form, expected) => {
    for (const body of ['', '\r\n', '\r\n\r\n\r\n']) {
      const hash = createHash('sha256').update(octets(canonical(form, [octets(body)])));
      expect(hash.digest('base64')).toBe(expected);
    }
  });

  it.each([
    ['white space at the end of lines and of the body', 'a \t\r\nb\t\r\n \r\n\t\r\n', 'a\r\nb\r\n'],
    ['white space at the beginning of lines', '  a\r\n\tb\r\n', ' a\r\n b\r\n'],
    ['lines of white space between others', 'a\r\n \t \r\nb\r\n', 'a\r\n\r\nb\r\n'],
    ['empty lines in front', '\r\n\r\na\r\n', '\r\n\r\na\r\n'],
    ['a body of white space', ' \r\n\t\t\r\n', ''],
  ])('in relaxed form reduces %s', (_name, body, expected) => {
    expect(canonical('relaxed', [octets(body)])).toBe(expected);
  });

  it.each(FORMS)('is the same however the body is cut, %s', (form) => {
    fc.assert(
      fc.property(bodies, cutsArbitrary(), (body, cuts) => {
        expect(canonical(form, chunksOf(octets(body), cuts))).toBe(canonicalBodyReference(body, form));
      }),
    );
  });

  it.each(FORMS)('is the same at every cut into two, and octet by octet, %s', (form) => {
    for (const body of ['a \r\n\t\r\n b\r\n\r\n', '\r\n \r\nabc\r\n\r\n\r\n', 'ab\r\n\r\ncd\r\n']) {
      const expected = canonicalBodyReference(body, form);
      for (const halves of splitsOf(octets(body))) expect(canonical(form, halves)).toBe(expected);
      expect(
        canonical(
          form,
          Array.from(octets(body), (octet) => Uint8Array.of(octet)),
        ),
      ).toBe(expected);
    }
  });

  it.each(FORMS)('is its own canonical form, %s', (form) => {
    fc.assert(
      fc.property(bodies, (body) => {
        const once = canonical(form, [octets(body)]);
        expect(canonical(form, [octets(once)])).toBe(once);
      }),
    );
  });

  it('takes no memory for line ends that may be the last ones', () => {
    const canonicalizer = new BodyCanonicalizer('simple');
    const million = octets('\r\n'.repeat(1_000_000));
    expect([...canonicalizer.push(octets('a')), ...canonicalizer.push(million)]).toHaveLength(1);
    const pieces = [...canonicalizer.push(octets('b\r\n')), canonicalizer.end()];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(32_768);
    expect(Buffer.concat(pieces).equals(Buffer.concat([million, octets('b\r\n')]))).toBe(true);
  });
});
