/** Options, URLs and services of nodemailer as those of a Mailer. */
import wellKnown from 'nodemailer/lib/well-known';
import { mailerOptionsOf, withUrlAndService } from '../../src/nodemailer/mailer-options.js';
import { serviceNames, serviceOf } from '../../src/nodemailer/services.js';
import { createTransport, type SmtpTransportOptions } from '../../src/nodemailer/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const read = (options: string | SmtpTransportOptions, hasLogin = false) =>
  mailerOptionsOf(withUrlAndService(options), hasLogin);

describe('the server', () => {
  it.each<[string | SmtpTransportOptions, string]>([
    [{}, 'smtp://localhost:587'],
    [{ host: 'mail.example.org', secure: true }, 'smtps://mail.example.org:465'],
    [{ host: 'mail.example.org', port: 465 }, 'smtps://mail.example.org:465'],
    [{ host: 'mail.example.org', port: 465, secure: false }, 'smtp://mail.example.org:465'],
    [{ host: '::1', port: '2525' }, 'smtp://[::1]:2525'],
    [{ host: 'h', port: 24, lmtp: true }, 'lmtp://h:24'],
    ['smtps://mail.example.org', 'smtps://mail.example.org:465'],
    ['smtp://[::1]:25', 'smtp://[::1]:25'],
    [{ url: 'smtp://first.example:2525', host: 'second.example' }, 'smtp://first.example:2525'],
    [{ service: 'Gmail', host: 'ignored.example' }, 'smtps://smtp.gmail.com:465'],
    ['smtp://?service=mailgun', 'smtps://smtp.mailgun.org:465'],
  ])('of %p is %s', (options, url) => {
    expect(read(options).url).toBe(url);
  });

  it.each([
    { port: 70_000 },
    { port: 'x' },
    { lmtp: true, secure: true },
    'ftp://example.org',
    'smtp:// x',
    'smtp://%zz@h',
    { service: 'Nobody' },
  ])('is refused: %p', (options) => {
    expect(() => read(options as SmtpTransportOptions)).toThrow(expect.objectContaining({ code: 'ECONFIG' }) as Error);
  });
});

it('what a URL says behind its question mark are options', () => {
  expect(withUrlAndService('smtp://ann:p%40ss@h?pool=true&maxConnections=3&tls.servername=x&name=me')).toEqual({
    host: 'h',
    secure: false,
    auth: { user: 'ann', pass: 'p@ss' },
    pool: true,
    maxConnections: 3,
    name: 'me',
    tls: { servername: 'x' },
  });
});

describe('TLS', () => {
  it.each<[SmtpTransportOptions, boolean, string | undefined]>([
    [{ host: 'h' }, false, 'opportunistic'],
    [{ host: 'h' }, true, 'required'],
    [{ host: 'localhost' }, true, 'opportunistic'],
    [{ host: 'h', allowInsecureAuth: true }, true, 'opportunistic'],
    [{ host: 'h', requireTLS: true, ignoreTLS: true }, false, 'required'],
    [{ host: 'h', ignoreTLS: true }, true, 'never'],
    [{ host: 'h', opportunisticTLS: true }, false, 'opportunistic'],
    [{ host: 'h', secure: true }, true, undefined],
  ])('of %p with login %p is %p', (options, hasLogin, mode) => {
    const { tls } = read(options, hasLogin);
    expect(typeof tls === 'object' ? tls.mode : tls).toBe(mode);
  });

  it('keeps a login off a connection in clear text', async () => {
    await using server = await ScriptedServer.start({
      behave: { accounts: { ann: 'secret' }, extensions: ['AUTH PLAIN'] },
    });
    const auth = { user: 'ann', pass: 'secret' };
    // A host that is not this one, as far as its name says.
    const options = { host: 'mail.example.org', port: server.port, auth, mailer: { connector: server.connector } };
    const mail = { from: 'a@example.org', to: 'b@example.org', text: 'x' };
    for (const more of [{}, { ignoreTLS: true }]) {
      await using transport = createTransport({ ...options, ...more });
      expect(await rejectionOf(transport.sendMail(mail))).toMatchObject({ delivery: 'not-sent' });
    }
    expect(server.log).not.toMatch(/AUTH PLAIN A/);
    await using transport = createTransport({ ...options, allowInsecureAuth: true });
    expect((await transport.sendMail(mail)).accepted).toEqual(['b@example.org']);
  });

  it('passes on what it knows and refuses the rest by its name', () => {
    expect(read({ servername: 'n', tls: { rejectUnauthorized: false, minVersion: 'TLSv1.2' } }).tls).toEqual({
      mode: 'opportunistic',
      servername: 'n',
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    expect(() => read({ tls: { secureProtocol: 'x' } })).toThrow(/tls\.secureProtocol/);
  });
});

it('pools, rates and time-outs', () => {
  expect(
    read({
      pool: true,
      maxConnections: 3,
      maxMessages: 7,
      maxRequeues: 2,
      rateLimit: 5,
      name: 'me.example',
      localAddress: '127.0.0.1',
    }),
  ).toMatchObject({
    maxConnections: 3,
    maxMessagesPerConnection: 7,
    retry: { attempts: 3 },
    rate: { messages: 5, perMs: 1_000 },
    localHostname: 'me.example',
    sourceAddress: '127.0.0.1',
    idleTimeoutMs: 240_000,
  });
  expect(read({ name: '' })).not.toHaveProperty('localHostname');
  expect(read({ rateLimit: 5, rateDelta: 60_000, idleTimeout: 9 })).toMatchObject({
    rate: { messages: 5, perMs: 60_000 },
    idleTimeoutMs: 9,
  });
  expect(read({}).idleTimeoutMs).toBe(500);
  expect(read({ connectionTimeout: 1, greetingTimeout: 2, socketTimeout: 3 }).timeoutMs).toEqual({
    connect: 1,
    greeting: 2,
    starttls: 2,
    tls: 2,
    hello: 3,
    auth: 3,
    mail: 3,
    rcpt: 3,
    data: 3,
    body: 3,
    rset: 3,
    command: 3,
    final: 60_000,
  });
});

it.each([
  { host: 'h', hots: 'x' },
  { Host: 'h' },
  { proxy: 'http://p' },
  { SES: {} },
  { sendmail: true },
  { getSocket: () => undefined },
])('an option that is not understood is refused by its name: %p', (options) => {
  const name = Object.keys(options).at(-1) ?? '';
  expect(() => read(options as SmtpTransportOptions)).toThrow(
    expect.objectContaining({ code: 'ECONFIG', message: expect.stringContaining(name) as string }) as Error,
  );
});

it('options of the Mailer outweigh, and a wrong one shows at once', () => {
  expect(read({ maxConnections: 2, mailer: { maxConnections: 9, overlap: 'none' } })).toMatchObject({
    maxConnections: 9,
    overlap: 'none',
  });
  expect(() => createTransport({ mailer: { overlap: 'x' as never } })).toThrow(
    expect.objectContaining({ code: 'ECONFIG' }) as Error,
  );
});

it('the services are those that nodemailer knows by the same names', () => {
  for (const name of [...serviceNames, 'SES', 'SES-EU-WEST-1', 'ann@gmail.com', 'Google Mail']) {
    const known = wellKnown(name);
    if (known === false) throw new Error(name);
    expect([name, serviceOf(name)]).toEqual([
      name,
      { host: known.host, port: Number(known.port), secure: Number(known.port) === 465 },
    ]);
  }
});
