import { Readable } from 'node:stream';
import fc from 'fast-check';
import { MessageError } from '../../src/errors.js';
import type { Content, StreamOptions } from '../../src/octets/content.js';
import { contentOf, contentOfOctets, contentOfStream, stuffDots } from '../../src/octets/content-of.js';
import type { Bytes } from '../../src/types.js';
import { canonicalOf } from '../support/line-end-reference.js';
import { octetsSearched } from '../support/octets-searched.js';
import { chunksOf, cutsArbitrary, octetsOfPieces } from '../support/octet-arbitraries.js';
import { thrownBy } from '../support/thrown.js';

const normalizeAll = { lineEndings: 'normalize-all' } as const;

async function octetsOf(content: Content, options?: StreamOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.stream(options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* chunked(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

describe('contentOfOctets', () => {
  it('knows the facts of the canonical octets before anything is sent', async () => {
    const content = contentOfOctets(Buffer.from('Subject: hi\n\n.dot\nb\u00e9\n..'));
    expect(content).toMatchObject({ eightBit: true, dotLines: 2, headerCharset: 'ascii', replayable: true });
    const canonical = 'Subject: hi\r\n\r\n.dot\r\nb\u00e9\r\n..\r\n';
    expect(content.sizeBytes).toBe(Buffer.byteLength(canonical));
    expect(Buffer.concat(content.segments ?? []).toString()).toBe(canonical);
    expect((await octetsOf(content)).toString()).toBe(canonical);
  });

  it('streams with dots doubled where asked, and the very segments where there are none', async () => {
    const content = contentOfOctets(Buffer.from('a: b\n\n.x\n'));
    expect((await octetsOf(content, { dotStuffing: true })).toString()).toBe('a: b\r\n\r\n..x\r\n');
    expect((await octetsOf(content, { dotStuffing: true })).toString()).toBe('a: b\r\n\r\n..x\r\n');
    const clean = contentOfOctets(Buffer.from('a: b\r\n\r\nx\r\n'));
    const streamed: Uint8Array[] = [];
    for await (const segment of clean.stream({ dotStuffing: true })) streamed.push(segment);
    expect(streamed.map((segment, index) => segment === clean.segments?.[index])).toEqual([true]);
  });

  it('has nothing in it when there is nothing', () => {
    expect(contentOfOctets(new Uint8Array())).toMatchObject({
      segments: [],
      sizeBytes: 0,
      eightBit: false,
      dotLines: 0,
    });
  });

  it.each([
    ['a: b\r\n\r\n\u00e9', 'ascii'],
    ['a: b\n\n\u00e9', 'ascii'],
    ['a: b\r\r\u00e9', 'ascii'],
    ['a: b\n\r\u00e9', 'ascii'],
    ['\n\u00e9', 'ascii'],
    ['a: \u00e9\r\n\r\nbody', 'utf-8'],
    ['a: \u00e9', 'utf-8'],
    ['a: b\r\nc: \u00e9\r\n', 'utf-8'],
    ['a: b\rc: \u00e9\r', 'utf-8'],
  ])('judges only the header block of %j', (text, charset) => {
    expect(contentOfOctets(Buffer.from(text), normalizeAll).headerCharset).toBe(charset);
  });

  it('ends the header block where the encoder ends it', () => {
    fc.assert(
      fc.property(octetsOfPieces(), (header) => {
        // The first 8-bit octet stands behind an empty line, or does not.
        const octets = Buffer.concat([header, Buffer.from('x\u00e9')]);
        const text = canonicalOf(header).toString('latin1');
        const lineIsOpen = header.length > 0 && !/[\r\n]$/.test(header.toString('latin1'));
        const behindEmptyLine = /(?:^|\r\n)\r\n/.test(lineIsOpen ? text.slice(0, -2) : text);
        expect(contentOfOctets(octets, normalizeAll).headerCharset).toBe(behindEmptyLine ? 'ascii' : 'utf-8');
      }),
    );
  });

  it.each(['a\n', 'a\r', 'a\r\n', 'a\n\r\n'])('finds the end of a header block of %j in linear time', (piece) => {
    const octets = Buffer.concat([Buffer.alloc(100_000, piece), Buffer.alloc(100_000, 'x\u00e9')]);
    const lookedAt = octetsSearched(() => contentOfOctets(octets, { ...normalizeAll, allowLongLines: true }));
    expect(lookedAt).toBeLessThan(8 * octets.length);
  });
});

describe('contentOfStream', () => {
  it('gives the same octets and facts as the octets at once', async () => {
    await fc.assert(
      fc.asyncProperty(octetsOfPieces(['\u00e9']), cutsArbitrary(), fc.boolean(), async (octets, cuts, dotStuffing) => {
        const whole = contentOfOctets(octets, normalizeAll);
        const content = contentOfStream(() => chunked(...chunksOf(octets, cuts)), normalizeAll);
        expect(content).toMatchObject({ segments: undefined, sizeBytes: undefined, eightBit: undefined });
        expect(await octetsOf(content, { dotStuffing })).toEqual(await octetsOf(whole, { dotStuffing }));
        const { sizeBytes, eightBit, dotLines } = whole;
        expect(content).toMatchObject({ sizeBytes, eightBit, dotLines });
      }),
    );
  });

  it('reads a factory anew each time', async () => {
    let calls = 0;
    const content = contentOfStream(() => chunked(`call ${String((calls += 1))}`));
    expect(content.replayable).toBe(true);
    expect((await octetsOf(content)).toString()).toBe('call 1\r\n');
    expect((await octetsOf(content)).toString()).toBe('call 2\r\n');
  });

  it('does not know the facts of a reading that was broken off', async () => {
    const content = contentOfStream(() => chunked('a\n', 'b\n'));
    for await (const chunk of content.stream()) {
      expect(chunk).toHaveLength(1);
      break;
    }
    expect(content.sizeBytes).toBeUndefined();
  });

  it('lets an iterable be read once, also when it is given a second time', async () => {
    const source = chunked('a: b\n');
    const content = contentOf(source);
    expect(content.replayable).toBe(false);
    expect((await octetsOf(content)).toString()).toBe('a: b\r\n');
    await expect(octetsOf(content)).rejects.toMatchObject({ name: 'MessageError', code: 'ERR_MESSAGE_CONSUMED' });
    // Known before anything is sent.
    expect(() => contentOf(source)).toThrow(expect.objectContaining({ code: 'ERR_MESSAGE_CONSUMED' }) as Error);
  });

  it('does not count an iterable as read before it was', async () => {
    const source = chunked('a: b\n');
    contentOf(source);
    expect((await octetsOf(contentOf(source))).toString()).toBe('a: b\r\n');
  });

  it('fails as the source fails, a factory that throws included', async () => {
    const broken = new Error('disk on fire');
    const failing = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from('a: b\n');
      throw broken;
    };
    await expect(octetsOf(contentOf(failing))).rejects.toBe(broken);
    const throwing = (): AsyncIterable<Uint8Array> => {
      throw broken;
    };
    const stream = contentOf(throwing).stream()[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toBe(broken);
  });

  it('closes the source when its octets are refused', async () => {
    const source = Readable.from([Buffer.from('a: b\n\n'), Buffer.from('\0'), Buffer.from('more')]);
    await expect(octetsOf(contentOf(source))).rejects.toMatchObject({ code: 'ERR_NUL_OCTET' });
    expect(source.destroyed).toBe(true);
  });

  it.each([
    ['text', 'string'],
    [[1, 2], 'object'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('refuses a chunk that is no octets: %j', async (chunk, kind) => {
    const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield chunk as unknown as Uint8Array;
    };
    await expect(octetsOf(contentOf(source))).rejects.toMatchObject({
      name: 'MessageError',
      code: 'ERR_INVALID_MESSAGE',
      message: `the content's source gave ${kind}, not octets`,
    });
  });
});

describe('contentOf', () => {
  it('encodes a string as UTF-8', () => {
    const content = contentOf('a: \u00e9');
    expect(Buffer.concat(content.segments ?? []).toString()).toBe('a: \u00e9\r\n');
    expect(content).toMatchObject({ sizeBytes: 7, eightBit: true, headerCharset: 'utf-8' });
  });

  it('takes bytes as they are', () => {
    expect(contentOf(Uint8Array.of(0xe9)).segments?.map((segment) => [...segment])).toEqual([[0xe9], [13, 10]]);
  });

  it('hands the options on', async () => {
    const long = `${'x'.repeat(999)}\n`;
    expect(thrownBy(() => contentOf(long))).toMatchObject({ code: 'ERR_LINE_TOO_LONG' });
    expect(contentOf(long, { allowLongLines: true }).sizeBytes).toBe(1001);
    expect(thrownBy(() => contentOf('a\n', { lineEndings: 'reject' }))).toMatchObject({ code: 'ERR_BARE_LINE_END' });
    await expect(octetsOf(contentOf(chunked('a\n'), { lineEndings: 'reject' }))).rejects.toMatchObject({
      code: 'ERR_BARE_LINE_END',
    });
  });

  it.each([[undefined], [null], [7], [{}], [[1, 2]], [Promise.resolve('a')]])('refuses %p', (message) => {
    const error = thrownBy(() => contentOf(message as unknown as Bytes));
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_MESSAGE' });
  });
});

describe('stuffDots', () => {
  it('doubles dots across the borders of segments', () => {
    const segments = ['.a\r', '\n', '.', '.b\r\n', 'c', '.d\r\n'].map((segment) => Buffer.from(segment));
    expect(Buffer.concat(stuffDots(segments)).toString()).toBe('..a\r\n...b\r\nc.d\r\n');
  });
});
