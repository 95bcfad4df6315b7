// Each server by itself, in raw lines: it starts, offers what the tables say, takes a message byte for byte, and is gone.
import { readdir } from 'node:fs/promises';
import { makeCertificates } from './certificates.js';
import { instancesOfWorker } from './jail.js';
import { ALICE, BOB, PASSWORD, SENDER, UNKNOWN, USER } from './mailboxes.js';
import { RawSession } from './raw-session.js';
import type { InteropServer } from './servers/server.js';
import { accessToken } from './servers/access-token.js';
import { startAiosmtpd } from './servers/aiosmtpd.js';
import { startDovecotLmtp } from './servers/dovecot-lmtp.js';
import { startExim } from './servers/exim.js';
import { startOpenSmtpd } from './servers/opensmtpd.js';
import { startPostfix } from './servers/postfix.js';
import { startSmtpServer } from './servers/smtp-server.js';
import { startSmtpSink } from './servers/smtp-sink.js';

const CONTENT =
  'From: sender@interop.test\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@interop.test>\r\nSubject: raw\r\n\r\n..a line with a dot\r\n...\r\nü\r\n \r\n\r\nend\r\n';
const UNSTUFFED = Buffer.from(CONTENT.replaceAll('\r\n..', '\r\n.'));

const bearer = (token: string): string => `user=${USER}\x01auth=Bearer ${token}\x01\x01`;
const ONE_STEP_LOGINS = [
  ['PLAIN', `\0${USER}\0${PASSWORD}`, `\0${USER}\0wrong`],
  ['XOAUTH2', bearer(accessToken()), bearer('wrong')],
  ['OAUTHBEARER', `n,a=${USER},\x01auth=Bearer ${accessToken()}\x01\x01`, `n,a=${USER},\x01auth=Bearer wrong\x01\x01`],
  ['EXTERNAL', '', ''],
] as const;

interface Case {
  readonly name: string;
  readonly start: () => Promise<InteropServer>;
  readonly refusesUnknown: boolean;
}

const CASES: readonly Case[] = [
  { name: 'smtp-sink', start: () => startSmtpSink(), refusesUnknown: false },
  { name: 'Postfix', start: startPostfix, refusesUnknown: true },
  { name: 'Exim', start: startExim, refusesUnknown: true },
  { name: 'OpenSMTPD', start: startOpenSmtpd, refusesUnknown: true },
  { name: 'Dovecot LMTP', start: startDovecotLmtp, refusesUnknown: true },
  { name: 'aiosmtpd', start: startAiosmtpd, refusesUnknown: true },
  { name: 'smtp-server', start: startSmtpServer, refusesUnknown: true },
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
    expect((await session.command(`MAIL FROM:<${SENDER}>`)).code).toBe(250);
    expect((await session.command(`RCPT TO:<${ALICE}>`)).code).toBe(250);
    expect((await session.command(`RCPT TO:<${BOB}>`)).code).toBe(250);
    const unknown = await session.command(`RCPT TO:<${UNKNOWN}>`);
    expect(Math.floor(unknown.code / 100)).toBe(refusesUnknown ? 5 : 2);
    expect((await session.command('DATA')).code).toBe(354);
    expect((await session.content(CONTENT)).code).toBe(250);
    if (server.plain.protocol === 'lmtp') expect((await session.reply()).code).toBe(250);
    session.end();
    const arrivals = await server.received();
    const accepted = refusesUnknown ? [ALICE, BOB] : [ALICE, BOB, UNKNOWN];
    expect(arrivals.map(({ recipient }) => recipient)).toEqual(accepted);
    for (const arrival of arrivals) {
      expect(arrival.envelopeFrom).toBe(SENDER);
      expect(arrival.bytes.toString('latin1')).toBe(UNSTUFFED.toString('latin1'));
    }
    expect(await server.received()).toEqual([]);
  });

  it('offers the login mechanisms of its table after STARTTLS, with a certificate that the test authority signed', async () => {
    if (server.submission?.tls !== 'starttls') {
      expect(server.plain.keywords.includes('STARTTLS')).toBe(server.tlsFault !== undefined);
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

  it('fails a handshake exactly when its table says so', async () => {
    if (server.plain.tls !== 'starttls') return;
    const session = await RawSession.open(server.plain.address);
    await session.reply();
    await session.keywords();
    expect((await session.command('STARTTLS')).code).toBe(220);
    const handshake = session.upgrade((await makeCertificates()).ca);
    if (server.tlsFault === undefined) await handshake;
    else await expect(handshake).rejects.toThrow(/internal error/);
    session.end();
  });

  it('lets the user of the tests in by each mechanism that takes one step, and nobody else', async () => {
    if (server.submission?.tls !== 'starttls') return;
    const { ca, clientCert, clientKey } = await makeCertificates();
    for (const [mechanism, right, wrong] of ONE_STEP_LOGINS) {
      if (!server.submission.mechanisms.includes(mechanism)) continue;
      for (const [response, expected] of [[right, 235] as const, [wrong, 535] as const]) {
        const session = await RawSession.open(server.submission.address);
        await session.reply();
        await session.keywords();
        await session.command('STARTTLS');
        const client = mechanism === 'EXTERNAL' && expected === 535 ? {} : { cert: clientCert, key: clientKey };
        await session.upgrade(ca, client);
        await session.keywords();
        let reply = await session.command(`AUTH ${mechanism} ${Buffer.from(response).toString('base64') || '='}`);
        if (reply.code === 334) reply = await session.command('AQ==');
        expect([mechanism, reply.code]).toEqual([mechanism, expected]);
        session.end();
      }
    }
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
    expect(await readdir(instancesOfWorker())).toEqual([]);
  });
});
