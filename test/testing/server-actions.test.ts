import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chunking, ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

/** Everything that the server says until it closes. */
async function heardFrom(server: ScriptedServer): Promise<{ reads: string[]; errorCode: string | undefined }> {
  await using client = await RawClient.connect(server);
  await client.closed();
  return { reads: client.reads, errorCode: client.errorCode };
}

describe('how a server ends a connection', () => {
  it('(close) is a FIN behind everything that was said', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: 421 bye\nS: (close)');
    expect(await heardFrom(server)).toEqual({ reads: ['220 mx\r\n421 bye\r\n'], errorCode: undefined });
    await server.finished();
    expect(server.connections[0]?.ending).toBe('by-server');
  });

  it('(reset) is a RST', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: (reset)');
    expect((await heardFrom(server)).errorCode).toBe('ECONNRESET');
    await server.finished();
    expect(server.connections[0]?.ending).toBe('reset-by-server');
  });

  it('(reset) works inside TLS', async () => {
    await using server = await ScriptedServer.start('C: STARTTLS\nS: 220 go\nS: (starttls)\nC: NOOP\nS: (reset)');
    await using client = await RawClient.connect(server);
    await client.say('STARTTLS');
    await client.upgrade(server.certificate);
    client.write('NOOP\r\n');
    await client.until(() => client.errorCode, 'an error');
    expect(client.errorCode).toBe('ECONNRESET');
    await server.finished();
  });

  it('(reset) on a unix socket is an abrupt close', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'posthaste-'));
    try {
      await using server = await ScriptedServer.start('S: 220 mx\nC: NOOP\nS: (reset)', { path: join(folder, 's') });
      await using client = await RawClient.connect(server);
      await client.reply();
      client.write('NOOP\r\n');
      await client.closed();
      await server.finished();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('records what the client still sends after the close', async () => {
    await using server = await ScriptedServer.start('S: 421 no\nS: (close)\nC: (close)');
    await using client = await RawClient.connect(server);
    client.socket.allowHalfOpen = true;
    await client.closed();
    client.write('leaked');
    client.socket.end();
    await server.waitFor(() => String(Buffer.concat(server.connections[0]?.reads ?? [])) === 'leaked', 'the leak');
  });
});

describe('(hold)', () => {
  it('lasts until release(), and held() tells when it is reached', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: (hold here)\nS: 250 on');
    await using client = await RawClient.connect(server);
    await server.held('here');
    expect(await client.reply()).toBe('220 mx');
    expect(client.heard).toBe('');
    server.release('here');
    expect(await client.reply()).toBe('250 on');
    await server.finished();
  });

  it('is passed when it was released before', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: (hold)\nS: 250 on');
    server.release();
    await using client = await RawClient.connect(server);
    expect([await client.reply(), await client.reply()]).toEqual(['220 mx', '250 on']);
  });

  it('ends when the client closes', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: (hold)\nC: (close)');
    await using client = await RawClient.connect(server);
    await server.held();
    await client.reply();
    client.socket.destroy();
    await server.finished();
    expect(server.connections[0]?.ending).toBe('by-client');
  });
});

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

