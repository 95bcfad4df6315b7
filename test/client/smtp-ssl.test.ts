import { connect as tlsConnect, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import {
  SMTP,
  SMTP_PORT,
  SMTP_SSL,
  SMTP_SSL_PORT,
  SMTPConnectError,
  type SMTPException,
  SMTPTimeoutError,
  SMTPTlsError,
} from '../../src/index.js';
import { createTestCertificate, ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { scramServer } from './sasl-servers.js';

async function start(behave: Parameters<typeof ScriptedServer.start>[0] = { behave: {} }): Promise<ScriptedServer> {
  return await ScriptedServer.start(behave, { implicitTls: true });
}

describe('SMTP_SSL', () => {
  it('has the port of submission over TLS', async () => {
    expect([SMTP_PORT, SMTP_SSL_PORT]).toEqual([25, 465]);
    const asked: unknown[] = [];
    const smtp = new SMTP_SSL({
      host: 'mail.example.org',
      connector: (target) => {
        asked.push(target);
        return Promise.reject(new Error('only asking'));
      },
    });
    await rejectionOf(smtp.connect());
    expect(asked).toEqual([{ host: 'mail.example.org', port: 465 }]);
  });

  it('is encrypted before the greeting, and never asks for STARTTLS', async () => {
    await using server = await start({ behave: { extensions: ['STARTTLS', 'PIPELINING'] } });
    await using smtp = await SMTP_SSL.connect({
      host: 'localhost',
      port: server.port,
      tls: { ca: server.certificate },
    });
    expect(smtp.tls).toMatchObject({ authorized: true, cipher: expect.any(String) as string });
    const result = await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n');
    expect(result.tls?.certificate.fingerprint256).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(server.connections[0]?.commands.every(({ tls }) => tls)).toBe(true);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).not.toContain('STARTTLS');
  });

  it('takes an smtps URL, by address too', async () => {
    await using server = await start();
    await using smtp = await SMTP_SSL.connect(server.url, { tls: { ca: server.certificate } });
    expect(smtp.tls?.authorized).toBe(true);
  });

  it('is encrypted also when the mode says never: that word is about STARTTLS', async () => {
    await using server = await start();
    await using smtp = await SMTP_SSL.connect({
      host: 'localhost',
      port: server.port,
      tls: { mode: 'never', ca: server.certificate },
    });
    expect(smtp.tls).toBeDefined();
  });

  it('verifies the certificate, and says nothing before', async () => {
    await using server = await start();
    const error = await rejectionOf(SMTP_SSL.connect({ host: 'localhost', port: server.port }));
    expect(error).toBeInstanceOf(SMTPTlsError);
    expect(error).toMatchObject({ stage: 'tls', delivery: 'not-sent', retryable: false });
    await using expired = await ScriptedServer.start(
      { behave: {} },
      {
        implicitTls: true,
        tls: createTestCertificate({ notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }),
      },
    );
    const late = await rejectionOf(
      SMTP_SSL.connect({ host: 'localhost', port: expired.port, tls: { ca: expired.certificate } }),
    );
    expect(late).toMatchObject({ reason: 'CERT_HAS_EXPIRED' });
    expect([...server.connections, ...expired.connections].flatMap(({ commands }) => commands)).toEqual([]);
  });

  it('gets a hint on a port that speaks plain text', async () => {
    await using plain = await ScriptedServer.start({ behave: {} });
    const error = await rejectionOf(SMTP_SSL.connect({ host: 'localhost', port: plain.port }));
    expect(error).toBeInstanceOf(SMTPTlsError);
    expect((error as SMTPException).hint).toMatch(/STARTTLS|plain/i);
  });

  it('is what the plain client is told about on a port that expects TLS', async () => {
    await using server = await start();
    const error = await rejectionOf(
      SMTP.connect({ host: 'localhost', port: server.port, timeoutMs: { greeting: 80 } }),
    );
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect((error as SMTPException).hint).toContain('SMTP_SSL');
  });

  it('reads the greeting as SMTP does', async () => {
    await using server = await start({ behave: { on: { greeting: '554 5.7.1 no' } } });
    const error = await rejectionOf(
      SMTP_SSL.connect({ host: 'localhost', port: server.port, tls: { ca: server.certificate } }),
    );
    expect(error).toBeInstanceOf(SMTPConnectError);
  });
});

describe('SCRAM over TLS', () => {
  /** A server of its own: the test needs the keying material of its session. */
  async function withScramServer(
    offered: string,
    run: (port: number, ca: string, lines: string[]) => Promise<void>,
    maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
  ): Promise<void> {
    const certificate = createTestCertificate();
    const lines: string[] = [];
    const sockets = new Set<TLSSocket>();
    const server = createTlsServer({ ...certificate, maxVersion }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      const binding = (): Uint8Array => socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
      let exchange: Generator<Buffer, boolean, Buffer> | undefined;
      const say = (line: string): unknown => socket.write(`${line}\r\n`);
      const go = (answer: Buffer | undefined): void => {
        const turn = answer === undefined ? exchange?.next() : exchange?.next(answer);
        if (turn?.done === false) say(`334 ${turn.value.toString('base64')}`);
        else {
          exchange = undefined;
          say(turn?.value === true ? '235 2.7.0 welcome' : '535 5.7.8 no');
        }
      };
      let rest = '';
      socket.on('data', (chunk: Buffer) => {
        rest += chunk.toString();
        for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 2);
          lines.push(line);
          const [verb, mechanism = '', initial] = line.split(' ');
          if (exchange !== undefined) go(Buffer.from(line, 'base64'));
          else if (verb === 'AUTH') {
            const plus = mechanism.endsWith('-PLUS');
            const hash = mechanism.includes('256') ? 'sha256' : 'sha1';
            exchange = scramServer(plus ? { hash, binding } : { hash })({
              initial: initial === undefined ? undefined : Buffer.from(initial, 'base64'),
              passwordOf: (user) => (user === 'ann' ? 'secret' : undefined),
              hostname: 'scram.test',
            });
            go(undefined);
          } else if (verb === 'EHLO') say(`250-scram.test\r\n250 AUTH ${offered}`);
          else say(verb === 'QUIT' ? '221 bye' : '250 ok');
        }
      });
      say('220 scram.test');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await run((server.address() as AddressInfo).port, certificate.cert, lines);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  const auth = { user: 'ann', password: 'secret' };
  const gs2 = (line: string | undefined): string =>
    Buffer.from(line?.split(' ')[2] ?? '', 'base64')
      .toString()
      .split(',')[0] ?? '';

  it.each([
    ['SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN', 'SCRAM-SHA-256-PLUS', 'p=tls-exporter'],
    ['SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN', 'SCRAM-SHA-1-PLUS', 'p=tls-exporter'],
    ['SCRAM-SHA-1-PLUS SCRAM-SHA-256', 'SCRAM-SHA-256', 'n'],
    ['SCRAM-SHA-256 PLAIN', 'SCRAM-SHA-256', 'y'],
  ])('of %s takes %s', async (offered, chosen, flag) => {
    await withScramServer(offered, async (port, ca, lines) => {
      await using smtp = await SMTP_SSL.connect({ host: 'localhost', port, tls: { ca }, auth });
      expect(smtp.authenticated).toBe(true);
      const line = lines.find((one) => one.startsWith('AUTH'));
      expect(line?.split(' ')[1]).toBe(chosen);
      expect(gs2(line)).toBe(flag);
    });
  });

  it('does not bind below TLS 1.3', async () => {
    await withScramServer(
      'SCRAM-SHA-256-PLUS SCRAM-SHA-256',
      async (port, ca, lines) => {
        await using smtp = await SMTP_SSL.connect({ host: 'localhost', port, tls: { ca }, auth });
        expect(smtp.tls?.protocol).toBe('TLSv1.2');
        expect(lines.find((one) => one.startsWith('AUTH'))?.split(' ')[1]).toBe('SCRAM-SHA-256');
      },
      'TLSv1.2',
    );
  });

  it('is refused when the server sees another session: somebody is in between', async () => {
    await withScramServer('SCRAM-SHA-256-PLUS', async (port, ca) => {
      const relay = createTestCertificate();
      const open = new Set<TLSSocket>();
      const server = createTlsServer(relay, (near) => {
        const far = tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca });
        for (const socket of [near, far]) {
          open.add(socket);
          socket.on('error', () => undefined);
        }
        near.pipe(far);
        far.pipe(near);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const error = await rejectionOf(
          SMTP_SSL.connect({
            host: 'localhost',
            port: (server.address() as AddressInfo).port,
            tls: { ca: relay.cert },
            auth,
          }),
        );
        expect(error).toMatchObject({ name: 'SMTPAuthenticationError', mechanism: 'SCRAM-SHA-256-PLUS' });
      } finally {
        for (const socket of open) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  });
});
