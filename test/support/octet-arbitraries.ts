/** Octets that are hard for whoever reads lines, and every way to cut octets into chunks. */
import fc from 'fast-check';

/** What a smuggled end of content, a stuffed dot and a hidden field are made of. */
const PIECES = [
  '\r',
  '\n',
  '\r\n',
  '.',
  'a',
  '\r\n.\r\n',
  '\n.\n',
  '\r.\r',
  '\n.\r\n',
  '\r\n.\n',
  '\r\r\n',
  '..',
  'ab: c',
];

export function octetsOfPieces(extra: readonly string[] = []): fc.Arbitrary<Buffer> {
  return fc
    .array(fc.constantFrom(...PIECES, ...extra), { maxLength: 40 })
    .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
}

/** Lines of equal length with CRLF, as encoded bodies have them, and now and then an octet that is another one. */
export function equalLinesArbitrary(): fc.Arbitrary<{ readonly octets: Buffer; readonly lineOctets: number }> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    octet: fc.constantFrom('\r', '\n', '.', '\t', '\u00e9', 'a'),
  });
  return fc
    .record({
      lineOctets: fc.nat({ max: 80 }),
      lines: fc.nat({ max: 150 }),
      changes: fc.array(change, { maxLength: 4 }),
    })
    .map(({ lineOctets, lines, changes }) => {
      const octets = Buffer.from(`${'x'.repeat(lineOctets)}\r\n`.repeat(lines), 'latin1');
      for (const { at, octet } of changes) octets.write(octet, Math.floor(at * octets.length), 'latin1');
      return { octets, lineOctets };
    });
}

/** `cuts` are fractions of the length; empty chunks come about too. */
export function cutsArbitrary(): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
}

export function chunksOf(octets: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const positions = cuts.map((cut) => Math.round(cut * octets.length)).sort((a, b) => a - b);
  const starts = [0, ...positions];
  return starts.map((start, index) => octets.subarray(start, starts[index + 1] ?? octets.length));
}

/** All ways to cut into two. */
export function splitsOf(octets: Uint8Array): readonly (readonly [Uint8Array, Uint8Array])[] {
  return Array.from({ length: octets.length + 1 }, (_, at) => [octets.subarray(0, at), octets.subarray(at)] as const);
}

/** Octets with a buffer of their own, not out of Node's pool, so that a copy can be told from a view. */
export function unpooled(text: string): Buffer {
  return Buffer.alloc(Buffer.byteLength(text), text);
}
