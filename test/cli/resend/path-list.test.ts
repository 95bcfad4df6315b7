import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readPathList, type PathListOptions } from '../../../src/cli/resend/path-list.js';
import { Folder } from '../cli-world.js';

const never = new AbortController().signal;

async function paths(chunks: readonly Uint8Array[], options: Partial<PathListOptions> = {}): Promise<string[]> {
  const stdin = Readable.from(chunks);
  const list: string[] = [];
  for await (const path of readPathList({ file: '-', endedByNul: false, ...options }, { stdin }, never))
    list.push(path);
  return list;
}

it('has one path for each line; the last one needs no line end', async () => {
  expect(await paths([Buffer.from('a b\r\n\nc\nd')])).toEqual(['a b', 'c', 'd']);
});

it('has with -0 whatever stands in front of each NUL, at every split', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(fc.array(name), fc.integer({ min: 1, max: 5 }), async (names, size) => {
      const octets = Buffer.from(names.map((text) => `${text}\0`).join(''));
      const chunks = Array.from({ length: Math.ceil(octets.length / size) }, (_, index) =>
        octets.subarray(index * size, (index + 1) * size),
      );
      expect(await paths(chunks, { endedByNul: true })).toEqual(names);
    }),
  );
});

it('reads a file', async () => {
  using folder = new Folder();
  expect(await paths([], { file: folder.file('list', 'x\ny\n') })).toEqual(['x', 'y']);
});

it.each<[string, string, Partial<PathListOptions>]>([
  ['is not there', '', { file: '/nowhere/list' }],
  ['holds a NUL in a line', 'a\0b\n', {}],
  ['holds one endless line', 'x'.repeat(70_000), {}],
])('throws no-input for a list that %s', async (_, text, options) => {
  await expect(paths([Buffer.from(text)], options)).rejects.toMatchObject({ exit: 'no-input' });
});
