import { Connection } from '../../src/client/connection.js';
import type { Followers } from '../../src/client/flight.js';
import { Link } from '../../src/client/link.js';
import { resolveOptions } from '../../src/client/options.js';
import { StageClock } from '../../src/client/stage-clock.js';
import { Trace } from '../../src/client/trace.js';
import { SMTPProtocolError, SMTPServerDisconnected, type SMTPOptions } from '../../src/index.js';
import { Wire } from '../../src/io/wire.js';
import { contentOf } from '../../src/octets/content-of.js';
import { encodeCommand } from '../../src/protocol/command.js';
import { Transaction, type Outcome } from '../../src/protocol/transaction.js';
import { rejectionOf } from '../support/rejection.js';
import { MemoryServer, type MemoryServerOptions } from './memory-server.js';

const NO_LIMITS = { signal: undefined, deadline: undefined };

async function connected(
  server: MemoryServerOptions,
  options: SMTPOptions = {},
): Promise<{ connection: Connection; server: MemoryServer }> {
  const stream = new MemoryServer(server);
  const { timeoutsMs } = resolveOptions(options);
  const connection = new Connection(new Link(new Wire(stream), timeoutsMs, new Trace(undefined)));
  await connection.greeting(NO_LIMITS);
  await connection.exchange(encodeCommand('EHLO c.test'), 'hello', NO_LIMITS);
  return { connection, server: stream };
}

async function run(
  connection: Connection,
  pipelining = true,
  followers?: Followers,
  text = 'Subject: x\n\n',
): Promise<Outcome> {
  const transaction = new Transaction({
    mail: encodeCommand('MAIL FROM:<a@x.test>'),
    recipients: ['b@x.test', 'c@x.test'].map((address) => ({
      address,
      command: encodeCommand(`RCPT TO:<${address}>`),
    })),
    data: encodeCommand('DATA'),
    pipelining,
    finalReplies: 'one',
    requireAllRecipients: false,
  });
  const plan = { content: contentOf(text), sevenBitOnly: false, beforeContent: undefined };
  return await connection.run({ transaction, plan, limits: NO_LIMITS, clock: new StageClock() }, followers);
}

