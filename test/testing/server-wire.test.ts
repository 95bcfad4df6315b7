import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
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
