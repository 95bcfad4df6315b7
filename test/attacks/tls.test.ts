/** Somebody on the way who removes TLS, speaks into it, or stands in for the server; and a server that asks for a weaker login. */
import { SMTP, SMTP_SSL, type SMTPOptions } from '../../src/index.js';
import { createTestCertificate, ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { scramServer } from '../client/sasl-servers.js';
import { refusalOf } from './world.js';

const auth = { user: 'ann', password: 'Tr0ub4dor-and-3' };

/** As on a network: the name of the target is no loopback, whatever it is connected to. */
async function connectTo(server: ScriptedServer, options: SMTPOptions): Promise<SMTP> {
  return await SMTP.connect({ host: 'mail.test', connector: server.connector, ...options });
}

async function started(behave: Behaviour): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave }, { listen: false, violations: 'record' });
}

const sent = (server: ScriptedServer): string =>
  server.connections
    .flatMap(({ commands }) => commands.map(({ line, tls }) => `${tls ? 'tls' : 'clear'} ${line}`))
    .join('\n');

describe('STARTTLS stripping', () => {
  const stripped: Behaviour = { extensions: ['AUTH PLAIN LOGIN'], accounts: { ann: auth.password } };

  it('with credentials ends the session before the login, by the default and by tls: opportunistic', async () => {
    for (const options of [{}, { tls: 'opportunistic' as const }, { tls: 'never' as const }]) {
      await using server = await started(stripped);
      await refusalOf(() => connectTo(server, { auth, ...options }));
      expect(sent(server)).not.toContain('AUTH');
    }
  });

  it('of a reply to STARTTLS, 454 or 502, ends it as well: no silent fall-back', async () => {
    for (const answer of ['454 4.7.0 not now', '502 5.5.1 no']) {
      await using server = await started({ extensions: ['STARTTLS', 'AUTH PLAIN'], on: { STARTTLS: answer } });
      await refusalOf(() => connectTo(server, { tls: 'opportunistic' }));
      await refusalOf(() => connectTo(server, { auth }));
      expect(sent(server)).not.toMatch(/AUTH|MAIL/);
    }
  });

  it('is no way round login(), auth() and docmd', async () => {
    await using server = await started(stripped);
    const client = new SMTP({ host: 'mail.test', connector: server.connector });
    await client.connect();
    await client.ehlo();
    for (const call of [
      () => client.login('ann', auth.password),
      () => client.auth('PLAIN', () => `\0ann\0${auth.password}`),
      () => client.docmd('AUTH', `PLAIN ${Buffer.from(`\0ann\0${auth.password}`).toString('base64')}`),
      () => client.putcmd('AUTH', 'LOGIN'),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'ERR_INSECURE_AUTH' });
    }
    expect(sent(server)).not.toContain('AUTH');
    client.close();
  });

  it('REQUIRETLS is refused without verified TLS', async () => {
    await using server = await started({ extensions: ['REQUIRETLS'] });
    const client = await connectTo(server, { tls: 'never' });
    const call = client.sendmail('a@x.test', 'b@y.test', 'Subject: s\r\n\r\n', { requireTls: true });
    await refusalOf(() => call);
    expect(sent(server)).not.toContain('MAIL');
    client.close();
  });
});

describe('STARTTLS response injection', () => {
  it.each([
    ['a whole reply', ['220 go', '(surplus 250 injected)']],
    ['half a reply', ['220 go', '"250 inj"']],
    ['capabilities', ['220 go', '"250-evil\\r\\n250 AUTH PLAIN\\r\\n"']],
  ])('%s behind the 220 is never read as part of the encrypted session', async (_name, answer) => {
    await using server = await started({ extensions: ['STARTTLS'], on: { STARTTLS: answer } });
    const error = await refusalOf(() => connectTo(server, { tls: { mode: 'required', ca: server.certificate } }));
    expect(error.name).toBe('SMTPProtocolError');
    expect(sent(server)).not.toContain('tls');
  });

  it('what was offered in clear text counts no more: the login takes what is offered inside', async () => {
    await using server = await started({
      extensions: ({ tls }) => (tls ? ['AUTH SCRAM-SHA-256'] : ['STARTTLS', 'AUTH PLAIN']),
      mechanisms: { 'SCRAM-SHA-256': scramServer({ hash: 'sha256' }) },
      accounts: { ann: auth.password },
    });
    const tls = { ca: server.certificate, servername: 'localhost' };
    const client = await connectTo(server, { auth, tls });
    expect(sent(server)).toMatch(/^tls AUTH SCRAM-SHA-256/m);
    expect(sent(server)).not.toContain('AUTH PLAIN');
    client.close();
  });
});

