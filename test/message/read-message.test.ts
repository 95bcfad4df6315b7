import fc from 'fast-check';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import { readHead, readMessage } from '../../src/message/read-message.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';
import { runs } from './runs.js';

/** A source that says how it was used. */
class Source {
  opened = 0;
  closed = 0;
  chunksRead = 0;

  constructor(readonly chunks: readonly Uint8Array[]) {}

  readonly open = async function* (this: Source): AsyncGenerator<Uint8Array, void, undefined> {
    this.opened += 1;
    try {
      for (const chunk of this.chunks) {
        this.chunksRead += 1;
        yield chunk;
      }
    } finally {
      this.closed += 1;
    }
  }.bind(this);
}

function sourceOf(...chunks: string[]): Source {
  return new Source(chunks.map((chunk) => Buffer.from(chunk, 'latin1')));
}

async function textOf(octets: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of octets) text += Buffer.from(chunk).toString('latin1');
  return text;
}

describe('a factory', () => {
  it('is read to the end of the header block, closed, and called again for each sending', async () => {
    const source = sourceOf('From: a@x\r\nTo: b@x\r\nBcc: c@x\r\n\r', '\nText', '\n.\n', 'end');
    const parsed = await readMessage(source.open);
    expect(source).toMatchObject({ opened: 1, closed: 1, chunksRead: 2 });
    expect(parsed.replayable).toBe(true);
    expect(parsed.envelope().to).toEqual(['b@x', 'c@x']);
    const expected = 'From: a@x\r\nTo: b@x\r\n\r\nText\r\n.\r\nend\r\n';
    expect(await textOf(parsed.stream())).toBe(expected);
    expect(Buffer.from(await parsed.toBytes()).toString()).toBe(expected);
    expect(source).toMatchObject({ opened: 3, closed: 3 });
  });

  it('is closed when its reader stops', async () => {
    const source = sourceOf('A: 1\n\n', 'x\n', 'y\n');
    for await (const chunk of (await readMessage(source.open)).stream()) if (chunk.includes(0x78)) break;
    expect(source).toMatchObject({ opened: 2, closed: 2, chunksRead: 3 });
  });

  it('is closed when the header block is refused', async () => {
    const source = sourceOf('x'.repeat(2_000_000));
    await expect(readMessage(source.open)).rejects.toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
    expect(source.closed).toBe(1);
  });

  it.each([
    ['another header block', 'A: 2\n\nText'],
    ['a shorter one', 'A: 1\n'],
    ['nothing', ''],
  ])('must not give %s later', async (_what, later) => {
    let calls = 0;
    const parsed = await readMessage(() => sourceOf((calls += 1) === 1 ? 'A: 1\n\nText' : later).open());
    await expect(parsed.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CHANGED', hint: expect.any(String) }));
  });

  it('must not give more fields later', async () => {
    let calls = 0;
    const parsed = await readMessage(() => sourceOf((calls += 1) === 1 ? 'A: 1\n' : 'A: 1\nBcc: b@x\n\nText').open());
    await expect(parsed.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CHANGED' }));
  });

  it('tells nothing about its content before it has been read', async () => {
    const parsed = await readMessage(sourceOf('A: 1\n\nText').open);
    expect(serializeMessage(parsed)).toMatchObject({
      segments: undefined,
      sizeBytes: undefined,
      eightBit: undefined,
      dotLines: undefined,
      headerCharset: 'ascii',
      replayable: true,
    });
    expect(serializeMessage(await readMessage(sourceOf('A: \xff\n\nText').open))).toMatchObject({
      eightBit: true,
      headerCharset: 'other',
    });
  });

  it('stuffs dots in the same pass when it is asked to', async () => {
    const content = serializeMessage(await readMessage(sourceOf('A: 1\n\n.', '.\n', '.').open));
    expect(await textOf(content.stream({ dotStuffing: true }))).toBe('A: 1\r\n\r\n...\r\n..\r\n');
    expect(await textOf(content.stream())).toBe('A: 1\r\n\r\n..\r\n.\r\n');
  });

  it('throws in the middle what cannot go out', async () => {
    const parsed = await readMessage(sourceOf('A: 1\n\nText\n', 'x'.repeat(999)).open);
    await expect(parsed.toBytes()).rejects.toThrow(failure({ code: 'ERR_LINE_TOO_LONG' }));
    expect(await parsed.toBytes({ allowLongLines: true })).toHaveLength(8 + 6 + 1001);
  });

  it('can be resent', async () => {
    bindMessageEnvironment(fixedEnvironment);
    const resent = (await readMessage(sourceOf('From: a@x\nTo: b@x\n\nText').open)).resend({ from: 'c@x', to: 'd@x' });
    expect(resent.envelope()).toEqual({ from: 'c@x', to: ['d@x'] });
    expect(await textOf(resent.stream())).toMatch(/^Resent-Date: [^]*\r\nFrom: a@x\r\nTo: b@x\r\n\r\nText\r\n$/);
  });
});

describe('a bare iterable', () => {
  it('is read on where the header block ended, once', async () => {
    const source = sourceOf('A: 1\r\n\r\nTe', 'xt', '\r\n');
    const parsed = await readMessage(source.open());
    expect(source).toMatchObject({ opened: 1, closed: 0, chunksRead: 1 });
    expect(parsed.replayable).toBe(false);
    expect(serializeMessage(parsed).replayable).toBe(false);
    expect(await textOf(parsed.stream())).toBe('A: 1\r\n\r\nText\r\n');
    expect(source).toMatchObject({ opened: 1, closed: 1, chunksRead: 3 });
    expect(() => parsed.stream()).toThrow(failure({ code: 'ERR_MESSAGE_CONSUMED' }));
    await expect(parsed.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CONSUMED' }));
  });

  it('is consumed for a resent message, too', async () => {
    bindMessageEnvironment(fixedEnvironment);
    const parsed = await readMessage(sourceOf('A: 1\n\nText').open());
    await parsed.resend({ from: 'a@x', to: 'b@x' }).toBytes();
    expect(() => parsed.stream()).toThrow(failure({ code: 'ERR_MESSAGE_CONSUMED' }));
  });

  it('is not consumed by looking at its content', async () => {
    const parsed = await readMessage(sourceOf('A: 1\n\nText').open());
    serializeMessage(parsed);
    serializeMessage(parsed);
    expect(await textOf(parsed.stream())).toBe('A: 1\r\n\r\nText\r\n');
  });

  it('is closed when its reader stops, or when the header block is refused', async () => {
    const source = sourceOf('A: 1\n\n', 'x\n', 'y\n');
    for await (const chunk of (await readMessage(source.open())).stream()) if (chunk.includes(0x78)) break;
    expect(source).toMatchObject({ closed: 1, chunksRead: 2 });
    const empty = sourceOf('');
    await expect(readMessage(empty.open())).rejects.toThrow(failure({ code: 'ERR_MESSAGE_EMPTY' }));
    expect(empty.closed).toBe(1);
  });
});

describe('any source', () => {
  it('gives the same as the whole octets, however they are cut', async () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', 'A: 1', 'Bcc: x', '.', ' ', 'From ', '\xef\xbb\xbf');
    const octets = fc
      .array(piece, { minLength: 1, maxLength: 30 })
      .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
    const options = { lineEndings: 'normalize-all' } as const;
    await fc.assert(
      fc.asyncProperty(octets, fc.integer({ min: 1, max: 9 }), async (raw, size) => {
        const source = new Source(
          Array.from({ length: Math.ceil(raw.length / size) }, (_, index) =>
            raw.subarray(index * size, (index + 1) * size),
          ),
        );
        let whole: Message;
        try {
          whole = Message.parse(raw);
          serializeMessage(whole, options);
        } catch {
          return;
        }
        const parsed = await readMessage(source.open);
        expect([...parsed.headers]).toEqual([...whole.headers]);
        expect(await parsed.toBytes(options)).toEqual(await whole.toBytes(options));
        expect(await (await readMessage(source.open())).toBytes(options)).toEqual(await whole.toBytes(options));
      }),
      runs(500),
    );
  });

  it('leaves nothing of its body in memory', async () => {
    const { block, octets } = await readHead(sourceOf(`A: 1\n\n${'x'.repeat(60_000)}`).open());
    expect(octets.toString()).toBe('A: 1\n\n');
    expect(block.spans[0]?.octets).toBe(octets);
    expect(octets.buffer.byteLength).toBeLessThan(60_000);
  });

  it.each(['\n\n', '\r\n\r\n', '\n\r\n', '\r\r\n', '\r\n\n'])(
    'is read no further than the chunk with %j in it',
    async (end) => {
      const source = sourceOf('A: 1', `\nB: 2${end}Text`, 'more', 'and more');
      expect([...(await readMessage(source.open)).headers]).toHaveLength(2);
      expect(source.chunksRead).toBe(2);
    },
  );

  it('is read no further than its header block, in linear time', async () => {
    const octets = Buffer.from(`${'A: 1\r\n'.repeat(5000)}\r\nText`);
    const source = new Source(Array.from(octets, (_, index) => octets.subarray(index, index + 1)));
    const parsed = await readMessage(source.open);
    expect([...parsed.headers]).toHaveLength(5000);
    expect(source.chunksRead).toBe(30_002);
  });

  it.each(['text', undefined, 7])('must give octets, not %j', async (chunk) => {
    async function* wrong(): AsyncGenerator<Uint8Array> {
      yield chunk as unknown as Uint8Array;
    }
    await expect(readMessage(wrong)).rejects.toThrow(failure({ code: 'ERR_INVALID_CHUNK', hint: expect.any(String) }));
    await expect(readMessage(wrong())).rejects.toThrow(failure({ code: 'ERR_INVALID_CHUNK' }));
  });

  it('has its own errors passed on', async () => {
    const cause = new Error('disk on fire');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('A: 1\n');
      throw cause;
    }
    await expect(readMessage(broken)).rejects.toBe(cause);
    await expect(readMessage(broken())).rejects.toBe(cause);
  });
});
