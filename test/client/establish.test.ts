import {
  SMTP,
  SMTP_SSL,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPResponseException,
  SMTPTlsError,
  type SMTPOptions,
} from '../../src/index.js';
import { createTestCertificate, ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { remote } from './tls-server.js';

const AUTH = { user: 'ann', password: 'secret' };
const WITH_TLS = ['STARTTLS', 'AUTH PLAIN'];
const WITHOUT = ['AUTH PLAIN'];
const certificate = createTestCertificate({ names: ['mail.example.org', 'localhost'] });
const ca = certificate.cert;

async function start(extensions: readonly string[], on: Behaviour['on'] = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { extensions, accounts: { ann: 'secret' }, on } }, { tls: certificate });
}

const verbs = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ verb }) => verb) ?? [];

/** What a client that connects so is: encrypted or plain, logged in or not; or the error's code. */
async function outcome(options: SMTPOptions): Promise<string> {
  try {
    await using smtp = await SMTP.connect(options);
    return `${smtp.tls === undefined ? 'plain' : 'tls'}${smtp.authenticated ? ' auth' : ''}`;
  } catch (error) {
    return error instanceof SMTPException ? error.code : String(error);
  }
}

describe('without a word about tls', () => {
  it('a remote server is encrypted where it offers it, and must offer it when there are credentials', async () => {
    await using able = await start(WITH_TLS);
    await using unable = await start(WITHOUT);
    // The certificate is not from an authority that is known: opportunistic, too, never falls back.
    expect(await outcome(remote(able))).toBe('ERR_TLS');
    expect(await outcome(remote(able, { auth: AUTH }))).toBe('ERR_TLS');
    expect(await outcome(remote(unable))).toBe('plain');
    expect(await outcome(remote(unable, { auth: AUTH }))).toBe('ERR_NOT_SUPPORTED');
    expect(verbs(unable)).not.toContain('AUTH');
  });

  it('this machine is not', async () => {
    await using server = await start(WITH_TLS);
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await outcome({ host, port: server.port })).toBe('plain');
      expect(await outcome({ host, port: server.port, auth: AUTH })).toBe('plain auth');
    }
  });
});

describe('the modes', () => {
  it('required: no session without TLS, on this machine neither', async () => {
    await using able = await start(WITH_TLS);
    await using unable = await start(WITHOUT);
    const tls = { mode: 'required', ca } as const;
    expect(await outcome(remote(able, { tls }))).toBe('tls');
    expect(await outcome(remote(able, { tls, auth: AUTH }))).toBe('tls auth');
    expect(await outcome({ host: 'localhost', port: able.port, tls })).toBe('tls');
    expect(await outcome(remote(unable, { tls }))).toBe('ERR_NOT_SUPPORTED');
    expect(await outcome({ host: 'localhost', port: unable.port, tls: 'required' })).toBe('ERR_NOT_SUPPORTED');
    await unable.finished();
    expect(unable.connections.every(({ ending }) => ending === 'by-client')).toBe(true);
  });

  it('a session that is encrypted from its start asks for no more, whatever is offered', async () => {
    await using server = await ScriptedServer.start(
      { behave: { extensions: WITH_TLS } },
      { tls: certificate, implicitTls: true },
    );
    await using smtp = await SMTP_SSL.connect(remote(server, { tls: { mode: 'required', ca } }));
    expect(smtp.tls).toBeDefined();
    expect(verbs(server)).not.toContain('STARTTLS');
  });

  it('opportunistic: TLS where it is offered, and an error when it then fails', async () => {
    await using able = await start(WITH_TLS);
    await using unable = await start(WITHOUT);
    expect(await outcome(remote(able, { tls: { mode: 'opportunistic', ca } }))).toBe('tls');
    expect(await outcome(remote(able, { tls: 'opportunistic' }))).toBe('ERR_TLS');
    expect(await outcome(remote(unable, { tls: 'opportunistic' }))).toBe('plain');
    await using refusing = await start(WITH_TLS, { STARTTLS: '454 4.7.0 not now' });
    expect(await outcome(remote(refusing, { tls: 'opportunistic' }))).toBe('ERR_RESPONSE');
  });

  it('never: plain, but credentials stay here all the same', async () => {
    await using server = await start(WITH_TLS);
    expect(await outcome(remote(server, { tls: 'never' }))).toBe('plain');
    expect(await outcome(remote(server, { tls: 'never', auth: AUTH }))).toBe('ERR_INSECURE_AUTH');
    expect(await outcome(remote(server, { tls: 'never', auth: AUTH, allowInsecureAuth: true }))).toBe('plain auth');
  });

  it('options without a mode do not weaken it: with credentials TLS is required', async () => {
    await using unable = await start(WITHOUT);
    await using able = await start(WITH_TLS);
    expect(await outcome(remote(able, { tls: { ca }, auth: AUTH }))).toBe('tls auth');
    expect(await outcome(remote(able, { tls: { ca } }))).toBe('tls');
    expect(await outcome(remote(unable, { tls: { ca } }))).toBe('plain');
    expect(await outcome(remote(unable, { tls: { ca }, auth: AUTH, allowInsecureAuth: true }))).toBe(
      'ERR_NOT_SUPPORTED',
    );
    expect(verbs(unable)).not.toContain('AUTH');
  });
});