describe('a certificate', () => {
  const past = new Date('2020-01-01');
  const certificates = {
    'that nobody vouches for': createTestCertificate(),
    'for another name': createTestCertificate({ names: ['other.test'] }),
    'that has expired': createTestCertificate({ notBefore: past, notAfter: new Date('2020-02-01') }),
  };
  it.each(Object.entries(certificates))(
    '%s ends the session, with implicit TLS and with STARTTLS',
    async (name, pair) => {
      const ca = name === 'that nobody vouches for' ? {} : { ca: pair.cert };
      const tlsOfServer = { tls: { key: pair.key, cert: pair.cert }, listen: false, violations: 'record' } as const;
      await using implicit = await ScriptedServer.start({ behave: {} }, { ...tlsOfServer, implicitTls: true });
      const { connector } = implicit;
      const direct = SMTP_SSL.connect({ host: 'localhost', connector, auth, tls: ca });
      expect((await refusalOf(() => direct)).name).toBe('SMTPTlsError');
      await using upgrading = await ScriptedServer.start(
        { behave: { extensions: ['STARTTLS', 'AUTH PLAIN'] } },
        tlsOfServer,
      );
      const upgraded = SMTP.connect({ host: 'localhost', connector: upgrading.connector, auth, tls: ca });
      expect((await refusalOf(() => upgraded)).name).toBe('SMTPTlsError');
      expect(sent(implicit) + sent(upgrading)).not.toContain('AUTH');
    },
  );
});

describe('AUTH downgrade', () => {
  it('a refused mechanism is not followed by a plainer one', async () => {
    await using server = await started({
      extensions: ['AUTH SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5'],
      mechanisms: { 'SCRAM-SHA-256': scramServer({ hash: 'sha256' }) },
      accounts: { ann: 'another' },
    });
    await refusalOf(() => SMTP.connect({ host: 'localhost', connector: server.connector, auth }));
    expect(sent(server).match(/AUTH \S+/g)).toEqual(['AUTH SCRAM-SHA-256']);
  });

  it('a server that fails to prove that it knows the password gets it in no other form', async () => {
    await using server = await started({
      extensions: ['AUTH SCRAM-SHA-256 PLAIN'],
      mechanisms: { 'SCRAM-SHA-256': scramServer({ hash: 'sha256', imposter: true }) },
      accounts: { ann: auth.password },
    });
    await refusalOf(() => SMTP.connect({ host: 'localhost', connector: server.connector, auth }));
    expect(sent(server)).not.toContain('AUTH PLAIN');
  });

  it('a mechanism that is not offered is not tried, also when it is asked for', async () => {
    await using server = await started({ extensions: ['AUTH LOGIN'] });
    const client = new SMTP({ host: 'localhost', connector: server.connector });
    await client.connect();
    await refusalOf(() => client.login('ann', auth.password, { mechanisms: ['PLAIN', 'CRAM-MD5'] }));
    expect(sent(server)).not.toContain('AUTH');
    client.close();
  });

  it('a server without AUTH is an error, not a session without a login', async () => {
    await using server = await started({ extensions: [] });
    await refusalOf(() => SMTP.connect({ host: 'localhost', connector: server.connector, auth }));
    expect(sent(server)).not.toContain('MAIL');
  });
});
