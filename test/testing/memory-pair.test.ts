import { SMTP, SMTPServerDisconnected } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { MemoryEnd } from '../../src/testing/memory-pair.js';
import { rejectionOf } from '../support/rejection.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

function listen(end: MemoryEnd): string[] {
  const events: string[] = [];
  end.on('data', (bytes: Buffer) => events.push(bytes.toString()));
  end.on('end', () => events.push('end'));
  end.on('error', (error: NodeJS.ErrnoException) => events.push(error.code ?? error.message));
  end.on('close', () => events.push('close'));
  return events;
}

describe('a connection in memory', () => {
  it('brings each write as one read, in both directions', async () => {
    const [client, server] = MemoryEnd.pair();
    const [heard, said] = [listen(client), listen(server)];
    client.write('a');
    client.write('b');
    server.write('c');
    expect(heard.concat(said)).toEqual([]);
    await turns();
    expect([heard, said]).toEqual([['c'], ['a', 'b']]);
  });

  it('ends as a socket does', async () => {
    const [client, server] = MemoryEnd.pair();
    const [heard, said] = [listen(client), listen(server)];
    client.end('last');
    await turns();
    expect(said).toEqual(['last', 'end']);
    server.end('late');
    await turns();
    expect(heard).toEqual(['late', 'end', 'close']);
    expect(said).toEqual(['last', 'end', 'close']);
  });

  it('a server that ends ends the client', async () => {
    const [client, server] = MemoryEnd.pair();
    const [heard, said] = [listen(client), listen(server)];
    server.end();
    await turns();
    expect([heard, said]).toEqual([
      ['end', 'close'],
      ['end', 'close'],
    ]);
  });

  it('is reset', async () => {
    const [client, server] = MemoryEnd.pair();
    const heard = listen(client);
    listen(server);
    server.resetAndDestroy();
    await turns();
    expect(heard).toEqual(['ECONNRESET', 'close']);
  });

  it('a write waits while nobody reads, and ends with the connection', async () => {
    const [client, server] = MemoryEnd.pair();
    listen(client);
    let written = 0;
    for (let block = 0; block < 10; block += 1) client.write(Buffer.alloc(100_000), () => (written += 1));
    await turns();
    expect(written).toBeLessThan(10);
    server.on('data', () => undefined);
    await turns();
    await turns();
    expect(written).toBe(10);
    server.pause();
    for (let block = 0; block < 10; block += 1) client.write(Buffer.alloc(100_000), () => (written += 1));
    await turns();
    expect(written).toBeLessThan(20);
    server.destroy();
    await turns();
    await turns();
    expect(written).toBe(20);
  });
});

describe('a scripted server without a port', () => {
  it('serves clients that come by its connector', async () => {
    await using server = await ScriptedServer.start(
      { behave: { extensions: ['STARTTLS', 'PIPELINING'] } },
      { listen: false },
    );
    expect(server.port).toBe(0);
    await using smtp = new SMTP({ host: 'localhost', connector: server.connector, tls: { ca: server.certificate } });
    await smtp.connect();
    await smtp.ehlo();
    await smtp.starttls();
    await smtp.sendmail('a@x', ['b@x'], 'hi');
    await smtp.quit();
    await server.finished();
    expect(server.messages).toMatchObject([{ outcome: 'queued', envelope: { from: 'a@x', to: ['b@x'] } }]);
    expect(server.connections[0]).toMatchObject({ tls: true, ending: 'by-server' });
  });

  it('resets, chunks and holds as one with a port', async () => {
    await using server = await ScriptedServer.start(
      { behave: { on: { MAIL: '(hold mail)\n(reset)' } } },
      { listen: false, chunk: 1 },
    );
    const smtp = new SMTP({ host: 'localhost', connector: server.connector });
    await smtp.connect();
    const sending = rejectionOf(smtp.sendmail('a@x', ['b@x'], 'hi'));
    await server.held('mail');
    server.release('mail');
    expect(await sending).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('refuses connections after close()', async () => {
    const server = await ScriptedServer.start({ behave: {} }, { listen: false });
    await server.close();
    expect(() => server.connect()).toThrow('ECONNREFUSED');
  });
});
