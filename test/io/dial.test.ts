import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { getEventListeners, once } from 'node:events';
import {
  isPosthasteError,
  MessageError,
  SMTPAbortedError,
  SMTPDialError,
  SMTPProtocolError,
  SMTPTimeoutError,
} from '../../src/errors.js';
import { dial, type DialOptions } from '../../src/io/dial.js';
import type { Target } from '../../src/io/target.js';

const servers: Server[] = [];
const streams: Duplex[] = [];

async function listen(where: { host: string; port?: number } | { path: string }): Promise<Server> {
  const server = createServer((socket) => {
    streams.push(socket);
    socket.on('error', () => undefined);
    // An end that nobody reads keeps the socket open.
    socket.resume();
  });
  servers.push(server);
  server.listen('path' in where ? where : { port: 0, ...where });
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A port on which nothing listens, at least a moment ago. */
async function closedPort(): Promise<number> {
  const server = await listen({ host: '127.0.0.1' });
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function open(target: Target, options: Partial<DialOptions> = {}): Promise<Duplex> {
  const stream = await dial(target, { timeoutMs: 20_000, ...options });
  streams.push(stream);
  return stream;
}

async function failure<T extends Error>(
  type: abstract new (...args: never[]) => T,
  target: Target,
  options: Partial<DialOptions> = {},
): Promise<T> {
  try {
    await open(target, options);
  } catch (error) {
    if (!(error instanceof type)) throw error;
    expect(isPosthasteError(error) && error.delivery).toBe('not-sent');
    return error;
  }
  throw new Error('it connected');
}

async function openSocket(target: Target, options: Partial<DialOptions> = {}): Promise<Socket> {
  const stream = await open(target, options);
  if (stream instanceof Socket) return stream;
  throw new Error('it is no socket');
}

const hanging = async (): Promise<never> => await new Promise<never>(() => undefined);

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy();
  await Promise.all(
    servers.splice(0).map(async (server) => {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    }),
  );
});

