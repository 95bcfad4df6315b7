import { script, ScriptedServer, ScriptMismatchError, ScriptSyntaxError } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

async function failure(server: ScriptedServer): Promise<ScriptMismatchError> {
  const error: unknown = await server.finished().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ScriptMismatchError)) throw new Error('finished() did not reject as it should');
  return error;
}

describe('a conversation that leaves the script', () => {
  it('is told with both lines, the place, and what was said before', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nC: EHLO *\nS: 250 mx\nC: MAIL FROM:<a@x>\nS: 250 ok');
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('EHLO me');
    const reply = await client.say('MAIL FROM:<b@x>');
    await client.closed();
    const error = await failure(server);
    expect(error.message).toBe(
      [
        'the conversation did not follow the script',
        'connection 1, line 4 of the script:',
        '  expected  C: MAIL FROM:<a@x>',
        '  got       C: MAIL FROM:<b@x>',
        '  after',
        '    S: 220 mx',
        '    C: EHLO me',
        '    S: 250 mx',
      ].join('\n'),
    );
    expect(error).toMatchObject({
      name: 'ScriptMismatchError',
      code: 'ERR_SCRIPT_MISMATCH',
      hint: expect.any(String) as string,
    });
    expect(server.failures).toMatchObject([
      { connection: 1, line: 4, expected: 'C: MAIL FROM:<a@x>', got: 'C: MAIL FROM:<b@x>' },
    ]);
    // The client is told as well: where only its error is shown, that shows why.
    expect(reply).toBe('421 4.3.0 scripted server: line 4: expected C: MAIL FROM:<a@x>, got C: MAIL FROM:<b@x>');
  });

  it.each([
    ['S: 220\nC: NOOP', 'RSET\r\n', 'C: NOOP', 'C: RSET'],
    ['S: 220\nC? NOOP\nS: 250\nC: QUIT', 'RSET\r\n', 'C: QUIT', 'C: RSET'],
    ['S: 220\nC: (close)', 'QUIT\r\n', 'C: (close)', 'C: QUIT'],
    ['S: 220\nC: NOOP\nS: 250', 'NOOP\r\nNOOP x\r\n', 'nothing more: the script is over', 'C: NOOP x'],
    [
      'S: 220\nC: BDAT *\nC: NOOP\nC: <bdat>',
      'BDAT 1\r\nNOOP\r\n',
      'C: BDAT <size> in front of <bdat>',
      'another command',
    ],
  ])('%j and %j differ', async (text, said, expected, got) => {
    await using server = await ScriptedServer.start(text);
    await using client = await RawClient.connect(server);
    client.write(said);
    await client.closed();
    expect((await failure(server)).failures).toMatchObject([{ expected, got }]);
  });

  it.each([
    ['S: 220\nC: NOOP', '', 'C: NOOP', 'C: (close)'],
    [
      'S: 220\nC: DATA\nS: 354\nC: <content>',
      'DATA\r\nabc',
      'C: <content>',
      'C: (close) before the end of the content',
    ],
    ['S: 220\nC: BDAT *\nC: <bdat>', 'BDAT 9\r\nabc', 'C: <bdat>', 'C: (close) before the end of the chunk'],
  ])('%j and a client that closes after %j differ', async (text, said, expected, got) => {
    await using server = await ScriptedServer.start(text);
    await using client = await RawClient.connect(server);
    client.socket.end(said);
    expect((await failure(server)).failures).toMatchObject([{ expected, got }]);
  });

  it.each([
    ['S: 220\nC: NOOP', '', 'C: NOOP', 'nothing within 50 ms'],
    ['S: 220\nC: NOOP', 'NOO', 'C: NOOP', 'C: NOO without a line end within 50 ms'],
    ['S: 220\nC? RSET\nC: NOOP', '', 'C? RSET or C: NOOP', 'nothing within 50 ms'],
    [
      'S: 220\nC: DATA\nC: <content>',
      'DATA\r\nabc',
      'the end of the content',
      '3 octets and nothing more within 50 ms',
    ],
    ['S: 220\nC: <content 9>', 'abc', '9 octets of content', '3 octets and nothing more within 50 ms'],
    ['S: 220\nC: BDAT 9\nC: <bdat>', 'BDAT 9\r\nabc', 'a chunk of 9 octets', '3 octets within 50 ms'],
    ['S: 220\nC: (close)', '', 'C: (close)', 'an open connection after 50 ms'],
    ['S: 220\nS: (hold)', '', 'release(), or a client that closes', 'neither within 50 ms'],
    ['S: 220\nS: (hold x)', '', "release('x'), or a client that closes", 'neither within 50 ms'],
    ['S: 220\nS: (starttls)', '', 'a TLS handshake', 'none within 50 ms'],
  ])('%j and a client that stops after %j end in a failure, not in a hang', async (text, said, expected, got) => {
    await using server = await ScriptedServer.start(text, { timeoutMs: 50 });
    await using client = await RawClient.connect(server);
    if (said !== '') client.write(said);
    await client.closed();
    expect((await failure(server)).failures).toMatchObject([{ expected, got }]);
  });

  it('a client that does not read ends in a failure', async () => {
    await using server = await ScriptedServer.start('S: (repeat forever "250-x\\r\\n")', { timeoutMs: 50 });
    await using client = await RawClient.connect(server);
    client.socket.pause();
    await server.waitFor(() => server.failures.length > 0);
    expect(server.failures).toMatchObject([{ expected: 'a client that reads' }]);
  });

  it('a connection that has no section is refused', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nC? NOOP');
    await using one = await RawClient.connect(server);
    await one.reply();
    await using two = await RawClient.connect(server);
    expect(await two.reply()).toMatch(/^421 .*expected no more connections, got connection 2$/);
    expect((await failure(server)).failures).toMatchObject([{ connection: 2 }]);
  });

  it('a handler that throws is recorded, with the cause', async () => {
    const cause = new Error('my own mistake');
    await using server = await ScriptedServer.start(() => {
      throw cause;
    });
    await using client = await RawClient.connect(server);
    expect(await client.reply()).toBe(
      '421 4.3.0 scripted server: expected a handler that does not throw, got Error: my own mistake',
    );
    const error = await failure(server);
    expect(error.cause).toBe(cause);
  });

  it('code in a script that throws is recorded, too', async () => {
    await using server = await ScriptedServer.start(
      script().call(() => {
        throw new Error('no');
      }),
    );
    await using client = await RawClient.connect(server);
    await client.closed();
    expect((await failure(server)).failures).toMatchObject([{ got: 'Error: no' }]);
  });

  it("a handler's own expectations are those of a script", async () => {
    await using server = await ScriptedServer.start(async (peer) => {
      await peer.send('220 mx');
      await peer.expect(/^EHLO/);
    });
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('HELO me');
    expect((await failure(server)).failures).toMatchObject([{ expected: 'C: /^EHLO/', got: 'C: HELO me' }]);
  });
});