describe('replies out of turn', () => {
  it('a reply before its command is credited to it when it is marked as early', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nS: (early 250 done)\nC: NOOP\nC: RSET\nS: 250 rset');
    await using client = await RawClient.connect(server);
    expect([await client.reply(), await client.reply()]).toEqual(['220 mx', '250 done']);
    client.write('NOOP\r\n');
    await client.say('RSET');
    await server.finished();
    expect(server.connections[0]?.commands.map((one) => one.reply?.text)).toEqual(['done', 'rset']);
  });

  it('a surplus reply is credited to nobody', async () => {
    await using server = await ScriptedServer.start(
      'S: 220 mx\nC: NOOP\nS: (surplus 250 a)\nS: 554 b\nS: 250 c\nC: RSET\nS: 250 d',
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    expect(await client.say('NOOP')).toBe('250 a');
    await client.say('RSET');
    await server.finished();
    expect(server.connections[0]?.commands.map((one) => one.reply?.text)).toEqual(['b', 'd']);
    expect(server.log).toContain('S: (surplus 250 a)');
  });

  it('replies of mixed codes, or garbage, are no reply', async () => {
    await using server = await ScriptedServer.start(
      'S: 220 mx\nC: A\nS: 550-a\nS: 250 b\nC: B\nS: what?\nC: C\nS: 250 d',
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    client.write('A\r\nB\r\nC\r\n');
    await server.finished();
    // Nobody can say to which command the last reply belongs; a count does.
    expect(server.connections[0]?.commands.map((one) => one.reply?.text)).toEqual(['d', undefined, undefined]);
  });

  it('content can be answered while it arrives', async () => {
    await using server = await ScriptedServer.start(
      'S: 220 mx\nC: DATA\nS: 354 go\nC: <content 5>\nS: 452 full\nC: <content>\nS: 250 odd',
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('DATA');
    client.write('abcde');
    expect(await client.reply()).toBe('452 full');
    client.write('f\r\n.\r\n');
    expect(await client.reply()).toBe('250 odd');
    await server.finished();
    expect(server.messages).toHaveLength(1);
    expect(String(server.messages[0]?.content)).toBe('abcdef\r\n');
  });
});

describe('(pause)', () => {
  it('stops reading until the client cannot write on, and (resume) reads the rest', async () => {
    await using server = await ScriptedServer.start(
      'S: 220 mx\nC: DATA\nS: (pause)\nS: 354 go\nS: (hold full)\nS: (resume)\nC: <content>\nS: 250 ok',
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('DATA');
    const size = 16 * 1_048_576;
    const body = `${'x'.repeat(998)}\r\n`.repeat(Math.floor(size / 1_000));
    let written = false;
    client.socket.write(`${body}.\r\n`, () => (written = true));
    await server.held('full');
    // A pass through the event loop and back over another connection: reading would have gone on by now.
    await (await RawClient.connect(server))[Symbol.asyncDispose]();
    expect(written).toBe(false);
    server.release('full');
    expect(await client.reply()).toBe('250 ok');
    expect(server.messages[0]?.content.length).toBe(body.length);
  });
});

describe('TLS', () => {
  it('(starttls) upgrades with a certificate that the client can verify', async () => {
    await using server = await ScriptedServer.start(`
      S: 220 mx
      C: EHLO *
      S: 250-mx
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 go
      S: (starttls)
      C: EHLO *
      S: 250 mx
      C: QUIT
      S: 221 bye
    `);
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('EHLO me');
    await client.say('STARTTLS');
    await client.upgrade(server.certificate);
    await client.say('EHLO me');
    expect(await client.say('QUIT')).toBe('221 bye');
    await client.closed();
    await server.finished();
    expect(server.connections[0]).toMatchObject({ tls: true, tlsError: undefined, ending: 'by-server' });
    expect(server.connections[0]?.commands.map((one) => one.tls)).toEqual([false, false, true, true]);
  });

  it('implicitTls speaks TLS from the first byte on', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nC: QUIT\nS: 221 bye', { implicitTls: true });
    await using client = await RawClient.connect(server);
    await client.upgrade(server.certificate);
    expect(await client.reply()).toBe('220 mx');
    await client.say('QUIT');
    await server.finished();
  });

  it('records why a handshake failed', async () => {
    await using server = await ScriptedServer.start('C: STARTTLS\nS: 220 go\nS: (starttls)\nC: (close)', {
      violations: 'record',
    });
    await using client = await RawClient.connect(server);
    await client.say('STARTTLS');
    client.write('this is no handshake\r\n');
    await client.closed();
    await server.finished();
    expect(server.connections[0]).toMatchObject({
      tls: false,
      tlsError: { code: expect.stringMatching(/^ERR_SSL/) as string },
    });
  });

  it('drops and records what came in plaintext behind STARTTLS', async () => {
    await using server = await ScriptedServer.start('C: STARTTLS\nS: 220 go\nS: (starttls)\nC: EHLO *\nS: 250 mx', {
      violations: 'record',
    });
    await using client = await RawClient.connect(server);
    await client.say('STARTTLS\r\nRSET');
    await client.upgrade(server.certificate);
    await client.say('EHLO me');
    await server.finished();
    expect(server.violations).toMatchObject([{ kind: 'early-talk', where: 'command' }]);
  });
});