describe('a required upgrade that is refused', () => {
  it.each([
    ['454 4.7.0 not now', SMTPResponseException, true],
    ['501 5.5.4 no', SMTPNotSupportedError, false],
    ['421 4.3.2 bye', SMTPResponseException, true],
  ] as const)('with %s closes', async (reply, expected, retryable) => {
    await using server = await start(WITH_TLS, { STARTTLS: reply });
    const error = await rejectionOf(SMTP.connect(remote(server, { tls: { mode: 'required', ca } })));
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ retryable, delivery: 'not-sent', stage: 'starttls' });
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS']);
  });
});

describe('the second EHLO', () => {
  it.each(['500 what', '550 no', '454 later', '421 bye'])(
    'answered with %s ends the session, without HELO',
    async (reply) => {
      await using server = await start(WITH_TLS, { 'EHLO:2': reply });
      const error = await rejectionOf(SMTP.connect(remote(server, { tls: { mode: 'required', ca } })));
      expect(error).toBeInstanceOf(SMTPHeloError);
      expect(error).toMatchObject({ retryable: reply.startsWith('4'), delivery: 'not-sent' });
      expect(verbs(server)).toEqual(['EHLO', 'STARTTLS', 'EHLO']);
    },
  );

  it('tells what is offered now: an AUTH that was offered in clear text only is not used', async () => {
    await using server = await ScriptedServer.start(
      { behave: { extensions: ({ tls }) => (tls ? ['SIZE'] : WITH_TLS), accounts: { ann: 'secret' } } },
      { tls: certificate },
    );
    expect(await outcome(remote(server, { tls: { ca }, auth: AUTH }))).toBe('ERR_NOT_SUPPORTED');
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS', 'EHLO']);
  });
});

describe('a server that knows HELO only', () => {
  it('is refused when TLS or a login is needed', async () => {
    await using server = await ScriptedServer.start({ behave: { unsupported: ['EHLO'] } });
    expect(await outcome({ host: '127.0.0.1', port: server.port })).toBe('plain');
    expect(await outcome({ host: '127.0.0.1', port: server.port, tls: 'required' })).toBe('ERR_NOT_SUPPORTED');
    expect(await outcome({ host: '127.0.0.1', port: server.port, auth: AUTH })).toBe('ERR_NOT_SUPPORTED');
  });
});

describe('a login that fails', () => {
  it('leaves nothing open', async () => {
    await using server = await start(WITH_TLS);
    const wrong = { user: 'ann', password: 'wrong' };
    expect(await outcome({ host: 'localhost', port: server.port, auth: wrong })).toBe('ERR_AUTHENTICATION');
    await server.finished();
    expect(server.connections[0]?.ending).toBe('by-client');
  });

  it('is not tried when the certificate does not verify', async () => {
    await using server = await start(WITH_TLS);
    const error = await rejectionOf(SMTP.connect(remote(server, { auth: AUTH })));
    expect(error).toBeInstanceOf(SMTPTlsError);
    expect(verbs(server)).toEqual(['EHLO', 'STARTTLS']);
  });
});
