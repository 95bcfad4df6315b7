import { createHash, X509Certificate } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createServer as createTlsServer, TLSSocket, type TlsOptions as ServerOptions } from 'node:tls';
import { isPosthasteError, MessageError, SMTPAbortedError, SMTPTimeoutError, SMTPTlsError } from '../../src/errors.js';
import { checkTlsOptions, tlsExporterBinding, tlsInfo, upgradeToTls } from '../../src/io/tls.js';
import type { TlsOptions } from '../../src/io/tls-options.js';
import { TlsSessions } from '../../src/io/tls-sessions.js';

const file = (name: string): Buffer => readFileSync(new URL(`../../fixtures/certs/${name}`, import.meta.url));
const ca = file('ca.crt');
const serverKey = file('server.key');
const serverIdentity = { cert: file('server.crt'), key: serverKey };
const fingerprint = new X509Certificate(serverIdentity.cert).fingerprint256;
const bounds = { timeoutMs: 20_000 };

const servers: Server[] = [];
const sockets: (Socket | Duplex)[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function tlsServer(options: ServerOptions = {}): Promise<number> {
  const server = createTlsServer({ ...serverIdentity, ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  return await listen(server);
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function upgrade(
  port: number,
  options: TlsOptions & { servername?: string; sessions?: TlsSessions } = {},
): Promise<TLSSocket> {
  const secured = await upgradeToTls(await connectTo(port), { servername: 'localhost', ca, ...options }, bounds);
  sockets.push(secured);
  return secured;
}

/** What an upgrade over `stream` failed with; the stream must be destroyed then. */
async function failureOver(
  stream: Duplex,
  options: TlsOptions & { servername?: string; sessions?: TlsSessions },
  limits = bounds,
): Promise<Error> {
  try {
    await upgradeToTls(stream, { servername: 'localhost', ca, ...options }, limits);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    expect(error.delivery).toBe('not-sent');
    expect(stream.destroyed).toBe(true);
    return error;
  }
  throw new Error('the handshake succeeded');
}

async function failure(port: number, options: TlsOptions & { servername?: string } = {}): Promise<SMTPTlsError> {
  const error = await failureOver(await connectTo(port), options);
  if (!(error instanceof SMTPTlsError)) throw error;
  expect(error.stage).toBe('tls');
  expect(error.hint).toBeTruthy();
  return error;
}

async function echo(socket: Duplex, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

afterEach(async () => {
  // The TLS sockets, made last, before those that they stand on.
  for (const socket of sockets.splice(0).reverse()) socket.destroy();
  await Promise.all(
    servers.splice(0).map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
});

describe('upgradeToTls', () => {
  it('verifies the certificate, asks for the name by SNI, and tells what came out', async () => {
    let asked: string | undefined;
    const port = await tlsServer({
      SNICallback: (name, done) => {
        asked = name;
        done(null);
      },
    });
    const secured = await upgrade(port);
    expect(asked).toBe('localhost');
    expect(await echo(secured, 'EHLO x')).toBe('EHLO x');
    const info = tlsInfo(secured);
    expect(info).toMatchObject({ protocol: 'TLSv1.3', authorized: true });
    expect(info.cipher).toMatch(/^TLS_/);
    expect(info.certificate.fingerprint256).toBe(fingerprint);
    expect(Object.isFrozen(info)).toBe(true);
  });

  it.each(['127.0.0.1', '::1'])(
    'checks the address %s against the certificate and sends no SNI for it',
    async (servername) => {
      let asked: unknown = 'nothing';
      const port = await tlsServer({
        SNICallback: (name, done) => {
          asked = name;
          done(null);
        },
      });
      expect((await upgrade(port, { servername })).authorized).toBe(true);
      expect(asked).toBe('nothing');
      expect((await failure(port, { servername: '192.0.2.7' })).reason).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    },
  );

  it('leaves the final dot of a name out of SNI and of the check', async () => {
    expect((await upgrade(await tlsServer(), { servername: 'mail.example.test.' })).servername).toBe(
      'mail.example.test',
    );
  });

  it.each([
    ['expired.crt', 'CERT_HAS_EXPIRED', 'expired'],
    ['self-signed.crt', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.ca'],
    ['wrong-name.crt', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DNS:other.example.test'],
  ])('refuses %s', async (cert, reason, hint) => {
    const port = await tlsServer({ cert: file(cert) });
    const error = await failure(port);
    expect(error).toMatchObject({ reason, code: 'ERR_TLS', retryable: false });
    expect(error.hint).toContain(hint);
    const lax = await upgrade(port, { rejectUnauthorized: false });
    expect(tlsInfo(lax).authorized).toBe(false);
  });

  it('refuses an authority that is not known here', async () => {
    const error = await failureOver(await connectTo(await tlsServer()), { ca: file('self-signed.crt') });
    expect(error).toMatchObject({ name: 'SMTPTlsError', hint: expect.stringContaining('tls.ca') as string });
  });

  it('verifies whatever the environment says, and when rejectUnauthorized is undefined', async () => {
    const port = await tlsServer({ cert: file('expired.crt') });
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect((await failure(port)).reason).toBe('CERT_HAS_EXPIRED');
      expect((await failure(port, { rejectUnauthorized: undefined } as unknown as TlsOptions)).reason).toBe(
        'CERT_HAS_EXPIRED',
      );
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('takes the servername option in place of the host', async () => {
    const port = await tlsServer({ cert: file('wrong-name.crt') });
    expect((await upgrade(port, { servername: 'other.example.test' })).authorized).toBe(true);
  });

  it('accepts a pinned certificate, written with or without colons, in any case, alone or in a list', async () => {
    const port = await tlsServer();
    const plain = fingerprint.replaceAll(':', '').toLowerCase();
    const other = createHash('sha256').digest('hex');
    for (const fingerprint256 of [fingerprint, plain, [other, fingerprint]]) {
      expect((await upgrade(port, { fingerprint256 })).encrypted).toBe(true);
    }
  });

  it('refuses another certificate than the pinned one, verified or not', async () => {
    const port = await tlsServer();
    const fingerprint256 = createHash('sha256').digest('hex');
    for (const rejectUnauthorized of [true, false]) {
      const error = await failure(port, { fingerprint256, rejectUnauthorized });
      expect(error).toMatchObject({ reason: 'FINGERPRINT_MISMATCH', retryable: false });
      expect(error.message).toContain(fingerprint);
    }
  });

  it('does not let a pin stand in for verification', async () => {
    const cert = file('expired.crt');
    const fingerprint256 = new X509Certificate(cert).fingerprint256;
    const port = await tlsServer({ cert });
    expect((await failure(port, { fingerprint256 })).reason).toBe('CERT_HAS_EXPIRED');
    expect((await upgrade(port, { fingerprint256, rejectUnauthorized: false })).encrypted).toBe(true);
  });

  it.each([
    ['client.key', undefined],
    ['client-encrypted.key', 'correct-horse'],
  ])('shows its own certificate, with the key in %s', async (key, passphrase) => {
    const server = createTlsServer({ ...serverIdentity, ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      socket.end((socket.getPeerCertificate() as { subject: { CN: string } }).subject.CN);
    });
    const secured = await upgrade(await listen(server), {
      cert: file('client.crt'),
      key: file(key),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    const [name] = (await once(secured, 'data')) as [Buffer];
    expect(name.toString()).toBe('posthaste test client');
  });

  it('refuses a server that has nothing from TLS 1.2 on', async () => {
    const port = await tlsServer({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    const error = await failure(port);
    expect(error.reason).toMatch(/PROTOCOL/);
    expect(error.hint).toContain('1.2');
  });

  it('raises the lower limit to TLS 1.3 when asked', async () => {
    const port = await tlsServer({ maxVersion: 'TLSv1.2' });
    expect((await upgrade(port)).getProtocol()).toBe('TLSv1.2');
    expect((await failure(port, { minVersion: 'TLSv1.3' })).hint).toContain('TLS version');
  });

  it('tells that the peer speaks plain text', async () => {
    const port = await listen(createServer((socket) => socket.write('220 mail.example ESMTP ready\r\n')));
    const error = await failure(port);
    expect(error).toMatchObject({ reason: 'ERR_SSL_WRONG_VERSION_NUMBER', retryable: true });
    expect(error.hint).toContain('STARTTLS');
  });

  it('reports a peer that hangs up', async () => {
    const port = await listen(createServer((socket) => socket.on('data', () => socket.destroy())));
    const error = await failure(port);
    expect(error).toMatchObject({ reason: 'ECONNRESET', retryable: true });
  });

  it('settles at the deadline when the peer says nothing', async () => {
    const port = await listen(createServer());
    const error = await failureOver(await connectTo(port), {}, { timeoutMs: 10 });
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'tls', timeoutMs: 10, retryable: true });
  });

  it('settles at the abort, also when the signal had fired before', async () => {
    const port = await listen(createServer());
    const controller = new AbortController();
    const { signal } = controller;
    const socket = await connectTo(port);
    const running = failureOver(socket, {}, { timeoutMs: 20_000, signal } as typeof bounds);
    controller.abort('enough');
    const error = await running;
    expect(error).toBeInstanceOf(SMTPAbortedError);
    expect(error).toMatchObject({ cause: 'enough', stage: 'tls', retryable: false });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const again = await failureOver(await connectTo(port), {}, { timeoutMs: 20_000, signal } as typeof bounds);
    expect(again).toBeInstanceOf(SMTPAbortedError);
  });

  it('leaves no listener of its own on the stream that it gives', async () => {
    const secured = await upgrade(await tlsServer());
    const events = ['secureConnect', 'close'] as const;
    expect(events.map((event) => secured.listenerCount(event))).toEqual([0, secured.listenerCount('close')]);
    expect(secured.listeners('error').map(({ name }) => name)).not.toContain('onFail');
    expect(secured.listeners('close').map(({ name }) => name)).not.toContain('onClose');
  });

  it('works over any Duplex, and reports one that dies', async () => {
    const [near, far] = duplexPair();
    sockets.push(near, far);
    const server = new TLSSocket(far, { isServer: true, ...serverIdentity });
    server.pipe(server);
    const secured = await upgradeToTls(near, { servername: 'localhost', ca }, bounds);
    sockets.push(secured, server);
    expect(await echo(secured, 'over a pair')).toBe('over a pair');

    const silent = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done(new Error('cut'));
      },
    });
    expect(await failureOver(silent, {})).toMatchObject({ name: 'SMTPTlsError' });
  });

  it('reports a stream that its owner destroys in the middle', async () => {
    const port = await listen(createServer((socket) => void socket.resume()));
    const socket = await connectTo(port);
    const running = failureOver(socket, {});
    socket.destroy();
    expect(await running).toMatchObject({ name: 'SMTPTlsError', reason: 'ECONNRESET' });
  });

  it('takes a STARTTLS connection over that was read from before', async () => {
    const port = await listen(
      createServer((socket) => {
        socket.write('220 ready\r\n');
        socket.once('data', () => {
          const server = new TLSSocket(socket, { isServer: true, ...serverIdentity });
          sockets.push(server);
          server.pipe(server);
          socket.write('220 go ahead\r\n');
        });
      }),
    );
    const socket = await connectTo(port);
    await once(socket, 'data');
    socket.write('STARTTLS\r\n');
    await once(socket, 'data');
    socket.removeAllListeners('data');
    const secured = await upgradeToTls(socket, { servername: 'localhost', ca }, bounds);
    sockets.push(secured);
    expect(await echo(secured, 'EHLO again')).toBe('EHLO again');
  });
});

describe('checkTlsOptions', () => {
  it.each<[string, TlsOptions]>([
    ['a minVersion below 1.2', { minVersion: 'TLSv1.1' }],
    ['a certificate that is no PEM', { cert: 'nonsense' }],
    ['a key of another certificate', { cert: file('client.crt'), key: serverKey }],
    [
      'a wrong passphrase',
      { cert: file('client.crt'), key: file('client-encrypted.key'), passphrase: 'battery-staple' },
    ],
    ['unknown ciphers', { ciphers: 'NO-SUCH-CIPHER' }],
    ['a fingerprint that is too short', { fingerprint256: 'AB:CD' }],
    ['a SHA-1 fingerprint', { fingerprint256: createHash('sha1').digest('hex') }],
    ['no fingerprint at all', { fingerprint256: [] }],
  ])('refuses %s before any I/O', async (_what, options) => {
    let error: unknown;
    try {
      checkTlsOptions(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_TLS_OPTIONS', hint: expect.any(String) as string });
    expect(String(error)).not.toContain('battery-staple');
    const [near, far] = duplexPair();
    far.destroy();
    expect(await failureOver(near, options)).toBeInstanceOf(MessageError);
  });

  it('refuses an upgrade that has no name to check', async () => {
    const [near] = duplexPair();
    expect(await failureOver(near, { servername: '' })).toMatchObject({ code: 'ERR_INVALID_TLS_OPTIONS' });
    const port = await tlsServer();
    expect((await upgrade(port, { servername: '', rejectUnauthorized: false })).encrypted).toBe(true);
  });
});

describe('tlsExporterBinding', () => {
  it('is the same 32 octets at both ends (RFC 9266)', async () => {
    let atServer: Buffer | undefined;
    const server = createTlsServer(serverIdentity, (socket) => {
      atServer = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
      socket.write('x');
    });
    const secured = await upgrade(await listen(server));
    await once(secured, 'data');
    const binding = tlsExporterBinding(secured);
    expect(binding).toHaveLength(32);
    expect(binding).toEqual(atServer);
  });

  it('is not there below TLS 1.3', async () => {
    const port = await tlsServer({ maxVersion: 'TLSv1.2' });
    expect(tlsExporterBinding(await upgrade(port))).toBeUndefined();
  });
});

describe('certificate fixtures', () => {
  it('hold for the next fifty years', () => {
    const later = Date.now() + 50 * 365 * 86_400_000;
    for (const name of ['ca.crt', 'server.crt', 'wrong-name.crt', 'self-signed.crt', 'client.crt']) {
      expect(Date.parse(new X509Certificate(file(name)).validTo)).toBeGreaterThan(later);
    }
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s', (version) => {
  /** Connects and reads what the server says first: the tickets of TLS 1.3 come with it. */
  async function hear(
    port: number,
    options: TlsOptions & { servername?: string; sessions: TlsSessions },
  ): Promise<TLSSocket> {
    const secured = await upgrade(port, options);
    await once(secured, 'data');
    // They are told of a moment later.
    for (let turn = 0; turn < 100 && options.sessions.last === undefined; turn += 1) await setImmediate();
    return secured;
  }
  async function greeter(options: ServerOptions = {}): Promise<number> {
    const server = createTlsServer(
      { ...serverIdentity, minVersion: version, maxVersion: version, ...options },
      (socket) => {
        socket.on('error', () => undefined);
        socket.write('220 hello');
      },
    );
    server.on('tlsClientError', () => undefined);
    return await listen(server);
  }

  it('is resumed, and is what it was: verified, with its certificate', async () => {
    const port = await greeter();
    const sessions = new TlsSessions();
    const options = { sessions, fingerprint256: fingerprint };
    const first = await hear(port, options);
    const second = await hear(port, options);
    const third = await hear(port, options);
    expect([first, second, third].map((socket) => socket.isSessionReused())).toEqual([false, true, true]);
    for (const socket of [second, third]) expect(tlsInfo(socket)).toEqual(tlsInfo(first));
    expect(tlsInfo(third)).toMatchObject({ authorized: true, certificate: { fingerprint256: fingerprint } });
    // Resuming does not make the verification younger.
    expect(sessions.last?.verifiedAtMs).toBeLessThanOrEqual(sessions.now());
  });

  it('is not resumed where nobody asked for it', async () => {
    const port = await greeter();
    for (let turn = 0; turn < 2; turn += 1) {
      const secured = await upgrade(port);
      await once(secured, 'data');
      expect(secured.isSessionReused()).toBe(false);
    }
  });

  it('is not kept when the certificate was let pass without being verified, or is not the pinned one', async () => {
    const port = await greeter();
    const sessions = new TlsSessions();
    for (const options of [{ ca: file('self-signed.crt') }, { servername: 'other.example' }]) {
      const secured = await hear(port, { ...options, rejectUnauthorized: false, sessions });
      expect([secured.authorized, sessions.last]).toEqual([false, undefined]);
    }
    const stream = await connectTo(port);
    const error = await failureOver(stream, { sessions, fingerprint256: '00'.repeat(32) });
    expect([error, sessions.last]).toMatchObject([{ reason: 'FINGERPRINT_MISMATCH' }, undefined]);
  });

  it('that a server does not know is no fault: the handshake is a whole one', async () => {
    const sessions = new TlsSessions();
    await hear(await greeter(), { sessions });
    expect(sessions.last).toBeDefined();
    const secured = await hear(await greeter(), { sessions });
    expect([secured.isSessionReused(), secured.authorized]).toEqual([false, true]);
    expect(tlsInfo(secured).certificate.fingerprint256).toBe(fingerprint);
  });

  it('is forgotten after a handshake that failed', async () => {
    const sessions = new TlsSessions();
    await hear(await greeter(), { sessions });
    const other = createServer((socket) => socket.end('220 no TLS\r\n'));
    await failureOver(await connectTo(await listen(other)), { sessions });
    expect(sessions.last).toBeUndefined();
  });
});
