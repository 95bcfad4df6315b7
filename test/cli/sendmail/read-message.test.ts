import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readMessage } from '../../../src/cli/sendmail/read-message.js';

const never = new AbortController().signal;

async function read(text: string, dotEnds: boolean, size = 1 << 20): Promise<string> {
  const octets = Buffer.from(text, 'latin1');
  const chunks = Array.from({ length: Math.ceil(octets.length / size) }, (_, index) =>
    octets.subarray(index * size, (index + 1) * size),
  );
  return (await readMessage(Readable.from(chunks), dotEnds, never)).toString('latin1');
}

it.each([
  ['A: b\n\nx\n.\nrest\n', 'A: b\n\nx\n'],
  ['A: b\r\n\r\nx\r\n.\r\nrest', 'A: b\r\n\r\nx\r\n'],
  ['.\n', ''],
  ['x\n.', 'x\n'],
  ['x\n..\n.x\n. \n', 'x\n..\n.x\n. \n'],
  ['no dot', 'no dot'],
])('%j without -i is %j', async (text, expected) => {
  expect(await read(text, true)).toBe(expected);
  expect(await read(text, false)).toBe(text);
});

it('ends at the same place at every split', async () => {
  const text = fc
    .array(fc.constantFrom('.', '\n', '\r\n', 'x', '..'), { maxLength: 30 })
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (input, size) => {
      const expected = /^(?:[^]*?\n)??(?=\.(?:\r?\n|$(?![^])))/.exec(input)?.[0] ?? input;
      expect(await read(input, true, size)).toBe(expected);
    }),
  );
});
