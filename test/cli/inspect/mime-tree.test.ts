import fc from 'fast-check';
import { MimeTreeReader, parameterOf, type MimeFindings, type MimePart } from '../../../src/cli/inspect/mime-tree.js';

function read(text: string, sizes: readonly number[] = [1 << 20]): MimeFindings {
  const octets = Buffer.from(text, 'latin1');
  const reader = new MimeTreeReader();
  for (let position = 0, turn = 0; position < octets.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    reader.push(Buffer.from(octets.subarray(position, position + size)));
    position += size;
  }
  return reader.end();
}

const outline = ({ path, type, parts }: MimePart): string => `${path}${type}[${parts.map(outline).join(',')}]`;
const mixed = (boundary: string, ...parts: string[]): string =>
  `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\nfor old readers\r\n${parts
    .map((part) => `--${boundary}\r\n${part}\r\n`)
    .join('')}--${boundary}--\r\n`;
const leaf = 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>x</p>';
const file =
  'Content-Type: image/png;\r\n name=a.png\r\nContent-Disposition: attachment;\r\n filename="a \\"b\\".png"\r\n\r\nPNG';

it('is the tree of the parts, with what each says of itself', () => {
  const { root, faults, lines } = read(mixed('o', mixed('i', 'X: y\r\n\r\nplain', leaf), file));
  expect([outline(root), faults]).toEqual([
    'multipart/mixed[1multipart/mixed[1.1text/plain[],1.2text/html[]],2image/png[]]',
    [],
  ]);
  expect(root.parts[0]?.parts[1]).toMatchObject({ charset: 'utf-8', encoding: 'quoted-printable', sizeBytes: 10 });
  expect(root.parts[1]).toMatchObject({ disposition: 'attachment', filename: 'a "b".png', sizeBytes: 5 });
  expect(lines).toBeGreaterThan(20);
});

it('looks into messages in messages, whose boundaries are their own', () => {
  const inner = `Subject: inner\r\n${mixed('i', leaf)}`;
  const { root, faults } = read(mixed('o', `Content-Type: message/rfc822\r\n\r\n${inner}`, leaf));
  expect([outline(root), faults]).toEqual([
    'multipart/mixed[1message/rfc822[1.1multipart/mixed[1.1.1text/html[]]],2text/html[]]',
    [],
  ]);
});

it.each<[string, string, RegExp]>([
  ['no boundary', 'Content-Type: multipart/mixed\r\n\r\n--x\r\n', /the message .* names no boundary/],
  [
    'a boundary that is never used',
    'Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n',
    /never uses its boundary "x"/,
  ],
  ['no end', mixed('x', leaf).replace('--x--\r\n', ''), /does not end: the message ends without --x--/],
  [
    'an inner part that is open when the outer one goes on',
    mixed('o', mixed('i', leaf).replace('--i--\r\n', ''), leaf),
    /part 1 does not end: a boundary of the message comes/,
  ],
  ['the same boundary twice', mixed('x', 'Content-Type: multipart/mixed; boundary=x\r\n\r\n'), /same boundary/],
  ['a multipart that is encoded', `Content-Transfer-Encoding: base64\r\n${mixed('x', leaf)}`, /RFC 2045/],
  ['two content types', `Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n`, /more than one Content-Type/],
  ['a line that is no field in a part', mixed('x', 'what is this\r\n\r\n'), /part 1 has a line that is no field/],
])('tells of %s', (_, text, fault) => {
  expect(read(text).faults).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
});

it('counts what servers mind', () => {
  const text = `Subject: h\xe9\r\n\r\n${'x'.repeat(999)}\r\n\xff\0\nend`;
  expect(read(text)).toMatchObject({
    ...{ eightBitHeader: 1, eightBitBody: 1, nulOctets: 1, bareLineEnds: 1 },
    ...{ longLines: 1, longestLine: 999, lines: 5, sizeBytes: text.length },
  });
});

it('is bounded, however many parts there are', () => {
  const many = read(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\n'.repeat(5_000)}`);
  expect(many.root.parts.length).toBeLessThan(1_000);
  const deep = read(
    Array.from(
      { length: 300 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${String(level)}\r\n\r\n--b${String(level)}\r\n`,
    ).join(''),
  );
  expect([many, deep].map(({ faults }) => faults.some((fault) => fault.includes('the rest is not shown')))).toEqual([
    true,
    true,
  ]);
});

it('finds the same at every split', () => {
  const line = fc.constantFrom(
    ...['', 'text', '--x', '--x--', '--y', '--y--', 'Content-Type: multipart/mixed; boundary=y', ' folded', '\xe9'],
    ...['Content-Type: message/rfc822', 'Content-Disposition: inline; filename=a', '\r', '\0'],
  );
  const end = fc.constantFrom('\r\n', '\n');
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), sizes, (lines, pieces) => {
      const text = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${lines.map((pair) => pair.join('')).join('')}`;
      expect(read(text, pieces)).toEqual(read(text));
    }),
  );
});

it.each([
  ['a/b; boundary=x', 'x'],
  ['a/b;boundary = "x y"', 'x y'],
  ['a/b; other=1; BOUNDARY="a\\"b"', 'a"b'],
  ['a/b; notboundary=x', undefined],
  ['a/b', undefined],
])('the boundary of %s is %s', (value, boundary) => {
  expect(parameterOf(value, 'boundary')).toBe(boundary);
});
