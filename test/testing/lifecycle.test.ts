import { createHook } from 'node:async_hooks';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedServer, type ScriptedServerOptions, type ServerScript } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

/** How many sockets and servers are alive in the process, by kind. */
function alive(): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Pipe|TLS/.test(kind)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

/** The timers that the server has set and neither cleared nor seen expire. The test runner has timers of its own. */
const timers = new Set<number>();
const hook = createHook({
  init: (id, type) => {
    if (type === 'Timeout' && /src[\\/]testing/.test(new Error().stack ?? '')) timers.add(id);
  },
  destroy: (id) => timers.delete(id),
});

beforeAll(() => hook.enable());
afterAll(() => hook.disable());

/** Handles close in their own turn of the event loop. */
async function expectNoMoreThan(before: Map<string, number>): Promise<void> {
  const surplus = (): string[] => [
    ...[...alive()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind),
    ...[...timers].map(() => 'Timeout'),
  ];
  for (let turn = 0; turn < 20 && surplus().length > 0; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(surplus()).toEqual([]);
}

it('the test sees the timers of the server', async () => {
  await using server = await ScriptedServer.start('S: 220\nC: NOOP');
  await using client = await RawClient.connect(server);
  await client.reply();
  expect(timers.size).toBeGreaterThan(0);
});

const behave = { behave: {} };

describe('close()', () => {
  it.each<
    [string, ServerScript, ScriptedServerOptions, (client: RawClient, server: ScriptedServer) => Promise<unknown>]
  >([
    ['a client that waits for the greeting', 'C: NOOP', {}, async () => undefined],
    ['a client that is expected to speak', 'S: 220\nC: NOOP', {}, (client) => client.reply()],
    ['an ordinary session', behave, {}, (client) => client.reply()],
    ['a hold', 'S: 220\nS: (hold)', {}, (_, server) => server.held()],
    ['a wait', 'S: 220\nS: (wait 60000)', {}, (client) => client.reply()],
    [
      'a drip',
      'S: 220 mx',
      { chunk: { sizeBytes: 1, everyMs: 60_000 } },
      (client) => client.until(() => client.heard === '2', 'one byte'),
    ],
    ['a flood', 'S: (repeat forever "x")', {}, (client) => client.until(() => client.heard !== '', 'the flood')],
    ['half a content', 'C: DATA\nS: 354\nC: <content>', {}, (client) => client.say('DATA\r\nabc')],
    ['a handshake', 'S: 220\nS: (starttls)', {}, (client) => client.reply()],
    ['a TLS session', 'S: 220\nC: NOOP', { implicitTls: true }, (client, server) => client.upgrade(server.certificate)],
    ['a client that was closed on', 'S: 421 no\nS: (close)', {}, (client) => client.reply()],
    [
      'a handler that waits for something else',
      async (peer) => {
        await peer.send('220', '(flush)');
        await new Promise(() => undefined);
      },
      {},
      (client) => client.reply(),
    ],
  ])('leaves nothing alive behind %s', async (_, source, options, meet) => {
    const before = alive();
    const server = await ScriptedServer.start(source, options);
    await using client = await RawClient.connect(server);
    // Half-open, so that the client does not close of itself.
    client.socket.allowHalfOpen = true;
    await meet(client, server);
    await server.close();
    await client[Symbol.asyncDispose]();
    await expectNoMoreThan(before);
    expect(server.port).toBe(0);
    expect(server.failures).toEqual([]);
  });

  it('ends the wait of finished(), held() and waitFor()', async () => {
    const server = await ScriptedServer.start('S: 220', { timeoutMs: 600_000 });
    const waits = [server.finished(), server.held('x'), server.waitFor(() => false)].map((wait) =>
      wait.then(
        () => 'resolved',
        () => 'rejected',
      ),
    );
    await server.close();
    expect(await Promise.all(waits)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('can be called again, and by `await using`', async () => {
    await using server = await ScriptedServer.start(behave);
    const { port } = server;
    await Promise.all([server.close(), server.close()]);
    await using successor = await ScriptedServer.start(behave, { port });
    expect(successor.port).toBe(port);
  });

  it('removes the unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'posthaste-'));
    try {
      const path = join(folder, 's');
      const server = await ScriptedServer.start(behave, { path });
      expect(existsSync(path)).toBe(true);
      await server.close();
      expect(existsSync(path)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps the records', async () => {
    const server = await ScriptedServer.start(behave);
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say('EHLO me');
    await server.close();
    expect(server.connections[0]).toMatchObject({ ending: 'at-shutdown', commands: [{ line: 'EHLO me' }] });
    await server.finished();
  });
});

describe('many connections', () => {
  it('come and go without a trace in the process', async () => {
    const before = alive();
    {
      await using server = await ScriptedServer.start(behave, { record: 'totals' });
      for (let round = 0; round < 10; round += 1) {
        const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(server)));
        await Promise.all(
          clients.map(async (client, index) => {
            await client.reply();
            if (index % 2 === 0) await client.say('QUIT');
            await client[Symbol.asyncDispose]();
          }),
        );
      }
      await server.finished();
      expect(server.totals).toMatchObject({ connections: 100, commands: 50 });
    }
    await expectNoMoreThan(before);
  });
});
