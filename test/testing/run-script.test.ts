import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

const simple = `
  # One message, whoever asks.
  S: 220 mx.example ESMTP
  C: EHLO *
  S: 250-mx.example
  S: 250 PIPELINING
  C: MAIL FROM:<a@example.org>
  S: 250 2.1.0 ok
  C: RCPT TO:<b@example.org>
  S: 250 2.1.5 ok
  C: RCPT TO:<c@example.org>
  S: 550 5.1.1 no such user
  C: DATA
  S: 354 go
  C: <content>
  S: 250 2.0.0 queued as 4F2
  C: QUIT
  S: 221 bye
`;

const group = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n';
const content = 'Subject: hi\r\n\r\n..dot\r\n.\r\n';

async function serial(client: RawClient): Promise<string[]> {
  const replies = [await client.reply(), await client.say('ehlo me')];
  for (const line of group.trimEnd().split('\r\n')) replies.push(await client.say(line));
  client.write(content);
  replies.push(await client.reply(), await client.say('QUIT'));
  await client.closed();
  return replies;
}

async function pipelined(client: RawClient): Promise<string[]> {
  const replies = [await client.reply(), await client.say('EHLO me')];
  client.write(group);
  for (let owed = 4; owed > 0; owed -= 1) replies.push(await client.reply());
  client.write(`${content}QUIT\r\n`);
  replies.push(await client.reply(), await client.reply());
  await client.closed();
  return replies;
}

describe('a transcript', () => {
  it.each([
    ['a serial', serial],
    ['a pipelining', pipelined],
  ])('is the same to %s client', async (_, talk) => {
    await using server = await ScriptedServer.start(simple);
    await using client = await RawClient.connect(server);
    expect(await talk(client)).toEqual([
      '220 mx.example ESMTP',
      '250-mx.example\r\n250 PIPELINING',
      '250 2.1.0 ok',
      '250 2.1.5 ok',
      '550 5.1.1 no such user',
      '354 go',
      '250 2.0.0 queued as 4F2',
      '221 bye',
    ]);
    await server.finished();
    expect(server.pending).toEqual([]);
    expect(server.violations).toEqual([]);
    const [connection] = server.connections;
    expect(connection?.ending).toBe('by-server');
    expect(connection?.commands.map((command) => [command.verb, command.reply?.code])).toEqual([
      ['EHLO', 250],
      ['MAIL', 250],
      ['RCPT', 250],
      ['RCPT', 550],
      ['DATA', 354],
      ['QUIT', 221],
    ]);
    expect(connection?.messages).toEqual([
      {
        envelope: { from: 'a@example.org', to: ['b@example.org'] },
        parameters: [],
        recipients: [
          {
            address: 'b@example.org',
            parameters: [],
            reply: expect.objectContaining({ code: 250 }) as unknown,
            final: undefined,
          },
          {
            address: 'c@example.org',
            parameters: [],
            reply: { code: 550, enhancedCode: '5.1.1', lines: ['5.1.1 no such user'], text: '5.1.1 no such user' },
            final: undefined,
          },
        ],
        framing: 'data',
        content: Buffer.from('Subject: hi\r\n\r\n.dot\r\n'),
        raw: Buffer.from(content),
        outcome: 'queued',
        reply: { code: 250, enhancedCode: '2.0.0', lines: ['2.0.0 queued as 4F2'], text: '2.0.0 queued as 4F2' },
        violations: [],
      },
    ]);
  });

  it('tells which commands came in one read', async () => {
    await using server = await ScriptedServer.start(simple);
    await using client = await RawClient.connect(server);
    await pipelined(client);
    const [connection] = server.connections;
    expect(connection?.reads.map(String)).toContain(group);
    const [, mail, ...others] = connection?.commands.map((command) => command.readIndex) ?? [];
    expect(others.slice(0, 3)).toEqual([mail, mail, mail]);
  });

  it('is what the log writes: the log of a run serves the same client again', async () => {
    await using first = await ScriptedServer.start(simple);
    await using firstClient = await RawClient.connect(first);
    const replies = await serial(firstClient);
    await using second = await ScriptedServer.start(first.log);
    await using secondClient = await RawClient.connect(second);
    expect(await serial(secondClient)).toEqual(replies);
    await second.finished();
    expect(second.log).toBe(first.log);
  });

  it('takes content line by line where it spells it out', async () => {
    await using server = await ScriptedServer.start(`
      S: 220 mx
      C: MAIL FROM:<>
      S: 250 ok
      C: RCPT TO:<b@example.org>
      S: 250 ok
      C: DATA
      S: 354 go
      C: Subject: hi
      C:
      C: ..*
      C: .
      S: 250 queued
    `);
    await using client = await RawClient.connect(server);
    await client.reply();
    for (const line of ['MAIL FROM:<>', 'RCPT TO:<b@example.org>', 'DATA']) await client.say(line);
    client.write('Subject: hi\r\n\r\n..dot\r\n.\r\n');
    expect(await client.reply()).toBe('250 queued');
    await server.finished();
    expect(server.messages[0]).toMatchObject({ outcome: 'queued', envelope: { from: '', to: ['b@example.org'] } });
    expect(String(server.messages[0]?.content)).toBe('Subject: hi\r\n\r\n.dot\r\n');
  });

  it('leaves optional steps out, with their replies, and repeats others', async () => {
    const text = `
      S: 220 mx
      C? EHLO *
      S: 250 mx
      C* RCPT TO:*
      S: 250 rcpt
      C? RSET
      S: 250 rset
      C: QUIT
      S: 221 bye
    `;
    for (const lines of [['QUIT'], ['EHLO me', 'QUIT'], ['RCPT TO:<a@x>', 'RCPT TO:<b@x>', 'RSET', 'QUIT']]) {
      await using server = await ScriptedServer.start(text);
      await using client = await RawClient.connect(server);
      await client.reply();
      for (const line of lines) expect(await client.say(line)).toMatch(/^2/);
      await server.finished();
    }
  });

  it('is over when only optional steps are left, and lets the client close', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nC: NOOP\nS: 250 ok\nC? QUIT\nS: 221 bye');
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('NOOP');
    await server.finished();
    client.socket.end();
    await server.waitFor(() => server.connections[0]?.ending === 'by-client');
    expect(server.failures).toEqual([]);
  });
});
