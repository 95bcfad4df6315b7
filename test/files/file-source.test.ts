import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSource } from '../../src/files/file-source.js';
import { failure } from '../message/failure.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-source-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function sourceOf(octets: string): { readonly path: string; readonly source: FileSource } {
  const path = join(folder, 'file');
  writeFileSync(path, octets);
  return { path, source: new FileSource(path, 'thing', 'Ask anew.') };
}

async function read(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a file', () => {
  it('is read from a position, again and again', async () => {
    const { source } = sourceOf('0123456789');
    expect(await read(source.readFrom(0))).toBe('0123456789');
    expect(await read(source.readFrom(7))).toBe('789');
    expect(await read(source.readFrom(10))).toBe('');
  });

  it('larger than one reading comes in pieces, whose memory is used again only for a reader who has said so', async () => {
    const octets = Array.from({ length: 120_000 }, (_, index) => `line ${String(index)}\r\n`).join('');
    const { source } = sourceOf(octets);
    const collect = async (transient: boolean): Promise<{ text: string; memories: number; pieces: number }> => {
      const memories = new Set<ArrayBufferLike>();
      let text = '';
      let pieces = 0;
      for await (const piece of source.readFrom(3, transient)) {
        text += piece.toString();
        memories.add(piece.buffer);
        pieces += 1;
      }
      return { text, memories: memories.size, pieces };
    };
    const kept = await collect(false);
    const reused = await collect(true);
    expect(kept.pieces).toBeGreaterThan(4);
    expect(kept.memories).toBe(kept.pieces);
    expect(reused).toEqual({ text: octets.slice(3), memories: 2, pieces: kept.pieces });
    expect(kept.text).toBe(octets.slice(3));
    expect(await read(source.readFrom(3))).toBe(octets.slice(3));
  });

  it('comes in small pieces, read when they are asked for, to a reader who may stop soon', async () => {
    const octets = 'x'.repeat(40_000);
    const { path, source } = sourceOf(octets);
    const reading = source.readSparingly();
    const first = await reading.next();
    expect(first).toMatchObject({ done: false, value: { length: 16_384 } });
    // Nothing was read ahead, and so none of it is an old octet.
    writeFileSync(path, 'y'.repeat(40_000));
    const second = await reading.next();
    expect(second.done === true ? '' : second.value.toString()).toBe('y'.repeat(16_384));
    await reading.return();
    expect(await read(new FileSource(path, 'thing', '').readSparingly())).toBe('y'.repeat(40_000));
  });

  it('is closed, with the reading that was ahead, when its reader leaves', async () => {
    const { source } = sourceOf('x'.repeat(2_000_000));
    const reading = source.readFrom(0, true);
    expect((await reading.next()).done).toBe(false);
    expect(await reading.return()).toEqual({ done: true, value: undefined });
    expect(await read(source.readFrom(1_999_999))).toBe('x');
  });

  it('that another one took the place of is refused', async () => {
    const { path, source } = sourceOf('x');
    await read(source.readFrom(0));
    utimesSync(path, 1, 1);
    await expect(read(source.readFrom(0))).rejects.toThrow(
      failure({ code: 'ERR_MESSAGE_CHANGED', hint: 'Ask anew.', message: expect.stringContaining('thing') as string }),
    );
  });

  it('that is not there is named with the reason of the system', async () => {
    const source = new FileSource(join(folder, 'none'), 'thing', '');
    await expect(read(source.readFrom(0))).rejects.toThrow(
      failure({
        code: 'ERR_FILE_NOT_READABLE',
        message: expect.stringContaining('ENOENT') as string,
        cause: expect.objectContaining({ code: 'ENOENT' }) as Error,
      }),
    );
  });
});
