import {
  MessageError,
  SMTP,
  SMTPAuthenticationError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  type Credentials,
  type SMTPOptions,
  SMTPAbortedError,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { bearerServer, externalServer, scramServer } from './sasl-servers.js';

const USER = 'ann@example.org';
const PASSWORD = 'correct horse';

const MECHANISMS: NonNullable<Behaviour['mechanisms']> = {
  'SCRAM-SHA-1': scramServer({ hash: 'sha1' }),
  'SCRAM-SHA-256': scramServer({ hash: 'sha256' }),
  XOAUTH2: bearerServer({ accepts: (token) => token === 'good' }),
  OAUTHBEARER: bearerServer({ accepts: (token) => token === 'good' }),
  EXTERNAL: externalServer(USER),
};

async function start(offered: string, behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({
    behave: {
      extensions: ['PIPELINING', `AUTH ${offered}`],
      accounts: { [USER]: PASSWORD },
      mechanisms: MECHANISMS,
      ...behave,
    },
  });
}

function authLines(server: ScriptedServer): string[] {
  const commands = server.connections[0]?.commands ?? [];
  return commands.filter(({ verb }) => verb === 'AUTH' || verb === '').map(({ line }) => line);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('login', () => {
  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'])('lets in with %s', async (name) => {
    await using server = await start(name);
    await using smtp = await SMTP.connect(server.url);
    const reply = await smtp.login(USER, PASSWORD);
    expect(reply.code).toBe(235);
    expect(smtp.authenticated).toBe(true);
    expect(authLines(server)[0]).toMatch(new RegExp(`^AUTH ${name}(?: |$)`));
    const result = await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n');
    expect(result.accepted).toEqual(['b@x.test']);
    await smtp.quit();
    await server.finished();
  });

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'])(
    'with %s works without an initial response too',
    async (name) => {
      await using server = await start(name);
      await using smtp = await SMTP.connect(server.url);
      expect((await smtp.login(USER, PASSWORD, { initialResponseOk: false })).code).toBe(235);
      expect(authLines(server)[0]).toBe(`AUTH ${name}`);
    },
  );

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'])(
    'with %s and a wrong password is refused, and the session goes on',
    async (name) => {
      await using server = await start(name);
      await using smtp = await SMTP.connect(server.url);
      const error = await rejectionOf(smtp.login(USER, 'wrong'));
      expect(error).toBeInstanceOf(SMTPAuthenticationError);
      expect(error).toMatchObject({
        smtpCode: 535,
        mechanism: name,
        stage: 'auth',
        delivery: 'not-sent',
        retryable: false,
        code: 'ERR_AUTHENTICATION',
      });
      expect(smtp.authenticated).toBe(false);
      expect((await smtp.noop()).code).toBe(250);
      expect((await smtp.login(USER, PASSWORD)).code).toBe(235);
    },
  );

  it.each(['XOAUTH2', 'OAUTHBEARER'])('lets in with a token by %s', async (name) => {
    await using server = await start(name);
    await using smtp = await SMTP.connect({
      host: server.host,
      port: server.port,
      auth: { user: USER, accessToken: 'good' },
    });
    expect(smtp.authenticated).toBe(true);
    const [line = ''] = authLines(server);
    const said = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
    expect(said).toBe(
      name === 'XOAUTH2'
        ? `user=${USER}\u0001auth=Bearer good\u0001\u0001`
        : `n,a=${USER},\u0001host=127.0.0.1\u0001port=${String(server.port)}\u0001auth=Bearer good\u0001\u0001`,
    );
  });

  it('with EXTERNAL happens only when it is asked for', async () => {
    await using server = await start('EXTERNAL PLAIN');
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login(USER, PASSWORD, { mechanisms: ['external'] })).code).toBe(235);
    expect(authLines(server)).toEqual([`AUTH EXTERNAL ${base64(USER)}`]);
    await using other = await start('EXTERNAL');
    await using second = await SMTP.connect(other.url);
    expect(await rejectionOf(second.login(USER, PASSWORD))).toBeInstanceOf(SMTPNotSupportedError);
    expect(authLines(other)).toEqual([]);
  });

  it('says EHLO first when it was not said', async () => {
    await using server = await start('PLAIN');
    await using smtp = new SMTP({ host: server.host, port: server.port });
    await smtp.connect();
    await smtp.login(USER, PASSWORD);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO', 'AUTH']);
  });

  it('sends what is not ASCII as UTF-8 in PLAIN and LOGIN, and prepared in SCRAM', async () => {
    const user = 'j\u00fcrgen';
    const password = 'gr\u00fc\u00dfe\u00a0\u00aa';
    for (const name of ['PLAIN', 'LOGIN']) {
      await using server = await start(name, { accounts: { [user]: password } });
      await using smtp = await SMTP.connect(server.url);
      expect((await smtp.login(user, password)).code).toBe(235);
    }
    // RFC 4013: the no-break space becomes a blank, the feminine ordinal an a.
    await using server = await start('SCRAM-SHA-256', { accounts: { [user]: 'gr\u00fc\u00dfe a' } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login(user, password)).code).toBe(235);
  });

  it.each([
    ['user and password', '\u00aa', '\u00aa', 'a', 'a'],
    ['a password alone', 'ann', 'gr\u00fc\u00dfe\u00aa', 'ann', 'gr\u00fc\u00dfea'],
    ['a user alone', 'ann\u00aa', 'tea', 'anna', 'tea'],
  ])('prepares %s that is not ASCII', async (_what, user, password, preparedUser, prepared) => {
    await using server = await start('SCRAM-SHA-256', { accounts: { [preparedUser]: prepared } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login(user, password)).code).toBe(235);
  });

  it('refuses credentials with NUL, and empty ones, before anything is said', async () => {
    await using server = await start('PLAIN');
    await using smtp = await SMTP.connect(server.url);
    for (const [user, password] of [
      ['', 'x'],
      ['x', ''],
      ['x\0y', 'z'],
      ['x', 'y\0z'],
    ] as const) {
      const error = await rejectionOf(smtp.login(user, password));
      expect(error).toBeInstanceOf(MessageError);
      expect(error).toMatchObject({ code: 'ERR_INVALID_CREDENTIALS' });
    }
    expect(authLines(server)).toEqual([]);
  });
});

