import {
  MessageError,
  SMTP,
  SMTPException,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPResponseException,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
  type SMTPOptions,
} from '../../src/index.js';
import { createTestCertificate, ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { remote } from './tls-server.js';

const EXTENSIONS = ['STARTTLS', 'PIPELINING', 'SIZE 1000'];

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { extensions: EXTENSIONS, ...behave } });
}

function optionsFor(server: ScriptedServer, options: SMTPOptions = {}): SMTPOptions {
  return { host: 'localhost', port: server.port, tls: { mode: 'never', ca: server.certificate }, ...options };
}

async function connected(server: ScriptedServer, options: SMTPOptions = {}): Promise<SMTP> {
  return await SMTP.connect(optionsFor(server, options));
}

const verbs = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ verb }) => verb) ?? [];

describe('starttls', () => {
  it('encrypts, forgets what was said, and says EHLO again before the next message', async () => {
    await using server = await start({
      extensions: ({ tls }) => (tls ? ['SIZE 2000', 'AUTH PLAIN'] : EXTENSIONS),
    });
    await using smtp = await connected(server);
    expect(smtp.hasExtn('starttls')).toBe(true);
    expect(smtp.tls).toBeUndefined();
    expect((await smtp.starttls()).code).toBe(220);
    expect(smtp.tls).toMatchObject({ authorized: true, protocol: expect.stringMatching(/^TLSv1\.[23]$/) as string });
    expect(smtp.tls?.certificate.subject.CN).toBe('localhost');
    expect([smtp.ehloResp, smtp.heloResp, smtp.doesEsmtp]).toEqual([undefined, undefined, false]);
    expect(smtp.esmtpFeatures.size).toBe(0);
    const result = await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n');
    expect(result.tls).toEqual(smtp.tls);
    expect(smtp.esmtpFeatures.get('size')).toBe('2000');
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'DATA']);
    expect(server.connections[0]?.commands.map(({ tls }) => tls)).toEqual([false, false, true, true, true, true]);
  });

  it('counts for its connection alone: the next one begins in clear text, with the mechanisms for that', async () => {
    await using server = await start({
      extensions: ['STARTTLS', 'AUTH CRAM-MD5 PLAIN'],
      accounts: { ann: 'secret' },
    });
    await using smtp = await connected(server);
    await smtp.starttls();
    await smtp.login('ann', 'secret');
    smtp.close();
    expect(smtp.tls).toBeUndefined();
    await smtp.connect();
    expect([smtp.tls, smtp.authenticated]).toEqual([undefined, false]);
    await smtp.login('ann', 'secret');
    const auth = server.connections.map(({ commands }) => commands.find(({ verb }) => verb === 'AUTH')?.line);
    expect(auth).toEqual([expect.stringMatching(/^AUTH PLAIN/), 'AUTH CRAM-MD5']);
  });

  it('says EHLO first when it was not said', async () => {
    await using server = await start();
    await using smtp = new SMTP(optionsFor(server));
    await smtp.connect();
    await smtp.starttls();
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS']);
  });

  it('is not done twice on one connection, and again on a new one', async () => {
    await using server = await start({ on: { 'EHLO:2': '250-x\n250 STARTTLS' } });
    await using smtp = await connected(server);
    await smtp.starttls();
    await smtp.ehlo();
    const error = await rejectionOf(smtp.starttls());
    expect(error).toBeInstanceOf(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    expect((await smtp.noop()).code).toBe(250);
    await smtp.connect();
    expect(smtp.tls).toBeUndefined();
    await smtp.starttls();
    expect(smtp.tls?.authorized).toBe(true);
  });

  it('forgets a login that came before it', async () => {
    await using server = await start({ extensions: [...EXTENSIONS, 'AUTH PLAIN'], accounts: { ann: 'secret' } });
    await using smtp = await connected(server);
    await smtp.login('ann', 'secret');
    expect(smtp.authenticated).toBe(true);
    await smtp.starttls();
    expect(smtp.authenticated).toBe(false);
  });

  it('that is not offered is an error, and nothing is sent', async () => {
    await using server = await start({ extensions: ['SIZE'] });
    await using smtp = await connected(server);
    const error = await rejectionOf(smtp.starttls());
    expect(error).toBeInstanceOf(SMTPNotSupportedError);
    expect(error).toMatchObject({ stage: 'starttls', delivery: 'not-sent' });
    expect(verbs(server)).toEqual(['EHLO']);
    expect(smtp.connected).toBe(true);
  });

  it.each([
    ['454 4.7.0 not now', true, true],
    ['501 5.5.4 no', false, true],
    ['421 4.3.2 bye', true, false],
    ['250 ok', false, false],
    ['354 ok', false, false],
  ])('answered with %s is refused, without a handshake', async (reply, retryable, usable) => {
    await using server = await start({ on: { STARTTLS: reply } });
    await using smtp = await connected(server);
    const error = await rejectionOf(smtp.starttls());
    expect(error).toBeInstanceOf(SMTPResponseException);
    expect(error).toMatchObject({ stage: 'starttls', retryable, delivery: 'not-sent' });
    expect([smtp.connected, smtp.tls]).toEqual([usable, undefined]);
  });

  it.each([
    ['in the same packet', ['(cork)', '220 go', '(surplus "250-injected\\r\\n")', '(uncork)']],
    ['a whole reply in the same packet', ['(cork)', '220 go', '(surplus 250 injected)', '(uncork)']],
    ['half a line', ['(cork)', '220 go', '(surplus "25")', '(uncork)']],
    ['no SMTP at all', ['(cork)', '220 go', '(surplus "\\x16\\x03")', '(uncork)']],
    ['a second packet', ['220 go', '(flush)', '(surplus 250 injected)', '(flush)']],
  ])('treats what comes behind the 220 as an injection: %s', async (_name, answer) => {
    await using server = await start({ on: { STARTTLS: answer } });
    await using smtp = await connected(server);
    const error = await rejectionOf(smtp.starttls());
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ delivery: 'not-sent' });
    expect(smtp.connected).toBe(false);
    expect(smtp.ehloResp?.lines ?? []).not.toContain('injected');
  });

  it.each([
    ['a close', '(close)', SMTPServerDisconnected],
    ['garbage', 'what', SMTPProtocolError],
    ['silence', '(hold)', SMTPTimeoutError],
  ] as const)('ends with %s', async (_name, answer, expected) => {
    await using server = await start({ on: { STARTTLS: answer } });
    await using smtp = await connected(server, { timeoutMs: { starttls: 60 } });
    expect(await rejectionOf(smtp.starttls())).toBeInstanceOf(expected);
    expect(smtp.connected).toBe(false);
  });

  it.each([
    ['a close', ['220 go', '(close)'], SMTPTlsError],
    ['a reset', ['220 go', '(flush)', '(reset)'], SMTPTlsError],
    ['silence', ['220 go', '(hold)'], SMTPTimeoutError],
  ] as const)('a handshake that ends with %s ends the connection', async (_name, answer, expected) => {
    await using server = await start({ on: { STARTTLS: answer } });
    await using smtp = await connected(server, { timeoutMs: { tls: 200 } });
    const error = await rejectionOf(smtp.starttls());
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ stage: 'tls', delivery: 'not-sent' });
    expect(smtp.connected).toBe(false);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('checks its options before it asks the server', async () => {
    await using server = await start();
    await using smtp = await connected(server);
    for (const tls of [{ fingerprint256: 'beef' }, { cert: 'no PEM' }, { minVersion: 'TLSv1' as const }]) {
      expect(await rejectionOf(smtp.starttls(tls))).toBeInstanceOf(MessageError);
    }
    expect(verbs(server)).toEqual(['EHLO']);
    expect((await smtp.starttls()).code).toBe(220);
  });
});