describe('finished()', () => {
  it('names what is missing when nobody comes', async () => {
    await using server = await ScriptedServer.start('S: 220 mx\nC? NOOP\nS: 250\nC: QUIT', { timeoutMs: 50 });
    expect((await failure(server)).failures).toMatchObject([
      {
        connection: undefined,
        expected: 'connection 1, line 1: S: 220 mx (and 1 more steps)',
        got: 'no such connection within 50 ms',
      },
    ]);
  });

  it('names the connection that is missing', async () => {
    await using server = await ScriptedServer.start('S: 220\nC: QUIT\nS: 221\n--- connection 2\nS: 220', {
      timeoutMs: 20,
    });
    await using client = await RawClient.connect(server);
    await client.say('QUIT');
    await client.closed();
    expect((await failure(server)).failures).toMatchObject([{ expected: 'connection 2, line 5: S: 220' }]);
  });

  it('wants at least one client for an ordinary server', async () => {
    await using server = await ScriptedServer.start({ behave: {} }, { timeoutMs: 50 });
    expect((await failure(server)).failures).toMatchObject([{ expected: 'a client that comes and goes' }]);
  });

  it('rejects for a client that breaks the rules, unless it is told only to record that', async () => {
    for (const violations of ['fail', 'record'] as const) {
      await using server = await ScriptedServer.start('S: 220\nC: NOOP\nS: 250', { violations });
      await using client = await RawClient.connect(server);
      client.write('NOOP\n');
      await server.waitFor(() => server.pending.length === 0);
      expect(server.violations).toMatchObject([{ kind: 'bare-lf', where: 'command', offset: 4 }]);
      if (violations === 'record') await server.finished();
      else expect((await failure(server)).message).toContain('bare-lf in command at 4');
    }
  });

  it('rejects when the server is closed before its end', async () => {
    const server = await ScriptedServer.start('S: 220\nC: QUIT');
    const finished = failure(server);
    await server.close();
    expect((await finished).failures).toMatchObject([{ expected: 'connection 1, line 1: S: 220 (and 1 more steps)' }]);
  });
});

describe('waitFor()', () => {
  it('says what it waited for when nothing happens', async () => {
    await using server = await ScriptedServer.start('S: 220', { timeoutMs: 50 });
    await expect(server.waitFor(() => false, 'two messages')).rejects.toThrow(
      /expected {2}two messages\n {2}got {7}nothing new for 50 ms/,
    );
    await expect(server.held('never')).rejects.toThrow('(hold never)');
  });

  it('rejects with what the condition throws, now or later', async () => {
    await using server = await ScriptedServer.start('S: 220');
    const condition = (): boolean => {
      if (server.connections.length > 0) throw new Error('mine');
      return false;
    };
    const waiting = expect(server.waitFor(condition)).rejects.toThrow('mine');
    await using client = await RawClient.connect(server);
    await client.reply();
    await waiting;
    await expect(server.waitFor(condition)).rejects.toThrow('mine');
  });
});

describe('a script that cannot be read', () => {
  it.each([
    'S: (nonsense)',
    { behave: { on: { MIAL: '550' } } },
    { behave: { on: { 'RCPT:0': '550' } } },
    { behave: { on: { 'RCPT:b@x': '550' } } },
    { behave: { on: { 'RSET:<b@x>': '550' } } },
    { behave: { on: { MAIL: '(nonsense)' } } },
  ])('%j starts no server', async (source) => {
    await expect(ScriptedServer.start(source as string)).rejects.toBeInstanceOf(ScriptSyntaxError);
  });
});
