/** The connections of a mailer resume the TLS session of the one before, and of no other mailer, server or set of options. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Mailer, type MailerOptions } from '../../src/index.js';
import { createTestCertificate, type TestCertificate } from '../../src/testing/index.js';

const MESSAGE = { from: 'a@example.org', to: 'b@example.org', subject: 'x', text: 'x' };
const ANSWERS: Readonly<Record<string, string>> = { DATA: '354 go on', QUIT: '221 bye', EHLO: '250 here' };

/** Speaks SMTP inside TLS, and notes of each connection whether its session was resumed. */
class TlsServer implements AsyncDisposable {
  readonly resumed: boolean[] = [];
  readonly #server: Server;

  private constructor(certificate: TestCertificate) {
    this.#server = createServer(certificate, (socket) => {
      this.resumed.push(socket.isSessionReused());
      let text = '';
      let inContent = false;
      const say = (line: string): void => {
        socket.write(`${line}\r\n`);
      };
      socket.on('error', () => undefined);
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        const lines = (text + chunk).split('\r\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          if (inContent && line !== '.') continue;
          const verb = inContent ? '.' : (line.split(' ')[0] ?? '');
          inContent = verb === 'DATA';
          say(ANSWERS[verb] ?? '250 ok');
          if (verb === 'QUIT') socket.end();
        }
      });
      say('220 hello');
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(certificate: TestCertificate): Promise<TlsServer> {
    const server = new TlsServer(certificate);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `smtps://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const certificate = createTestCertificate();
const options: MailerOptions = { tls: { ca: certificate.cert }, maxMessagesPerConnection: 1 };

async function sendTwice(mailer: Mailer): Promise<void> {
  const first = await mailer.send(MESSAGE);
  const second = await mailer.send(MESSAGE);
  expect(first.tls?.authorized).toBe(true);
  expect(second.tls).toEqual(first.tls);
}

it('the next connection resumes the session, and verify() begins one of its own', async () => {
  await using server = await TlsServer.start(certificate);
  await using mailer = new Mailer(server.url, options);
  await sendTwice(mailer);
  await mailer.verify();
  expect(server.resumed).toEqual([false, true, false]);
  await mailer.close();
});

it('another mailer with the same options does not, nor does one that trusts nobody', async () => {
  await using server = await TlsServer.start(certificate);
  await using first = new Mailer(server.url, options);
  await sendTwice(first);
  await using second = new Mailer(server.url, options);
  await second.send(MESSAGE);
  expect(server.resumed).toEqual([false, true, false]);
  const distrustful = new Mailer(server.url, { ...options, tls: { ca: createTestCertificate().cert } });
  await expect(distrustful.send(MESSAGE)).rejects.toMatchObject({ code: 'ERR_TLS' });
  await Promise.all([first, second, distrustful].map((mailer) => mailer.close()));
});

it('each server of a mailer has its own', async () => {
  await using one = await TlsServer.start(certificate);
  await using other = await TlsServer.start(certificate);
  await using mailer = new Mailer(`roundrobin:(${one.url},${other.url})`, options);
  await sendTwice(mailer);
  await sendTwice(mailer);
  expect([one.resumed, other.resumed]).toEqual([
    [false, true],
    [false, true],
  ]);
  await mailer.close();
});
