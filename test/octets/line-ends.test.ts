import fc from 'fast-check';
import { MessageError } from '../../src/errors.js';
import { LineEndEncoder, MAX_LINE_OCTETS, asBuffer, type LineEndEncoderOptions } from '../../src/octets/line-ends.js';
import { END_OF_CONTENT } from '../../src/protocol/body.js';
import { readData } from '../support/data-reader.js';
import { canonicalOf, hasLoneCrInHeader, linesOf } from '../support/line-end-reference.js';
import {
  chunksOf,
  cutsArbitrary,
  equalLinesArbitrary,
  octetsOfPieces,
  splitsOf,
  unpooled,
} from '../support/octet-arbitraries.js';
import { octetsSearched } from '../support/octets-searched.js';
import { thrownBy } from '../support/thrown.js';

function encode(chunks: readonly (Uint8Array | string)[], options: LineEndEncoderOptions = {}) {
  const encoder = new LineEndEncoder(options);
  const segments = chunks.flatMap((chunk) => encoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  segments.push(...encoder.end());
  return { encoder, segments, octets: Buffer.concat(segments) };
}

const encoded = (text: string, options?: LineEndEncoderOptions): string => encode([text], options).octets.toString();

function refusal(chunks: readonly (Uint8Array | string)[], options?: LineEndEncoderOptions): string {
  const error = thrownBy(() => encode(chunks, options));
  if (!(error instanceof MessageError)) throw new Error('not a MessageError', { cause: error });
  expect(error.hint).toBeDefined();
  return `${error.code}: ${error.message}`;
}

describe('LineEndEncoder', () => {
  it.each([
    ['', ''],
    ['a', 'a\r\n'],
    ['a\n', 'a\r\n'],
    ['a\r\nb', 'a\r\nb\r\n'],
    ['a\nb\r\nc\rd', 'a\r\nb\r\nc\r\nd\r\n'],
    ['a\r\r\nb', 'a\r\n\r\nb\r\n'],
    ['\r', '\r\n'],
    ['\n\r', '\r\n\r\n'],
  ])('makes %j canonical', (text, canonical) => {
    expect(encoded(text, { bodyOnly: true })).toBe(canonical);
  });

  it.each([
    ['.', '..\r\n'],
    ['.a\n.b', '..a\r\n..b\r\n'],
    ['a.b\r\n', 'a.b\r\n'],
    ['\r.\r', '\r\n..\r\n'],
    ['..\r\n', '...\r\n'],
    ['a\n.\nMAIL FROM:<x@y>\n', 'a\r\n..\r\nMAIL FROM:<x@y>\r\n'],
  ])('doubles the dots that begin a line in %j', (text, stuffed) => {
    expect(encoded(text, { bodyOnly: true, dotStuffing: true })).toBe(stuffed);
  });

  it('knows a line end, and the dot behind it, across every cut', () => {
    const octets = Buffer.from('a\r\n.b\n.c\r.d\r\r\n..\r\n.\r\n');
    for (const chunks of splitsOf(octets)) {
      const { octets: out } = encode(chunks, { bodyOnly: true, dotStuffing: true });
      expect(out.toString()).toBe('a\r\n..b\r\n..c\r\n..d\r\n\r\n...\r\n..\r\n');
    }
  });

  it('gives a strict reader exactly one message, the canonical one, however octets are cut', () => {
    fc.assert(
      fc.property(octetsOfPieces(['\u00e9']), cutsArbitrary(), (octets, cuts) => {
        const {
          octets: out,
          segments,
          encoder,
        } = encode(chunksOf(octets, cuts), { bodyOnly: true, dotStuffing: true });
        const canonical = canonicalOf(octets);
        expect(readData(Buffer.concat([out, END_OF_CONTENT]))).toEqual(canonical);
        expect(segments.every(({ length }) => length > 0)).toBe(true);
        expect(encoder.sizeBytes).toBe(canonical.length);
        expect(encoder.dotLines).toBe(linesOf(octets).filter((line) => line.octets[0] === 0x2e).length);
        expect(encoder.eightBit).toBe(octets.some((octet) => octet > 127));
        expect(encode(chunksOf(octets, cuts), { bodyOnly: true }).octets).toEqual(canonical);
      }),
    );
  });

  it('gives a strict reader lines of equal length as they are, and finds the one octet that is another', () => {
    fc.assert(
      fc.property(equalLinesArbitrary(), cutsArbitrary(), ({ octets }, cuts) => {
        const chunks = chunksOf(octets, cuts);
        const { octets: out, encoder } = encode(chunks, { bodyOnly: true, dotStuffing: true });
        const canonical = canonicalOf(octets);
        expect(readData(Buffer.concat([out, END_OF_CONTENT]))).toEqual(canonical);
        expect(encoder.sizeBytes).toBe(canonical.length);
        const lines = linesOf(octets);
        expect(encoder.dotLines).toBe(lines.filter((line) => line.octets[0] === 0x2e).length);
        if (hasLoneCrInHeader(octets)) expect(refusal(chunks)).toMatch(/^ERR_BARE_CR_IN_HEADER: /);
        else expect(encode(chunks).octets).toEqual(canonical);
        const lone = lines.findIndex(({ end }) => end === 'LF' || end === 'CR');
        if (lone === -1) return;
        const where = `ERR_BARE_LINE_END: line ${String(lone + 1)} of the message`;
        expect(refusal(chunks, { lineEndings: 'reject' })).toContain(where);
      }),
    );
  });

  it.each(['\r', '\n'])('finds %j between many lines of equal length, wherever it stands', (octet) => {
    const octets = Buffer.alloc(140_400, `${'x'.repeat(76)}\r\n`);
    // In each column of a line, in lines of all blocks.
    for (let at = 0; at < octets.length; at += 901) {
      const changed = Buffer.from(octets);
      changed.write(octet, at, 'latin1');
      const line = at - (at % 78);
      const canonical = [
        octets.subarray(0, line),
        canonicalOf(changed.subarray(line, line + 78)),
        octets.subarray(line + 78),
      ];
      expect(encode([changed], { bodyOnly: true }).octets.equals(Buffer.concat(canonical))).toBe(true);
    }
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(octetsOfPieces(), (octets) => {
        const once = encode([octets], { bodyOnly: true }).octets;
        expect(encode([once], { lineEndings: 'reject' }).octets).toEqual(once);
      }),
    );
  });

  it('refuses a lone CR in the header block, and only there, however octets are cut', () => {
    fc.assert(
      fc.property(octetsOfPieces(), cutsArbitrary(), (octets, cuts) => {
        const chunks = chunksOf(octets, cuts);
        if (hasLoneCrInHeader(octets)) expect(refusal(chunks)).toMatch(/^ERR_BARE_CR_IN_HEADER: /);
        else expect(encode(chunks).octets).toEqual(canonicalOf(octets));
        expect(encode(chunks, { lineEndings: 'normalize-all' }).octets).toEqual(canonicalOf(octets));
      }),
    );
  });

  it('names the line of a lone CR that could hide a field', () => {
    expect(refusal(['From: a@b\nSubject: hi\rBcc: v@x\n\n'])).toMatch(/^ERR_BARE_CR_IN_HEADER: line 2 of the message/);
    expect(refusal(['Subject: hi\r', 'Bcc: v@x\n\n'])).toMatch(/^ERR_BARE_CR_IN_HEADER: line 1 of the message/);
    expect(refusal(['Subject: hi\r'])).toMatch(/^ERR_BARE_CR_IN_HEADER: line 1 of the message/);
  });

  it('refuses whatever is not CRLF when told to', () => {
    fc.assert(
      fc.property(octetsOfPieces(), cutsArbitrary(), (octets, cuts) => {
        const chunks = chunksOf(octets, cuts);
        const lone = linesOf(octets).findIndex(({ end }) => end === 'LF' || end === 'CR');
        const options = { lineEndings: 'reject' } as const;
        if (lone === -1) expect(encode(chunks, options).octets).toEqual(canonicalOf(octets));
        else expect(refusal(chunks, options)).toContain(`ERR_BARE_LINE_END: line ${String(lone + 1)} of the message`);
      }),
    );
  });

  it('refuses NUL wherever it stands, and names its line', () => {
    for (const chunks of splitsOf(Buffer.from('a\nb\0c'))) expect(refusal(chunks)).toMatch(/^ERR_NUL_OCTET: line 2 /);
    fc.assert(
      fc.property(octetsOfPieces(), octetsOfPieces(), cutsArbitrary(), (before, behind, cuts) => {
        const octets = Buffer.concat([before, Buffer.of(0), behind]);
        expect(refusal(chunksOf(octets, cuts), { bodyOnly: true })).toMatch(/^ERR_NUL_OCTET: /);
      }),
    );
  });

  it.each(['\r\n', '\n', '\r', ''])('takes a line of 998 octets that ends in %j, and no octet more', (end) => {
    const longest = Buffer.from(`ab\r\n${'x'.repeat(MAX_LINE_OCTETS)}${end}`);
    const tooLong = Buffer.from(`ab\r\n${'x'.repeat(MAX_LINE_OCTETS + 1)}${end}`);
    for (const cuts of [[], [0.5], [0.2, 0.4, 0.999]]) {
      expect(encode(chunksOf(longest, cuts), { bodyOnly: true }).octets).toEqual(canonicalOf(longest));
      expect(refusal(chunksOf(tooLong, cuts), { bodyOnly: true })).toMatch(/^ERR_LINE_TOO_LONG: line 2 /);
      const long = encode(chunksOf(tooLong, cuts), { bodyOnly: true, allowLongLines: true });
      expect(long.octets).toEqual(canonicalOf(tooLong));
    }
  });

  it('counts the octets of the message, not a dot that it doubled, against 998', () => {
    const line = `.${'x'.repeat(MAX_LINE_OCTETS - 1)}`;
    expect(encoded(line, { dotStuffing: true })).toBe(`.${line}\r\n`);
  });

  it('gives views of what came in where nothing changes', () => {
    const octets = unpooled('a: b\r\n\r\nclean\r\n.dot\r\n');
    const { segments } = encode([octets], { dotStuffing: true });
    expect(segments.every((segment) => segment.buffer === octets.buffer)).toBe(true);
    expect(encode([octets]).segments).toEqual([octets]);
  });

  it('gives one view of a large chunk in which nothing changes, and as few as there are changes', () => {
    const clean = Buffer.alloc(300_000, 'clean line\r\n');
    const whole = clean.subarray(0, 299_988);
    expect(encode([whole], { bodyOnly: true }).segments).toEqual([whole]);
    const changed = Buffer.from(whole);
    changed.write('.', 240_000, 'latin1');
    const { segments, octets } = encode([changed], { bodyOnly: true, dotStuffing: true });
    expect(segments.map(({ length }) => length)).toEqual([240_001, 59_988]);
    expect(octets.toString('latin1', 239_998, 240_004)).toBe('\r\n..le');
  });

  it('ends what it was given once', () => {
    for (const text of ['a', 'a\r', '']) {
      const { encoder, octets } = encode([text], { bodyOnly: true });
      expect(encoder.end()).toEqual([]);
      expect(encoder.sizeBytes).toBe(octets.length);
    }
  });

  it('gives few segments, not two per line, where every line changes', () => {
    const { segments, octets } = encode([Buffer.alloc(200_000, 'a\n')], { bodyOnly: true });
    expect(octets).toEqual(Buffer.alloc(300_000, 'a\r\n'));
    expect(segments.length).toBeLessThan(100);
  });

  it('takes a plain Uint8Array that begins inside its buffer', () => {
    const octets = new Uint8Array(unpooled('xxx.a\nyy')).subarray(3, 6);
    expect(encode([octets], { dotStuffing: true }).octets.toString()).toBe('..a\r\n');
    expect(asBuffer(octets).buffer).toBe(octets.buffer);
  });

  it('is right at the borders of its blocks', () => {
    const block = 65_536;
    for (let lead = block - 3; lead <= block + 1; lead += 1) {
      const octets = Buffer.from(`${'x'.repeat(lead)}\r\n.y\r.z\n`);
      const { octets: out, encoder } = encode([octets], { bodyOnly: true, dotStuffing: true, allowLongLines: true });
      expect(out.subarray(lead).toString()).toBe('\r\n..y\r\n..z\r\n');
      expect(encoder.sizeBytes).toBe(out.length - 2);
    }
  });

  it.each(['\r', '\n', '\r\n', '.\r', '.\n', '\n\r', 'a\r', 'a\n', '.', 'a'])(
    'looks at each octet of %j many times over only a few times',
    (piece) => {
      expect(octetsLookedAt(piece, 200_000)).toBeLessThan(4 * 200_000);
    },
  );

  it.each(['ab\r\nab\r\n\rb\r\n', 'ab\r\nab\r\na\n\r\n', 'a\r\na\r\n\n\r\n'])(
    'looks in vain for equal lines in %j many times over, but not at more than are few',
    (piece) => {
      expect(octetsLookedAt(piece, 200_000)).toBeLessThan(12 * 200_000);
    },
  );
});

function octetsLookedAt(piece: string, length: number): number {
  const octets = Buffer.alloc(length, piece);
  return octetsSearched(() => encode([octets], { bodyOnly: true, dotStuffing: true, allowLongLines: true }));
}