describe('Connection', () => {
  it('runs one transaction after the other, and is ready in between', async () => {
    const { connection, server } = await connected({});
    for (const pipelining of [true, false]) {
      const outcome = await run(connection, pipelining);
      expect(outcome).toMatchObject({ after: 'usable', failure: undefined, finalReply: { code: 250 } });
      expect(connection.session.phase).toBe('ready');
      expect(connection.open).toBe(true);
    }
    expect(server.messages).toHaveLength(2);
    connection.close();
  });

  it('is closed behind an outcome that says so', async () => {
    for (const replies of [
      { MAIL: '421 bye' },
      { DATA: '421 bye' },
      { final: '421 bye' },
      { RCPT: 'no code' },
    ] as const) {
      const { connection, server } = await connected({ replies });
      const outcome = await run(connection);
      expect(outcome.after).toBe('close');
      expect(connection.open).toBe(false);
      expect(connection.session.phase).toBe('closed');
      expect(server.destroyed).toBe(true);
    }
  });

  it('is left open behind a refusal, and says that RSET is owed', async () => {
    const { connection } = await connected({ replies: { RCPT: '550 no', DATA: '503 no' } });
    expect(await run(connection)).toMatchObject({ after: 'reset', failure: { kind: 'recipients-refused' } });
    expect(connection.open).toBe(true);
    connection.close();
  });

  it('does not throw out of a transaction: what breaks becomes its outcome', async () => {
    const { connection } = await connected({ replies: { MAIL: '250-two\r\n550 codes' } });
    expect(await run(connection)).toMatchObject({ after: 'close', failure: { kind: 'protocol', stage: 'mail' } });
    const { connection: gone, server } = await connected({});
    server.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await run(gone)).toMatchObject({ after: 'close', failure: { kind: 'lost' } });
  });

  it('ends its side when the answer to a command ends the session', async () => {
    const { connection, server } = await connected({ replies: { NOOP: '421 bye' } });
    expect((await connection.exchange(encodeCommand('NOOP'), 'command', NO_LIMITS)).code).toBe(421);
    expect(connection.open).toBe(false);
    expect(server.writableEnded).toBe(true);
  });

  it('refuses to write behind a reply that nobody asked for', async () => {
    const { connection, server } = await connected({});
    server.push('250 surprise\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await rejectionOf(connection.exchange(encodeCommand('NOOP'), 'command', NO_LIMITS))).toBeInstanceOf(
      SMTPProtocolError,
    );
    expect(server.handed.toString()).not.toContain('NOOP');
  });

  it('does not take what has arrived in clear text into the encrypted session', async () => {
    for (const wait of [true, false]) {
      const { connection, server } = await connected({ replies: { STARTTLS: '220 go' } });
      await connection.exchange(encodeCommand('STARTTLS'), 'starttls', NO_LIMITS);
      // Read by the event loop before, or still on its way there.
      const arrival = new Promise<void>((resolve) => {
        setImmediate(() => {
          server.push('250 injected\r\n');
          resolve();
        });
      });
      if (wait) await arrival;
      const handed = server.handed.length;
      const error = await rejectionOf(connection.upgrade({ servername: 'x.test' }, NO_LIMITS));
      expect(error).toBeInstanceOf(SMTPProtocolError);
      expect(error).toMatchObject({ stage: 'starttls' });
      expect([server.destroyed, server.handed.length]).toEqual([true, handed]);
    }
  });

  it('reads what is readable in front of the content, and keeps the content when it was refused', async () => {
    const { connection, server } = await connected({});
    server.on('data', (chunk: Buffer) => {
      if (!chunk.toString().startsWith('354')) return;
      setImmediate(() => {
        server.push('554 5.7.1 no\r\n');
      });
    });
    expect(await run(connection)).toMatchObject({ after: 'close', failure: { kind: 'data-refused', stage: 'body' } });
    expect(server.handed.toString()).not.toContain('Subject');
  });

  it('waits for the other half of a reply that is half there in front of the content', async () => {
    const { connection, server } = await connected({});
    server.on('data', (chunk: Buffer) => {
      if (!chunk.toString().startsWith('354')) return;
      setImmediate(() => {
        server.push('554 5.7');
        setTimeout(() => server.push('.1 no\r\n'), 20);
      });
    });
    expect(await run(connection)).toMatchObject({ after: 'close', failure: { kind: 'data-refused', stage: 'body' } });
    expect(server.handed.toString()).not.toContain('Subject');
  });

  it('hands over content of many pieces in blocks', async () => {
    const { connection, server } = await connected({});
    const sizes: number[] = [];
    const write = server.write.bind(server);
    server.write = (...args: Parameters<typeof write>): boolean => {
      const [chunk]: readonly unknown[] = args;
      if (chunk instanceof Uint8Array) sizes.push(chunk.length);
      return write(...args);
    };
    // Each line that begins with a dot is a piece of its own.
    const text = `Subject: dots\n\n${`.${'x'.repeat(900)}\n`.repeat(1_000)}`;
    const outcome = await run(connection, true, undefined, text);
    expect(outcome).toMatchObject({ after: 'usable', failure: undefined });
    expect(server.messages).toHaveLength(1);
    // About 900 KB.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(131_072);
    connection.close();
  });

  it('is ready again behind an envelope that was given by hand', async () => {
    const { connection } = await connected({});
    await connection.exchange(encodeCommand('MAIL FROM:<a@x.test>'), 'mail', NO_LIMITS);
    await connection.exchange(encodeCommand('RCPT TO:<b@x.test>'), 'rcpt', NO_LIMITS);
    expect(connection.session.phase).toBe('rcpt');
    expect(await run(connection)).toMatchObject({ after: 'usable' });
    expect(connection.session.phase).toBe('ready');
    connection.close();
  });

  it('asks nobody to ride when something has come already', async () => {
    const { connection, server } = await connected({ replies: { final: '' } });
    let asked = 0;
    const followers = {
      next: () => {
        asked += 1;
        return undefined;
      },
      slow: () => undefined,
      answered: () => undefined,
    };
    const running = run(connection, true, followers);
    for (let turn = 0; !server.endHanded && turn < 100; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    const before = asked;
    connection.offer();
    expect(asked).toBe(before + 1);
    // Behind the listener of the connection, and in front of whoever waits for it.
    server.once('data', () => {
      connection.offer();
    });
    server.push('250 done\r\n');
    expect(await running).toMatchObject({ after: 'usable' });
    expect(asked).toBe(before + 1);
    connection.close();
  });

  it('reports a 421 that nobody asked for as the end of the session', async () => {
    const { connection, server } = await connected({});
    server.push('421 idle too long\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    const error = await rejectionOf(connection.exchange(encodeCommand('NOOP'), 'command', NO_LIMITS));
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).not.toBeInstanceOf(SMTPProtocolError);
    expect((error as Error).message).toContain('421 idle too long');
  });
});
