import { MessageError } from '../../src/index.js';
import { UnchangedBody } from '../../src/dkim/unchanged-body.js';
import { rejectionOf } from '../support/rejection.js';

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function read(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a body that was signed', () => {
  it('may be cut otherwise each time it is read', async () => {
    const body = new UnchangedBody();
    expect(await read(body.watch(pieces('abc', 'def')))).toBe('abcdef');
    expect(await read(body.watch(pieces('a', '', 'bcdef')))).toBe('abcdef');
  });

  it.each([['abcdeF'], ['abcde'], ['abcdefg'], ['']])('may not be %j when it was another one', async (other) => {
    const body = new UnchangedBody();
    await read(body.watch(pieces('abcdef')));
    const error = await rejectionOf(read(body.watch(pieces(other))));
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_CHANGED', delivery: 'not-sent' });
    // The first reading is what counts.
    expect(await read(body.watch(pieces('abcdef')))).toBe('abcdef');
  });

  it('is not known by a reading that was given up', async () => {
    const body = new UnchangedBody();
    const reading = body.watch(pieces('other', 'octets'));
    await reading.next();
    await reading.return();
    expect(await read(body.watch(pieces('abcdef')))).toBe('abcdef');
  });
});
