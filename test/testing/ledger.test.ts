import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';
import { hello, mail, message, rcpt } from './talk.js';

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
});

describe('LMTP', () => {
  it('books one reply for each accepted recipient, in order', async () => {
    await using server = await ScriptedServer.start(
      `
      S: 220 mx LMTP
      C: LHLO *
      S: 250 mx
      C: MAIL FROM:<a@x>
      S: 250 ok
      C: RCPT TO:<b@x>
      S: 250 ok
      C: RCPT TO:<c@x>
      S: 550 no
      C: RCPT TO:<b@x>
      S: 250 ok
      C: DATA
      S: 354 go
      C: <content>
      S: 250 first
      S: 452 second
    `,
      { protocol: 'lmtp' },
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    for (const line of ['LHLO me', 'MAIL FROM:<a@x>', 'RCPT TO:<b@x>', 'RCPT TO:<c@x>', 'RCPT TO:<b@x>', 'DATA']) {
      await client.say(line);
    }
    client.write('x\r\n.\r\n');
    expect([await client.reply(), await client.reply()]).toEqual(['250 first', '452 second']);
    await server.finished();
    expect(server.messages[0]?.outcome).toBe('queued');
    expect(server.messages[0]?.recipients.map((one) => one.final?.code)).toEqual([250, undefined, 452]);
  });
});

describe('records that are not kept', () => {
  it('are counted, and each message is handed over when its outcome is known', async () => {
    const seen: string[] = [];
    await using server = await ScriptedServer.start(
      { behave: { on: { 'final:2': '554 no' } } },
      { record: 'totals', onMessage: (one) => seen.push(`${one.outcome} ${String(one.content.length)}`) },
    );
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say(hello);
    for (let sent = 0; sent < 2; sent += 1) {
      for (const line of [mail, rcpt, 'DATA', message]) await client.say(line);
    }
    for (const line of [mail, rcpt, 'DATA']) await client.say(line);
    client.socket.end('abc');
    await client.closed();
    await server.finished();
    expect(seen).toEqual(['queued 21', 'refused 21', 'incomplete 3']);
    expect(server.connections).toEqual([]);
    expect(server.totals).toMatchObject({ connections: 1, queued: 1, refused: 1, incomplete: 1, unanswered: 0 });
  });
});