describe('dial', () => {
  it('connects over TCP, with no listener of its own left', async () => {
    const server = await listen({ host: '127.0.0.1' });
    const plain = new Socket();
    const controller = new AbortController();
    const stream = await openSocket({ host: '127.0.0.1', port: portOf(server) }, { signal: controller.signal });
    for (const event of ['connect', 'error', 'close', 'data', 'end', 'timeout']) {
      expect(stream.listenerCount(event)).toBe(plain.listenerCount(event));
    }
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    controller.abort();
    expect(stream.destroyed).toBe(false);
  });

  it('connects to a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dial-'));
    try {
      const path = join(folder, 'lmtp.sock');
      await listen({ path });
      expect(await open({ path })).toBeInstanceOf(Socket);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says who refused, and what to check', async () => {
    const port = await closedPort();
    const error = await failure(SMTPDialError, { host: '127.0.0.1', port });
    expect(error).toMatchObject({
      syscode: 'ECONNREFUSED',
      address: '127.0.0.1',
      stage: 'connect',
      retryable: true,
      code: 'ERR_DIAL',
    });
    expect(error.message).toBe(`could not connect to 127.0.0.1:${String(port)}: ECONNREFUSED at 127.0.0.1`);
    expect(error.hint).toContain(`port ${String(port)}`);
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('names a unix socket that is not there, and one whose path the system would cut off', async () => {
    expect(await failure(SMTPDialError, { path: '/nonexistent/lmtp.sock' })).toMatchObject({
      syscode: 'ENOENT',
      address: '/nonexistent/lmtp.sock',
    });
    expect(await failure(SMTPDialError, { path: `/${'x'.repeat(200)}` })).toMatchObject({ syscode: 'ENAMETOOLONG' });
  });

  it('reports a name without address', async () => {
    const lookup = async (): Promise<never> =>
      await Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    const error = await failure(SMTPDialError, { host: 'nowhere.example', port: 25 }, { lookup });
    expect(error).toMatchObject({ syscode: 'ENOTFOUND', retryable: true });
    expect(error.hint).toContain('spelling');
    const empty = await failure(
      SMTPDialError,
      { host: 'nowhere.example', port: 25 },
      { lookup: async () => await Promise.resolve([]) },
    );
    expect(empty.syscode).toBe('ENOTFOUND');
  });

  it('asks the system for the addresses of a name', async () => {
    const server = await listen({ host: '127.0.0.1' });
    expect(await open({ host: 'localhost', port: portOf(server) })).toBeInstanceOf(Socket);
  });

  it('goes on to the next address after a refusal', async () => {
    const server = await listen({ host: '127.0.0.3' });
    const lookup = async (): Promise<{ address: string; family: number }[]> =>
      await Promise.resolve(['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => ({ address, family: 4 })));
    const stream = await openSocket({ host: 'three.example', port: portOf(server) }, { lookup });
    expect(stream.remoteAddress).toBe('127.0.0.3');
  });

  it('names every address that was tried, the families in turn', async () => {
    const port = await closedPort();
    const lookup = async (): Promise<{ address: string; family: number }[]> =>
      await Promise.resolve([
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
    const error = await failure(SMTPDialError, { host: 'two.example', port }, { lookup });
    const tried = [...error.message.matchAll(/at ([^, ]+)/g)].map(([, address]) => address);
    expect(tried).toEqual(['127.0.0.1', '::1', '127.0.0.2']);
    expect(error.syscode).toBe('ECONNREFUSED');
    expect((error.cause as AggregateError).errors).toHaveLength(3);
  });

  it('binds the source address, and tries only addresses of its family', async () => {
    const server = await listen({ host: '127.0.0.1' });
    const lookup = async (): Promise<{ address: string; family: number }[]> =>
      await Promise.resolve([
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const target = { host: 'both.example', port: portOf(server) };
    const stream = await openSocket(target, { lookup, sourceAddress: '127.0.0.9' });
    expect(stream.localAddress).toBe('127.0.0.9');
    const lookup4 = async (): Promise<{ address: string; family: number }[]> =>
      await Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const error = await failure(SMTPDialError, target, { lookup: lookup4, sourceAddress: '::1' });
    expect(error).toMatchObject({ syscode: 'EADDRNOTAVAIL' });
    expect(error.message).toContain('no IPv6 address');
  });

  it('binds the source port, and reports an address that is not of this machine', async () => {
    const server = await listen({ host: '127.0.0.1' });
    const target = { host: '127.0.0.1', port: portOf(server) };
    const sourcePort = await closedPort();
    expect((await openSocket(target, { sourcePort })).localPort).toBe(sourcePort);
    const error = await failure(SMTPDialError, target, { sourceAddress: '192.0.2.1' });
    expect(error.syscode).toBe('EADDRNOTAVAIL');
    expect(error.hint).toContain('sourceAddress');
  });

  it.each([
    { sourceAddress: 'mail.example' },
    { sourceAddress: '' },
    { sourcePort: -1 },
    { sourcePort: 65_536 },
    { sourcePort: 1.5 },
  ])('refuses %j before any I/O', async (source) => {
    let asked = false;
    const connector = async (): Promise<Duplex> => {
      asked = true;
      return await Promise.resolve(new PassThrough());
    };
    const error = await failure(MessageError, { host: '127.0.0.1', port: 25 }, { ...source, connector });
    expect(error.code).toBe('ERR_INVALID_SOURCE');
    expect(asked).toBe(false);
  });

  it('settles at the deadline although the look-up never does', async () => {
    const error = await failure(
      SMTPTimeoutError,
      { host: 'slow.example', port: 25 },
      { lookup: hanging, timeoutMs: 10 },
    );
    expect(error).toMatchObject({ timeoutMs: 10, stage: 'connect', retryable: true });
    expect(error.hint).toContain('firewall');
  });

  it('does not dial when the signal has fired already', async () => {
    let asked = false;
    const lookup = async (): Promise<never> => {
      asked = true;
      return await hanging();
    };
    const reason = new Error('the user left');
    const error = await failure(
      SMTPAbortedError,
      { host: 'a.example', port: 25 },
      { lookup, signal: AbortSignal.abort(reason) },
    );
    expect(error).toMatchObject({ name: 'AbortError', cause: reason, retryable: false, stage: 'connect' });
    expect(asked).toBe(false);
  });

  it('settles at the abort and leaves the signal clean', async () => {
    const controller = new AbortController();
    const lookup = async (): Promise<never> => {
      queueMicrotask(() => {
        controller.abort('enough');
      });
      return await hanging();
    };
    const error = await failure(
      SMTPAbortedError,
      { host: 'a.example', port: 25 },
      { lookup, signal: controller.signal },
    );
    expect(error.cause).toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('takes a time-out beyond what a timer holds as long, not as short', async () => {
    const server = await listen({ host: '127.0.0.1' });
    const target = { host: '127.0.0.1', port: portOf(server) };
    expect(await open(target, { timeoutMs: 2 ** 40 })).toBeInstanceOf(Socket);
    expect(await open(target, { timeoutMs: Infinity })).toBeInstanceOf(Socket);
  });
});

describe('dial with a connector', () => {
  const target = { host: 'mail.example', port: 25 };

  it('hands it the target and a signal, and gives its stream back', async () => {
    const stream = new PassThrough();
    const seen: unknown[] = [];
    const connector = async (to: Target, signal: AbortSignal): Promise<Duplex> => {
      seen.push(to, signal.aborted);
      return await Promise.resolve(stream);
    };
    expect(await open(target, { connector })).toBe(stream);
    expect(await open({ path: '/x' }, { connector })).toBe(stream);
    expect(seen).toEqual([target, false, { path: '/x' }, false]);
  });

  it('settles when it ignores the signal, and destroys the stream that comes late', async () => {
    const late = new PassThrough();
    let deliver: (stream: Duplex) => void = () => undefined;
    let given: AbortSignal | undefined;
    const connector = async (_to: Target, signal: AbortSignal): Promise<Duplex> => {
      given = signal;
      return await new Promise<Duplex>((resolve) => {
        deliver = resolve;
      });
    };
    const error = await failure(SMTPTimeoutError, target, { connector, timeoutMs: 10 });
    expect(given?.reason).toBe(error);
    deliver(late);
    await once(late, 'close');
    expect(late.destroyed).toBe(true);
    late.emit('error', new Error('unheard'));
  });

  it('keeps its failure as the cause', async () => {
    const cause = Object.assign(new Error('proxy says no'), { code: 'EPROXY' });
    const error = await failure(SMTPDialError, target, { connector: async () => await Promise.reject(cause) });
    expect(error).toMatchObject({ cause, syscode: 'EPROXY', retryable: true });
    const thrown = await failure(SMTPDialError, target, {
      connector: () => {
        throw cause;
      },
    });
    expect(thrown.cause).toBe(cause);
  });

  it('passes an error of this package on as it is', async () => {
    const own = new SMTPProtocolError('the proxy spoke HTTP/0.9');
    expect(await failure(SMTPProtocolError, target, { connector: async () => await Promise.reject(own) })).toBe(own);
  });

  it('waits for a socket that is still connecting', async () => {
    const server = await listen({ host: '127.0.0.1' });
    const port = portOf(server);
    const connector = async (): Promise<Duplex> => await Promise.resolve(new Socket().connect(port, '127.0.0.1'));
    const stream = await openSocket(target, { connector });
    expect(stream.connecting).toBe(false);
    const nobody = await closedPort();
    const refused = async (): Promise<Duplex> => await Promise.resolve(new Socket().connect(nobody, '127.0.0.1'));
    expect((await failure(SMTPDialError, target, { connector: refused })).syscode).toBe('ECONNREFUSED');
  });

  it('refuses a stream of text or objects, and destroys it', async () => {
    for (const stream of [new PassThrough({ objectMode: true }), new PassThrough().setEncoding('utf8')]) {
      const connector = async (): Promise<Duplex> => await Promise.resolve(stream);
      expect((await failure(MessageError, target, { connector })).code).toBe('ERR_INVALID_CONNECTOR');
      expect(stream.destroyed).toBe(true);
    }
  });

  it('refuses what is no stream, and a stream that is destroyed', async () => {
    const nothing = async (): Promise<Duplex> => await Promise.resolve(undefined as unknown as Duplex);
    expect((await failure(MessageError, target, { connector: nothing })).code).toBe('ERR_INVALID_CONNECTOR');
    const half = async (): Promise<Duplex> => await Promise.resolve({ write: () => true, pipe: () => 0 } as never);
    expect((await failure(MessageError, target, { connector: half })).code).toBe('ERR_INVALID_CONNECTOR');
    const dead = async (): Promise<Duplex> => await Promise.resolve(new PassThrough().destroy());
    expect((await failure(SMTPDialError, target, { connector: dead })).message).toContain('destroyed');
  });
});
