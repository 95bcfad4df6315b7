import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

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
