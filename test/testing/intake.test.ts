import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

describe('what the client sends', () => {
  it('counts the octets of BDAT', async () => {
    await using server = await ScriptedServer.start(`
      S: 220 mx
      C: EHLO *
      S: 250-mx
      S: 250 CHUNKING
      C: MAIL FROM:<a@example.org>
      S: 250 ok
      C: RCPT TO:<b@example.org>
      S: 250 ok
      C: BDAT *
      C: <bdat>
      S: 250 got it
      C: BDAT * LAST
      C: <bdat>
      S: 250 queued
    `);
    await using client = await RawClient.connect(server);
    await client.reply();
    for (const line of ['EHLO me', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>']) await client.say(line);
    expect(await client.say('BDAT 9\r\nQUIT\r\n.')).toBe('250 got it');
    expect(await client.say('BDAT 3 LAST\r\n.')).toBe('250 queued');
    await server.finished();
    expect(server.messages).toMatchObject([{ framing: 'bdat', outcome: 'queued', reply: { text: 'queued' } }]);
    expect(String(server.messages[0]?.content)).toBe('QUIT\r\n.\r\n.\r\n');
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
  it('is not read after (pause) until the client cannot write on, and (resume) reads the rest', async () => {
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
