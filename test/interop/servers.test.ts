// Each server by itself, in raw lines: it starts, offers what the tables say, takes a message byte for byte, and is gone.
import { readdir } from 'node:fs/promises';
import { makeCertificates } from './certificates.js';
import { addressOf, UNKNOWN_USER } from './mailboxes.js';
import { RawSession } from './raw-session.js';
import type { InteropServer } from './servers/server.js';
import { startPostfix } from './servers/postfix.js';
import { startSmtpSink } from './servers/smtp-sink.js';

const CONTENT = 'Subject: raw\r\n\r\n..a line with a dot\r\n...\r\nü\r\n \r\n\r\nend\r\n';
const UNSTUFFED = Buffer.from(CONTENT.replaceAll('\r\n..', '\r\n.'));

interface Case {
  readonly name: string;
  readonly start: () => Promise<InteropServer>;
  readonly refusesUnknown: boolean;
}

const CASES: readonly Case[] = [
  { name: 'smtp-sink', start: () => startSmtpSink(), refusesUnknown: false },
  { name: 'Postfix', start: startPostfix, refusesUnknown: true },
];

describe.each(CASES)('$name', ({ start, refusesUnknown }) => {
  let server: InteropServer;
  let running = false;

  beforeAll(async () => {
    server = await start();
    running = true;
  });
  afterAll(async () => {
    if (running) await server.stop();
  });

  const hello = (): 'EHLO' | 'LHLO' => (server.plain.protocol === 'lmtp' ? 'LHLO' : 'EHLO');

  it('greets and offers exactly the extensions of its table', async () => {
    const session = await RawSession.open(server.plain.address);
    expect((await session.reply()).code).toBe(220);
    expect(await session.keywords(hello())).toEqual(server.plain.keywords);
    session.end();
  });

  it('delivers a message byte for byte to each accepted recipient', async () => {
    const session = await RawSession.open(server.plain.address);
    await session.reply();
    await session.keywords(hello());
    expect((await session.command(`MAIL FROM:<${addressOf('sender')}>`)).code).toBe(250);
    expect((await session.command(`RCPT TO:<${addressOf('alice')}>`)).code).toBe(250);
    expect((await session.command(`RCPT TO:<${addressOf('bob')}>`)).code).toBe(250);
    const unknown = await session.command(`RCPT TO:<${addressOf(UNKNOWN_USER)}>`);
    expect(Math.floor(unknown.code / 100)).toBe(refusesUnknown ? 5 : 2);
    expect((await session.command('DATA')).code).toBe(354);
    expect((await session.content(CONTENT)).code).toBe(250);
    if (server.plain.protocol === 'lmtp') expect((await session.reply()).code).toBe(250);
    session.end();
    const arrivals = await server.received();
    const users = refusesUnknown ? ['alice', 'bob'] : ['alice', 'bob', UNKNOWN_USER];
    expect(arrivals.map(({ recipient }) => recipient)).toEqual(users.map(addressOf));
    for (const arrival of arrivals) {
      expect(arrival.envelopeFrom).toBe(addressOf('sender'));
      expect(arrival.bytes.toString('latin1')).toBe(UNSTUFFED.toString('latin1'));
    }
    expect(await server.received()).toEqual([]);
  });

  it('offers the login mechanisms of its table after STARTTLS, with a certificate that the test authority signed', async () => {
    if (server.submission === undefined) {
      expect(server.plain.keywords).not.toContain('STARTTLS');
      return;
    }
    const { ca } = await makeCertificates();
    const session = await RawSession.open(server.submission.address);
    await session.reply();
    expect(await session.keywords()).toEqual(server.submission.keywords);
    expect((await session.command('STARTTLS')).code).toBe(220);
    await session.upgrade(ca);
    const { lines } = await session.command('EHLO localhost');
    const offered = lines
      .find((line) => line.startsWith('AUTH '))
      ?.split(' ')
      .slice(1)
      .sort();
    expect(offered).toEqual(server.submission.mechanisms);
    session.end();
  });

  it('speaks TLS from the first octet on its implicit TLS port', async () => {
    if (server.implicitTls === undefined) return;
    const session = await RawSession.open(server.implicitTls.address, (await makeCertificates()).ca);
    expect((await session.reply()).code).toBe(220);
    expect(await session.keywords()).toEqual(server.implicitTls.keywords);
    session.end();
  });

  it('stops without leaving a file', async () => {
    await server.stop();
    running = false;
    expect(await readdir(process.env['POSTHASTE_INTEROP_INSTANCES'] ?? '')).toEqual([]);
  });
});
