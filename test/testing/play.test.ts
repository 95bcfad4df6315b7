import { type Peer, script, ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

describe('a script', () => {
  it('has a section for each connection, and one for all others', async () => {
    await using server = await ScriptedServer.start(`
      S: 220 one
      C: QUIT
      S: 221 bye
      --- connection 2
      S: 421 two
      S: (close)
      --- connection *
      S: 220 other
      C: (close)
    `);
    await using one = await RawClient.connect(server);
    expect(await one.reply()).toBe('220 one');
    await using two = await RawClient.connect(server);
    expect(await two.reply()).toBe('421 two');
    await two.closed();
    for (let more = 0; more < 2; more += 1) {
      await using other = await RawClient.connect(server);
      expect(await other.reply()).toBe('220 other');
    }
    await one.say('QUIT');
    await server.finished();
    expect(server.connections.map((connection) => connection.number)).toEqual([1, 2, 3, 4]);
  });
  it('a builder, with code in the middle', async () => {
    const seen: string[] = [];
    await using server = await ScriptedServer.start(
      script()
        .server('220 mx')
        .client(/^EHLO \S+$/)
        .call((peer: Peer) => seen.push(peer.record.commands.at(-1)?.line ?? ''))
        .server('250 mx')
        .client('QUIT')
        .server('221 bye'),
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('EHLO me');
    expect(await client.say('QUIT')).toBe('221 bye');
    await server.finished();
    expect(seen).toEqual(['EHLO me']);
  });
});
