import { type Chunking, ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

/** Everything that the server says until it closes. */
async function heardFrom(server: ScriptedServer): Promise<{ reads: string[]; errorCode: string | undefined }> {
  await using client = await RawClient.connect(server);
  await client.closed();
  return { reads: client.reads, errorCode: client.errorCode };
}

describe('how output is cut', () => {
  const said = 'S: 250-one\nS: 250 two\nS: (close)';

  it.each<[string, number | Chunking | undefined, string[]]>([
    ['in one write', undefined, ['250-one\r\n250 two\r\n']],
    ['byte by byte', 1, Array.from('250-one\r\n250 two\r\n')],
    ['by size', { sizeBytes: 7 }, ['250-one', '\r\n250 t', 'wo\r\n']],
    ['at places', { at: [8, 3, 100] }, ['250', '-one\r', '\n250 two\r\n']],
    ['with pauses', { at: [3], everyMs: 1 }, ['250', '-one\r\n250 two\r\n']],
  ])('%s', async (_, chunk, reads) => {
    await using server = await ScriptedServer.start(said, chunk === undefined ? {} : { chunk });
    expect((await heardFrom(server)).reads).toEqual(reads);
  });

  it('(chunk) does so from its place on', async () => {
    await using server = await ScriptedServer.start(
      'S: 220 mx\nS: (chunk at 2)\nS: 250 a\nS: (chunk off)\nS: 250 b\nS: (close)',
    );
    const { reads } = await heardFrom(server);
    expect(reads.join('')).toBe('220 mx\r\n250 a\r\n250 b\r\n');
    expect(reads).toEqual(['220 mx\r\n', '25', '0 a\r\n', '250 b\r\n']);
  });

  it('(cork) keeps replies back, so that they come in one read', async () => {
    await using server = await ScriptedServer.start(
      'S: (cork)\nS: 1\nC: A\nS: 2\nC: B\nS: 3\nS: (uncork)\nC: C\nS: 4\nS: (close)',
    );
    await using client = await RawClient.connect(server);
    client.write('A\r\nB\r\n');
    await client.until(() => client.heard !== '', 'output');
    expect(client.reads).toEqual(['1\r\n2\r\n3\r\n']);
    client.write('C\r\n');
    await client.closed();
    expect(client.reads).toEqual(['1\r\n2\r\n3\r\n', '4\r\n']);
  });

  it('coalesce answers a group in one write', async () => {
    await using server = await ScriptedServer.start('S: 220\nC* *\nS: 250', { coalesce: true });
    await using client = await RawClient.connect(server);
    await client.reply();
    client.write('A\r\nB\r\nC\r\n');
    await client.until(() => client.heard.length >= 15, 'three replies');
    expect(client.reads).toEqual(['250\r\n250\r\n250\r\n']);
  });

  it('bytes go out as they are: bare LF, NUL, no line end', async () => {
    await using server = await ScriptedServer.start('S: "250 a\\n"\nS: 2\\0\nS: "250"\nS: (close)');
    expect((await heardFrom(server)).reads).toEqual(['250 a\n2\0\r\n250']);
  });

  it('(repeat) repeats, and forever ends with the client', async () => {
    await using server = await ScriptedServer.start('S: (repeat 3 "250-x\\r\\n")\nS: (repeat forever "y")');
    await using client = await RawClient.connect(server);
    await client.until(() => client.heard.startsWith('250-x\r\n250-x\r\n250-x\r\nyyyy'), 'the flood');
    client.socket.destroy();
    await server.finished();
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(server.failures).toEqual([]);
  });
});
