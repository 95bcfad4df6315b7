import fc from 'fast-check';
import {
  Base64Encoder,
  chooseTextEncoding,
  encodeText,
  encodeWhole,
  fits8Bit,
  quotedPrintable,
} from '../../src/message/transfer-encoding.js';
import { runs } from './runs.js';

/** RFC 2045 section 6.7, as a strict reader: every octet is literal, encoded, or part of a line break. */
function readQuotedPrintable(encoded: Buffer): Buffer {
  const text = encoded.toString('latin1');
  expect(text).toMatch(/^(?:[ -<>-~\t]|=[0-9A-F]{2}|=\r\n|\r\n)*$/);
  for (const line of text.split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(76);
    expect(line).not.toMatch(/[ \t]$/);
    expect(line).not.toMatch(/^From /);
  }
  const joined = text.replaceAll('=\r\n', '');
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}

function pieces(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length];
  return places.slice(1).map((end, index) => octets.subarray(places[index], end));
}

const textOctets = fc
  .array(
    fc.constantFrom('\r\n', '\r', '\n', ' ', '\t', 'F', 'From', 'From ', '=', '.', 'é', '😀', '\0', 'words of text'),
    {
      maxLength: 60,
    },
  )
  .map((parts) => Buffer.from(parts.join('')));
const anyOctets = fc.oneof(
  textOctets,
  fc.uint8Array({ maxLength: 500 }).map((octets) => Buffer.from(octets)),
);
const anyCuts = fc.array(fc.nat(600), { maxLength: 6 });

describe.each(['quoted-printable', 'base64'] as const)('%s', (encoding) => {
  it('is decoded to what was given, in lines of at most 76 octets', () => {
    fc.assert(
      fc.property(anyOctets, (octets) => {
        const encoded = encodeWhole(encoding, octets);
        if (encoding === 'quoted-printable') expect(readQuotedPrintable(encoded)).toEqual(octets);
        else {
          const lines = encoded.toString('latin1').split('\r\n');
          for (const line of lines.slice(0, -1)) expect(line).toMatch(/^[A-Za-z0-9+/]{76}$/);
          expect(lines.at(-1)).toMatch(/^[A-Za-z0-9+/]{0,76}={0,2}$/);
          expect(Buffer.from(lines.join(''), 'base64')).toEqual(octets);
        }
      }),
      runs(1000),
    );
  });
});

describe('base64 in pieces', () => {
  it('is the same however the content is cut', () => {
    fc.assert(
      fc.property(anyOctets, anyCuts, (octets, cuts) => {
        const encoder = new Base64Encoder();
        const made = pieces(octets, cuts).flatMap((piece) => [...encoder.push(piece)]);
        expect(Buffer.concat([...made, encoder.end()])).toEqual(encodeWhole('base64', octets));
      }),
      runs(1000),
    );
  });

  it('holds no more than one block of a large piece at a time', () => {
    const encoder = new Base64Encoder();
    for (const block of encoder.push(Buffer.alloc(1_000_000, 0xff))) expect(block.length).toBeLessThan(300_000);
  });
});

it('Base64Encoder does not keep the octets it was given', () => {
  const encoder = new Base64Encoder();
  const octets = Buffer.from('abc');
  const before = [...encoder.push(octets)];
  octets.fill(0);
  expect(Buffer.concat([...before, encoder.end()]).toString()).toBe('YWJj');
});

it.each([
  ['a space at the end of a line', 'a \r\nb', 'a=20\r\nb'],
  ['a tab at the end', 'a\t', 'a=09'],
  [
    'a line that an mbox file would change',
    'From here\r\nFrom\r\nFromage blanc',
    'From=20here\r\nFrom\r\nFromage blanc',
  ],
  ['an equals sign', '1=1', '1=3D1'],
  ['a CR alone', 'a\rb', 'a=0Db'],
  ['an LF alone', 'a\nb', 'a=0Ab'],
  ['a CR at the end behind a space', 'a \r', 'a =0D'],
])('quoted-printable encodes %s', (_what, text, encoded) => {
  expect(quotedPrintable(Buffer.from(text)).toString()).toBe(encoded);
});

it.each([
  ['octets that are all encoded', Buffer.alloc(10_000, 0xff)],
  ['octets that are none of them', Buffer.alloc(10_000, 'x')],
  ['spaces', Buffer.alloc(10_000, ' ')],
  ['line ends', Buffer.alloc(10_000, '\r\n')],
  ['pairs of them', Buffer.alloc(10_000, 'x=')],
])('quoted-printable has room for %s', (_what, octets) => {
  expect(readQuotedPrintable(quotedPrintable(octets))).toEqual(octets);
});

describe('the encoding of text', () => {
  it('is the one that is chosen, and gives the octets that it gives alone', () => {
    fc.assert(
      fc.property(anyOctets, (octets) => {
        const encoding = chooseTextEncoding(octets);
        const content = encoding === '7bit' ? octets : encodeWhole(encoding, octets);
        expect(encodeText(octets)).toEqual({ encoding, content });
      }),
      runs(1000),
    );
  });

  it.each<[what: string, text: string, encoding: string]>([
    ['no text', '', '7bit'],
    ['short lines of ASCII', 'Hello,\r\n\tworld \r\n', '7bit'],
    ['a line of 78 octets', `${'x'.repeat(78)}\r\n${'y'.repeat(78)}`, '7bit'],
    ['a line of 79 octets', `${'x'.repeat(79)}\r\n`, 'quoted-printable'],
    ['a last line of 79 octets', `\r\n${'x'.repeat(79)}`, 'quoted-printable'],
    ['a From line', 'a\r\nFrom b', 'quoted-printable'],
    ['a control', 'a\u001bb, and some more', 'quoted-printable'],
    ['German', 'Viele Grüße aus dem sonnigen Süden der Stadt', 'quoted-printable'],
    ['Greek', 'Καλημέρα κόσμε', 'base64'],
    ['emoji', '😀😀', 'base64'],
  ])('%s', (_what, text, encoding) => {
    expect(chooseTextEncoding(Buffer.from(text))).toBe(encoding);
  });

  it.each<[what: string, text: string, fits: boolean]>([
    ['ASCII, which is 7bit', 'Hello\r\n', false],
    ['letters beyond ASCII', 'Grüße,\r\n\tα😀\r\n', true],
    ['a line of 998 octets', 'ü'.repeat(499), true],
    ['a line of 999 octets', `x${'ü'.repeat(499)}`, false],
    ['a From line', 'ü\r\nFrom b', false],
    ['a NUL', 'ü\0', false],
    ['a control', 'ü\u001b', false],
    ['DEL', 'ü\u007f', false],
  ])('8bit and %s', (_what, text, fits) => {
    expect(fits8Bit(Buffer.from(text))).toBe(fits);
  });
});