describe('the certificate', () => {
  it('is verified by default, and against the host that was given', async () => {
    await using server = await start();
    await using unknown = await connected(server, { tls: 'never' });
    expect(await rejectionOf(unknown.starttls())).toMatchObject({ name: 'SMTPTlsError', retryable: false });
    const other = createTestCertificate({ names: ['other.example.org'] });
    await using wrong = await ScriptedServer.start({ behave: { extensions: EXTENSIONS } }, { tls: other });
    await using byName = await connected(wrong);
    expect(await rejectionOf(byName.starttls())).toMatchObject({ reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await using named = await connected(wrong);
    await named.starttls({ servername: 'other.example.org' });
    expect(named.tls?.authorized).toBe(true);
  });

  it('that does not verify passes only with an explicit rejectUnauthorized: false', async () => {
    await using server = await start();
    await using smtp = await connected(server, { tls: 'never' });
    await smtp.starttls({ rejectUnauthorized: false });
    expect(smtp.tls?.authorized).toBe(false);
  });

  it('can be pinned', async () => {
    await using server = await start();
    await using first = await connected(server);
    await first.starttls();
    const fingerprint256 = first.tls?.certificate.fingerprint256 ?? '';
    await using pinned = await connected(server);
    await pinned.starttls({ fingerprint256 });
    expect(pinned.tls?.authorized).toBe(true);
    await using other = await connected(server);
    expect(await rejectionOf(other.starttls({ fingerprint256: '00'.repeat(32) }))).toMatchObject({
      reason: 'FINGERPRINT_MISMATCH',
    });
  });

  it('of the client is shown when it is asked for', async () => {
    const client = createTestCertificate({ names: ['client.example.org'] });
    await using server = await ScriptedServer.start(
      { behave: { extensions: EXTENSIONS } },
      { tls: { requestCert: true, rejectUnauthorized: true, ca: client.cert } },
    );
    await using smtp = await connected(server);
    await smtp.starttls({ cert: client.cert, key: client.key });
    expect((await smtp.ehlo()).code).toBe(250);
    expect(smtp.tls?.authorized).toBe(true);
  });

  it('needs TLS 1.2 at least', async () => {
    await using server = await start();
    await using smtp = await connected(server);
    await smtp.starttls({ minVersion: 'TLSv1.3' });
    expect(smtp.tls?.protocol).toBe('TLSv1.3');
  });
});

describe('REQUIRETLS', () => {
  it('goes only over verified TLS where it is offered after STARTTLS', async () => {
    await using server = await start({ extensions: ({ tls }) => (tls ? ['REQUIRETLS'] : EXTENSIONS) });
    await using smtp = await connected(server);
    const send = async (client: SMTP): Promise<unknown> =>
      await client.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n', { requireTls: true });
    expect(await rejectionOf(send(smtp))).toBeInstanceOf(SMTPNotSupportedError);
    await smtp.starttls();
    await send(smtp);
    expect(server.messages[0]?.parameters).toContain('REQUIRETLS');
    await using careless = await connected(server);
    await careless.starttls({ rejectUnauthorized: false, ca: [] });
    expect(await rejectionOf(send(careless))).toBeInstanceOf(SMTPNotSupportedError);
  });
});

describe('the host that SNI and the certificate are checked against', () => {
  it('is the one given, whatever the connector connects to', async () => {
    const certificate = createTestCertificate({ names: ['mail.example.org'] });
    await using server = await ScriptedServer.start({ behave: { extensions: EXTENSIONS } }, { tls: certificate });
    await using smtp = await SMTP.connect(remote(server, { tls: { mode: 'required', ca: certificate.cert } }));
    expect(smtp.tls?.authorized).toBe(true);
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS', 'EHLO']);
  });
});