describe('the choice of the mechanism', () => {
  it('takes the strongest that is offered, compared without case', async () => {
    await using server = await start('plain login scram-sha-1 Scram-Sha-256 cram-md5');
    await using smtp = await SMTP.connect(server.url);
    await smtp.login(USER, PASSWORD);
    expect(authLines(server)[0]).toMatch(/^AUTH SCRAM-SHA-256 /);
  });

  it('prefers CRAM-MD5 to PLAIN only without TLS', async () => {
    await using plain = await start('PLAIN LOGIN CRAM-MD5');
    await using smtp = await SMTP.connect(plain.url);
    await smtp.login(USER, PASSWORD);
    expect(authLines(plain)[0]).toBe('AUTH CRAM-MD5');
    await using secure = await ScriptedServer.start(
      { behave: { extensions: ['AUTH LOGIN CRAM-MD5 PLAIN'], accounts: { [USER]: PASSWORD } } },
      { implicitTls: true, host: '127.0.0.1' },
    );
    const { SMTP_SSL } = await import('../../src/index.js');
    await using ssl = await SMTP_SSL.connect({
      host: 'localhost',
      port: secure.port,
      tls: { ca: secure.certificate },
      auth: { user: USER, password: PASSWORD },
    });
    expect(ssl.authenticated).toBe(true);
    expect(authLines(secure)[0]).toMatch(/^AUTH PLAIN /);
  });

  it('takes OAUTHBEARER before XOAUTH2', async () => {
    await using server = await start('XOAUTH2 OAUTHBEARER PLAIN');
    await using smtp = await SMTP.connect({ ...server.address, auth: { user: USER, accessToken: 'good' } });
    expect(smtp.authenticated).toBe(true);
    expect(authLines(server)[0]).toMatch(/^AUTH OAUTHBEARER /);
  });

  it('keeps the caller to the caller\u2019s own list, in its order', async () => {
    await using server = await start('SCRAM-SHA-256 PLAIN LOGIN');
    await using smtp = await SMTP.connect(server.url);
    await smtp.login(USER, PASSWORD, { mechanisms: ['LOGIN', 'PLAIN'] });
    expect(authLines(server)[0]).toMatch(/^AUTH LOGIN/);
    expect(await rejectionOf(smtp.login(USER, PASSWORD, { mechanisms: ['NTLM'] }))).toMatchObject({
      code: 'ERR_UNKNOWN_MECHANISM',
    });
  });

  it('reads the old AUTH= line', async () => {
    await using server = await ScriptedServer.start({
      behave: { extensions: ['AUTH=LOGIN', 'AUTH PLAIN'], accounts: { [USER]: PASSWORD } },
    });
    await using smtp = await SMTP.connect(server.url);
    expect(smtp.esmtpFeatures.get('auth')).toBe('LOGIN PLAIN');
    expect((await smtp.login(USER, PASSWORD)).code).toBe(235);
  });

  it('never tries what is not offered, and says so when AUTH is not offered at all', async () => {
    await using none = await ScriptedServer.start({ behave: { extensions: ['SIZE'] } });
    await using smtp = await SMTP.connect(none.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toBeInstanceOf(SMTPNotSupportedError);
    expect(error).toMatchObject({ stage: 'auth', delivery: 'not-sent' });
    await using odd = await start('GSSAPI NTLM');
    await using second = await SMTP.connect(odd.url);
    const noCommon = await rejectionOf(second.login(USER, PASSWORD));
    expect(noCommon).toBeInstanceOf(SMTPNotSupportedError);
    expect((noCommon as Error).message).toContain('GSSAPI');
    expect([...authLines(none), ...authLines(odd)]).toEqual([]);
    const viaConnect = await rejectionOf(
      SMTP.connect({ host: none.host, port: none.port, auth: { user: USER, password: PASSWORD } }),
    );
    expect(viaConnect).toBeInstanceOf(SMTPNotSupportedError);
  });

  it.each([
    [504, 'not known here'],
    [534, 'too weak'],
  ])('goes on to the next mechanism after %i', async (code, text) => {
    await using server = await start('SCRAM-SHA-256 PLAIN', {
      on: { AUTH: ({ line }) => (line.startsWith('AUTH SCRAM') ? `${String(code)} 5.5.4 ${text}` : undefined) },
    });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login(USER, PASSWORD)).code).toBe(235);
    expect(authLines(server).map((line) => line.split(' ')[1])).toEqual(['SCRAM-SHA-256', 'PLAIN']);
  });

  it.each([
    '535 5.7.8 no',
    '454 4.7.0 temporary',
    '530 5.7.0 first TLS',
    '538 5.7.11 encrypt',
    '503 5.5.1 again',
    '500 what',
  ])('stops at %s', async (refusal) => {
    await using server = await start('SCRAM-SHA-256 PLAIN LOGIN', { on: { AUTH: refusal } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toBeInstanceOf(SMTPAuthenticationError);
    expect(error).toMatchObject({ smtpCode: Number(refusal.slice(0, 3)), retryable: refusal.startsWith('4') });
    expect(authLines(server)).toHaveLength(1);
    expect((await smtp.noop()).code).toBe(250);
  });

  it('raises the last refusal when all mechanisms are unknown to the server', async () => {
    await using server = await start('SCRAM-SHA-1 PLAIN LOGIN', { on: { AUTH: '504 5.5.4 no' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login(USER, PASSWORD))).toMatchObject({ mechanism: 'LOGIN', smtpCode: 504 });
    expect(authLines(server)).toHaveLength(3);
  });

  it('ends with the session at 421', async () => {
    await using server = await start('SCRAM-SHA-256 PLAIN', { on: { AUTH: '421 4.3.2 shutting down' } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toBeInstanceOf(SMTPAuthenticationError);
    expect(error).toMatchObject({ retryable: true });
    expect(smtp.connected).toBe(false);
    expect(authLines(server)).toHaveLength(1);
  });

  it('does not take 503, 250 or 220 for a success', async () => {
    for (const reply of ['503 5.5.1 already', '250 2.0.0 ok', '220 2.0.0 ok']) {
      await using server = await start('PLAIN', { on: { AUTH: reply } });
      await using smtp = await SMTP.connect(server.url);
      expect(await rejectionOf(smtp.login(USER, PASSWORD))).toBeInstanceOf(SMTPAuthenticationError);
      expect(smtp.authenticated).toBe(false);
    }
  });
});

describe('LOGIN', () => {
  it('follows the prompt: a server that ignores the initial response never gets the password as a name', async () => {
    await using server = await start('LOGIN', {
      mechanisms: {
        *LOGIN({ passwordOf }) {
          const user = yield Buffer.from('Username:');
          const password = yield Buffer.from('Password:');
          return passwordOf(user.toString()) === password.toString();
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login(USER, PASSWORD)).code).toBe(235);
    expect(authLines(server).slice(1)).toEqual([base64(USER), base64(PASSWORD)]);
  });

  it('goes on to nothing plainer when the prompt is asked twice', async () => {
    await using server = await start('LOGIN PLAIN', {
      mechanisms: {
        *LOGIN() {
          yield Buffer.from('Username:');
          yield Buffer.from('User name:');
          return true;
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD, { mechanisms: ['LOGIN', 'PLAIN'] }));
    expect(error).toMatchObject({ code: 'ERR_SASL_SERVER' });
    expect(authLines(server).at(-1)).toBe('*');
    expect(authLines(server).some((line) => line.includes(base64(PASSWORD)))).toBe(false);
    expect((await smtp.noop()).code).toBe(250);
  });
});

describe('SCRAM', () => {
  it('does not let in a server that does not know the password', async () => {
    await using server = await start('SCRAM-SHA-256 PLAIN', {
      mechanisms: { 'SCRAM-SHA-256': scramServer({ hash: 'sha256', imposter: true }) },
    });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toMatchObject({ code: 'ERR_SASL_SERVER' });
    expect(smtp.authenticated).toBe(false);
    expect(authLines(server).some((line) => line.startsWith('AUTH PLAIN'))).toBe(false);
  });

  it('closes when the server says 235 without its proof', async () => {
    await using server = await start('SCRAM-SHA-256', { on: { 'response:1': '235 2.7.0 welcome' } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toMatchObject({ code: 'ERR_SASL_SERVER', stage: 'auth' });
    expect(smtp.connected).toBe(false);
  });
});

describe('a token', () => {
  const tokenLogin = async (
    server: ScriptedServer,
    accessToken: Extract<Credentials, { accessToken: unknown }>['accessToken'],
    options: SMTPOptions = {},
  ): Promise<SMTP> =>
    await SMTP.connect({ host: server.host, port: server.port, auth: { user: USER, accessToken }, ...options });

  it('is asked for when it is needed, and once more, with refresh, after it was refused', async () => {
    const acknowledgements: string[] = [];
    await using server = await start('XOAUTH2', {
      mechanisms: { XOAUTH2: bearerServer({ accepts: (token) => token === 'new', acknowledgements }) },
    });
    const asked: boolean[] = [];
    await using smtp = await tokenLogin(server, ({ refresh }) => {
      asked.push(refresh);
      return Promise.resolve(refresh ? 'new' : 'old');
    });
    expect(smtp.authenticated).toBe(true);
    expect(asked).toEqual([false, true]);
    expect(acknowledgements).toEqual(['']);
  });

  it('is not asked for a third time, and the error tells what the server said', async () => {
    const acknowledgements: string[] = [];
    await using server = await start('OAUTHBEARER XOAUTH2', {
      mechanisms: { OAUTHBEARER: bearerServer({ accepts: () => false, acknowledgements }) },
    });
    let asked = 0;
    const error = await rejectionOf(
      tokenLogin(server, () => {
        asked += 1;
        return `token${String(asked)}`;
      }),
    );
    expect(error).toBeInstanceOf(SMTPAuthenticationError);
    expect((error as Error).message).toContain('"status":"401"');
    expect(asked).toBe(2);
    // RFC 7628 section 3.2.3: one octet 0x01 ends the failed exchange.
    expect(acknowledgements).toEqual(['AQ==', 'AQ==']);
    expect(authLines(server).some((line) => line.startsWith('AUTH XOAUTH2'))).toBe(false);
  });

  it('is not asked for again when the server refused for another reason than the token', async () => {
    for (const reply of ['454 4.7.0 not now', '534 5.7.9 too weak']) {
      await using server = await start('XOAUTH2', { on: { AUTH: reply } });
      const asked: boolean[] = [];
      const error = await rejectionOf(
        tokenLogin(server, ({ refresh }) => {
          asked.push(refresh);
          return 'good';
        }),
      );
      expect(error).toBeInstanceOf(SMTPAuthenticationError);
      expect(asked).toEqual([false]);
    }
  });

  it('is asked for again once in all, whatever the next mechanism comes to', async () => {
    const replies = ['535 5.7.8 no', '504 5.5.4 unknown', '535 5.7.8 no'];
    await using server = await start('OAUTHBEARER XOAUTH2', { on: { AUTH: () => replies.shift() ?? '535 5.7.8 no' } });
    const asked: boolean[] = [];
    const error = await rejectionOf(
      tokenLogin(server, ({ refresh }) => {
        asked.push(refresh);
        return 'good';
      }),
    );
    expect(error).toBeInstanceOf(SMTPAuthenticationError);
    expect(asked).toEqual([false, true]);
    expect(authLines(server)).toHaveLength(3);
  });

  it('that is a string is not tried again', async () => {
    await using server = await start('XOAUTH2');
    expect(await rejectionOf(tokenLogin(server, 'bad'))).toBeInstanceOf(SMTPAuthenticationError);
    expect(authLines(server).filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
  });

  it('is asked for only when there is something to do with it', async () => {
    await using server = await start('PLAIN');
    let asked = 0;
    const error = await rejectionOf(tokenLogin(server, () => String((asked += 1))));
    expect(error).toBeInstanceOf(SMTPNotSupportedError);
    expect(asked).toBe(0);
  });

  it('that cannot be had ends the login with the error of the function', async () => {
    await using server = await start('XOAUTH2');
    const own = new Error('the token service is down');
    expect(await rejectionOf(tokenLogin(server, () => Promise.reject(own)))).toBe(own);
    expect(authLines(server)).toEqual([]);
  });

  it('that never comes ends the login at the time-out of the stage, and gives the turn back', async () => {
    await using server = await start('XOAUTH2');
    const never = async (): Promise<string> => await new Promise<string>(() => undefined);
    const error = await rejectionOf(tokenLogin(server, never, { timeoutMs: { auth: 40 } }));
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'auth', delivery: 'not-sent' });
  });

  it('that never comes does not outlive the caller\u2019s signal', async () => {
    await using server = await start('XOAUTH2');
    const abort = new AbortController();
    const error = await rejectionOf(
      tokenLogin(
        server,
        () => {
          abort.abort(new Error('enough'));
          return new Promise<string>(() => undefined);
        },
        { signal: abort.signal },
      ),
    );
    expect(error).toBeInstanceOf(SMTPAbortedError);
  });

  it('longer than an AUTH line may be goes in answer to an empty challenge', async () => {
    for (const octets of [9_170, 20_000]) {
      const long = 't'.repeat(octets);
      await using server = await start('XOAUTH2', {
        mechanisms: { XOAUTH2: bearerServer({ accepts: (token) => token === long }) },
      });
      await using smtp = await tokenLogin(server, long);
      expect(smtp.authenticated).toBe(true);
      expect(authLines(server)[0]).toBe('AUTH XOAUTH2');
    }
  });
});

describe('a login in clear text', () => {
  /** The scripted server on loopback, reached under a name that is no loopback name. */
  function remote(server: ScriptedServer, options: SMTPOptions = {}): SMTPOptions {
    return {
      host: 'mail.example.org',
      connector: async () => {
        const { connect } = await import('node:net');
        return connect({ host: server.host, port: server.port });
      },
      ...options,
    };
  }

  it.each(['PLAIN', 'CRAM-MD5', 'SCRAM-SHA-256'])('with %s is refused, and nothing is said', async (name) => {
    await using server = await start(name);
    await using smtp = new SMTP(remote(server));
    await smtp.connect();
    const error = await rejectionOf(smtp.login(USER, PASSWORD));
    expect(error).toBeInstanceOf(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_INSECURE_AUTH', stage: 'auth', delivery: 'not-sent' });
    expect(await rejectionOf(smtp.auth('XCUSTOM', () => 'secret'))).toMatchObject({ code: 'ERR_INSECURE_AUTH' });
    expect(authLines(server)).toEqual([]);
    expect((await smtp.noop()).code).toBe(250);
  });

  it('is allowed by allowInsecureAuth alone', async () => {
    await using server = await start('PLAIN');
    await using smtp = new SMTP(remote(server, { allowInsecureAuth: true }));
    await smtp.connect();
    expect((await smtp.login(USER, PASSWORD)).code).toBe(235);
  });
});

describe('auth', () => {
  it('shows to whoever watches the wire that there was a login, and no secret', async () => {
    const texts: string[] = [];
    await using server = await start('PLAIN LOGIN');
    await using smtp = await SMTP.connect({ ...server.address, onWire: ({ text }) => texts.push(text) });
    await smtp.login(USER, PASSWORD);
    expect(texts).toContain('AUTH PLAIN (secret)');
    expect(texts.join()).not.toContain(base64(`\0${USER}\0${PASSWORD}`));
  });

  it('runs a mechanism of the caller\u2019s own, challenge by challenge', async () => {
    await using server = await start('XPUZZLE', {
      mechanisms: {
        *XPUZZLE({ initial }) {
          const sum = yield Buffer.from(`${initial?.toString() ?? 'none'}: 1+1`);
          const name = yield Buffer.from('name');
          return sum.toString() === '2' && name.toString() === 'ann';
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    const heard: (string | undefined)[] = [];
    const reply = await smtp.auth('xpuzzle', (challenge) => {
      const text = challenge === undefined ? undefined : Buffer.from(challenge).toString();
      heard.push(text);
      if (text === undefined) return 'hello';
      return Promise.resolve(text.endsWith('1+1') ? '2' : 'ann');
    });
    expect(reply.code).toBe(235);
    expect(heard).toEqual([undefined, 'hello: 1+1', 'name']);
    expect(smtp.authenticated).toBe(true);
    expect(authLines(server)[0]).toBe(`AUTH XPUZZLE ${base64('hello')}`);
  });

  it('gives an initial response that was too long for its line once, and then answers', async () => {
    const long = 'x'.repeat(20_000);
    const said: string[] = [];
    await using server = await start('XLONG', {
      mechanisms: {
        *XLONG({ initial }) {
          said.push(String(initial?.length ?? 'none'));
          const first = yield Buffer.from('');
          const second = yield Buffer.from('and');
          said.push(String(first.length), second.toString());
          return true;
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    await smtp.auth('XLONG', (challenge) => (challenge === undefined ? long : 'then'));
    expect(said).toEqual(['none', '20000', 'then']);
  });

  it('writes an empty initial response as =, and none when there is none', async () => {
    const said: (Buffer | undefined)[] = [];
    await using server = await start('XEMPTY', {
      mechanisms: {
        *XEMPTY({ initial }) {
          said.push(initial);
          if (initial === undefined) said.push(yield Buffer.from('go'));
          return true;
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    await smtp.auth('XEMPTY', () => '');
    expect(authLines(server)).toEqual(['AUTH XEMPTY =']);
    await smtp.quit();
    await smtp.connect();
    await smtp.auth('XEMPTY', (challenge) => (challenge === undefined ? undefined : ''));
    expect(server.connections[1]?.commands.map(({ line }) => line)).toEqual([
      expect.stringMatching(/^EHLO /),
      'AUTH XEMPTY',
      '',
    ]);
    expect(said.map(String)).toEqual(['', 'undefined', '']);
  });

  it('cancels with * when the caller\u2019s object throws, and throws what it threw', async () => {
    await using server = await start('XFAIL', {
      mechanisms: {
        *XFAIL() {
          yield Buffer.from('and?');
          return true;
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    const own = new Error('no answer to that');
    const error = await rejectionOf(
      smtp.auth('XFAIL', (challenge) => {
        if (challenge === undefined) return undefined;
        throw own;
      }),
    );
    expect(error).toBe(own);
    expect(authLines(server)).toEqual(['AUTH XFAIL', '*']);
    expect((await smtp.noop()).code).toBe(250);
  });

  it('needs a mechanism name that can stand in a command', async () => {
    await using server = await start('PLAIN');
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.auth('X\r\nRSET', () => 'x'))).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
    expect(authLines(server)).toEqual([]);
  });

  it('takes Python\u2019s auth objects', async () => {
    for (const name of ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const) {
      await using server = await start(name);
      await using smtp = await SMTP.connect({
        ...server.address,
        host: server.host,
        auth: { user: USER, password: PASSWORD },
        tls: 'never',
      });
      expect(smtp.authenticated).toBe(true);
      await smtp.quit();
      await smtp.connect();
      const object = { PLAIN: smtp.authPlain, LOGIN: smtp.authLogin, 'CRAM-MD5': smtp.authCramMd5 }[name];
      expect((await smtp.auth(name, object)).code).toBe(235);
    }
    const nobody = new SMTP();
    expect(() => nobody.authPlain()).toThrow(MessageError);
  });

  it('is refused during a transaction, and ends with the connection', async () => {
    await using server = await start('PLAIN', { on: { AUTH: '(close)' } });
    await using smtp = await SMTP.connect(server.url);
    await smtp.mail('a@x.test');
    expect(await rejectionOf(smtp.login(USER, PASSWORD))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    await smtp.rset();
    expect(await rejectionOf(smtp.login(USER, PASSWORD))).toBeInstanceOf(SMTPServerDisconnected);
    expect(smtp.authenticated).toBe(false);
  });
});
