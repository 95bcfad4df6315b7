import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

describe('a handler', () => {
  it('talks with its peer', async () => {
    await using server = await ScriptedServer.start(async (peer) => {
      await peer.send('220 mx');
      await peer.expect('HELO *');
      await peer.send('250 mx');
      for (let command = await peer.command(); command !== undefined; command = await peer.command()) {
        if (command.verb === 'DATA') {
          await peer.send('354 go');
          const message = await peer.content();
          await peer.send(`250 ${String(message?.raw.length)} octets`, Buffer.from('"'));
        } else await peer.send(`250 ${command.argument}`);
        if (command.verb === 'QUIT') return;
      }
    });
    await using client = await RawClient.connect(server);
    expect(await client.reply()).toBe('220 mx');
    await client.say('HELO me');
    expect(await client.say('NOOP twice')).toBe('250 twice');
    await client.say('DATA');
    client.write('x\r\n.\r\n');
    expect(await client.reply()).toBe('250 6 octets');
    client.reads.length = 0;
    await client.say('QUIT');
    await client.closed();
    await server.finished();
  });
});
