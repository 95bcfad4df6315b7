import { createServer, type AddressInfo, type Socket } from 'node:net';
import { openQueue } from '../../src/bullmq/open-queue.js';
import { resolveBullOutbox } from '../../src/bullmq/resolve-options.js';

/** Of a server that takes connections and says nothing, or of none at all. */
async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closed(server: ReturnType<typeof createServer>): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

it('gives up on a Redis that is not there, and says what was in the way', async () => {
  const server = createServer();
  const port = await portOf(server);
  await closed(server);
  const told: Error[] = [];
  const options = resolveBullOutbox({
    connection: `redis://127.0.0.1:${String(port)}`,
    openTimeoutMs: 300,
    onError: (error) => told.push(error),
  });
  await expect(openQueue(options)).rejects.toMatchObject({
    code: 'ERR_OUTBOX_STORE',
    retryable: true,
    message: expect.stringMatching(/^Redis was not reached within 300 ms: .*ECONNREFUSED/) as string,
  });
  expect(told.length).toBeGreaterThan(0);
});

it('gives up on a server that says nothing, and lets go of the connection', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.resume()));
  const port = await portOf(server);
  const options = resolveBullOutbox({
    connection: `redis://127.0.0.1:${String(port)}`,
    openTimeoutMs: 300,
    onError: () => undefined,
  });
  await expect(openQueue(options)).rejects.toMatchObject({
    code: 'ERR_OUTBOX_STORE',
    message: 'Redis was not reached within 300 ms',
  });
  // Resolves when the last connection has ended.
  await closed(server);
  expect(sockets.length).toBeGreaterThan(0);
});
