import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

describe('where it is', () => {
  it('is served on a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'posthaste-'));
    try {
      const path = join(folder, 'lmtp');
      await using server = await ScriptedServer.start('S: 220 mx\nC: QUIT\nS: 221 bye', { protocol: 'lmtp', path });
      expect(server.address).toEqual({ path });
      expect(server.url).toBe(`lmtp+unix://${path}`);
      await using client = await RawClient.connect(server);
      expect(await client.reply()).toBe('220 mx');
      expect(await client.say('QUIT')).toBe('221 bye');
      await server.finished();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it('has an address, a URL and a port of its own', async () => {
    await using one = await ScriptedServer.start('S: 220');
    await using two = await ScriptedServer.start('S: 220', { implicitTls: true });
    expect(one.address).toEqual({ host: '127.0.0.1', port: one.port });
    expect(one.url).toBe(`smtp://127.0.0.1:${String(one.port)}`);
    expect(two.url).toBe(`smtps://127.0.0.1:${String(two.port)}`);
    expect(one.port).not.toBe(two.port);
  });

  it('rejects with the system error when the address cannot be had', async () => {
    await using one = await ScriptedServer.start('S: 220');
    await expect(ScriptedServer.start('S: 220', { port: one.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
