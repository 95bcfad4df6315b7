import { writeField } from '../../src/message/header-field.js';
import type { MessageBody } from '../../src/message/message-parts.js';
import { literalContents, renderMessage, type LeafPart, type MimePart } from '../../src/message/mime-part.js';
import { failure } from './failure.js';

function leaf(content: LeafPart['content'], encoding: LeafPart['encoding'] = '7bit'): LeafPart {
  return { kind: 'leaf', headers: [writeField('Content-Type', 'text/plain')], encoding, content };
}

function mixed(...parts: MimePart[]): MimePart {
  return { kind: 'multipart', subtype: 'mixed', parameters: [], parts };
}

function opened(body: MessageBody): AsyncIterable<Uint8Array> {
  if (body.kind === 'octets') throw new Error('the body is in memory');
  return body.open();
}

async function read(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

describe('the octets of a tree', () => {
  it('have the parts between boundaries, each level with its own', () => {
    const { headers, body } = renderMessage(mixed(leaf(Buffer.from('a')), mixed(leaf(Buffer.from('b\r\n')))), '=_x');
    expect(headers.map(({ text }) => text)).toEqual(['Content-Type: multipart/mixed; boundary="=_x_1"\r\n']);
    const part = 'Content-Type: text/plain\r\n\r\n';
    const inner = `Content-Type: multipart/mixed; boundary="=_x_2"\r\n\r\n--=_x_2\r\n${part}b\r\n\r\n--=_x_2--\r\n`;
    const octets = Buffer.from(`--=_x_1\r\n${part}a\r\n--=_x_1\r\n${inner}\r\n--=_x_1--\r\n`);
    expect(body).toEqual({ kind: 'octets', octets });
  });

  it('say of each level that it is 8-bit when a part is', () => {
    const { headers } = renderMessage(mixed(mixed(leaf(Buffer.from('a'), '8bit')), leaf(Buffer.from('b'))), '=_x');
    expect(headers.map(({ text }) => text)).toContain('Content-Transfer-Encoding: 8bit\r\n');
  });

  it('are searched for boundaries where they are sent as they are', () => {
    const plain = Buffer.from('a');
    const source = { source: () => read8(), literal: true };
    expect(literalContents(mixed(leaf(plain), leaf(Buffer.from('YQ=='), 'base64'), leaf(source, '8bit')))).toEqual([
      plain,
    ]);
  });
});

async function* read8(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('\xff', 'latin1');
}

describe('a tree with sources', () => {
  it('encodes what it reads, and sends as it is what is to be literal', async () => {
    const tree = mixed(
      leaf({ source: read8, literal: false }, 'base64'),
      leaf({ source: read8(), literal: true }, '8bit'),
    );
    const { body } = renderMessage(tree, '=_x');
    expect(body).toMatchObject({ kind: 'stream', replayable: false, eightBit: undefined });
    const octets = await read(opened(body));
    expect(octets).toContain('base64\r\n\r\n/w==\r\n--=_x_1\r\n');
    expect(octets).toContain('8bit\r\n\r\n\xff\r\n--=_x_1--\r\n');
  });

  it('reads no further ahead than the block that is asked for, however much there is', async () => {
    let given = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given += 1;
          yield Buffer.alloc(57_000);
        }
      } finally {
        closed = true;
      }
    }
    const { body } = renderMessage(mixed(leaf({ source: endless, literal: false }, 'base64')), '=_x');
    let taken = 0;
    for await (const chunk of opened(body)) {
      expect(chunk.length).toBeLessThan(100_000);
      taken += 1;
      expect(given).toBeLessThanOrEqual(taken);
      if (taken === 500) break;
    }
    expect(closed).toBe(true);
  });

  it('opens a function when its turn comes, and an iterable once', async () => {
    let calls = 0;
    const source = (): AsyncIterable<Uint8Array> => {
      calls += 1;
      return read8();
    };
    const again = renderMessage(leaf({ source, literal: false }, 'base64'), '=_x').body;
    const unread = opened(again);
    expect(calls).toBe(0);
    expect([await read(unread), await read(opened(again))]).toEqual(['/w==', '/w==']);
    const iterable = read8();
    const twice = mixed(
      leaf({ source: iterable, literal: false }, 'base64'),
      leaf({ source: iterable, literal: false }, 'base64'),
    );
    expect(() => opened(renderMessage(twice, '=_x').body)).toThrow(failure({ code: 'ERR_MESSAGE_CONSUMED' }));
  });

  it('refuses a source of text', async () => {
    async function* text(): AsyncGenerator<Uint8Array> {
      yield 'x' as unknown as Uint8Array;
    }
    const { body } = renderMessage(leaf({ source: text, literal: false }, 'base64'), '=_x');
    await expect(read(opened(body))).rejects.toThrow(failure({ code: 'ERR_INVALID_CHUNK' }));
  });
});
