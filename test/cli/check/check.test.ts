/** What `check` finds out about servers of every kind. */
import { ScriptedServer, type Behaviour, type ScriptedServerOptions } from '../../../src/testing/index.js';
import { posthaste, type Ended } from '../cli-world.js';

async function check(
  behaviour: Behaviour,
  words: readonly string[] = [],
  options: ScriptedServerOptions = {},
  login = '',
): Promise<Ended & { readonly server: ScriptedServer }> {
  await using server = await ScriptedServer.start({ behave: behaviour }, { violations: 'record', ...options });
  const env = { SMTP_URL: server.url.replace('://', `://${login}`) };
  return { ...(await posthaste(['check', ...words], { env })), server };
}

it('shows what a server offers, its limits and how fast it answers, and sends nothing', async () => {
  const { code, out, err, server } = await check({
    extensions: ['SIZE 1000', 'LIMITS RCPTMAX=5 MAILMAX=9', '8BITMIME'],
  });
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^smtp:\/\/127\.0\.0\.1:\d+\n {2}connected {3}in [\d.]+ ms\n {2}TLS {9}none\n/);
  expect(out).toMatch(
    /offers {6}SIZE 1000, 8BITMIME\n.*login {7}not tried; mechanisms: none\n.*SIZE 1,000, RCPTMAX 5, MAILMAX 9\n.*round trip {2}[\d.]+ ms\n/s,
  );
  const verbs = server.connections.flatMap(({ commands }) => commands.map(({ verb }) => verb));
  expect([...new Set(verbs)]).toEqual(['EHLO', 'NOOP', 'QUIT']);
});

it('logs in, and says so; the password is nowhere', async () => {
  const { code, out, err } = await check(
    { accounts: { ann: 's3cret' }, extensions: ['AUTH PLAIN LOGIN'] },
    ['--debug', '--json'],
    {},
    'ann:s3cret@',
  );
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { ok: true, login: 'succeeded', auth: ['PLAIN', 'LOGIN'], error: null },
  ]);
  expect(out + err).not.toMatch(/s3cret|czNjcmV0|AGFubgBzM2NyZXQ/);
});

it('tells a wrong password from a server that cannot be reached, and keeps what it learned: 77', async () => {
  const { code, out, err } = await check(
    { accounts: { ann: 'right' }, extensions: ['AUTH PLAIN', 'SIZE 5'] },
    ['--json'],
    {},
    'ann:wr0ng@',
  );
  expect([code, JSON.parse(out)]).toMatchObject([
    77,
    { ok: false, login: 'failed', limits: { SIZE: 5 }, error: { reply: { code: 535 } } },
  ]);
  expect(err).toMatch(/^posthaste: smtp:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/);
  expect(out + err).not.toContain('wr0ng');
});

it('shows a certificate that does not pass: 76', async () => {
  const { code, out, err } = await check({}, [], { implicitTls: true });
  expect([code, err]).toEqual([76, expect.stringMatching(/certificate/)]);
  expect(out).toMatch(
    /TLS {10}TLSv1\.[23], .*, NOT verified\n {2}certificate {2}.*issued by .*\n {15}until .*days left/,
  );
});

it.each<[string, Behaviour, number]>([
  ['is too busy', { on: { greeting: '421 4.3.2 busy' } }, 75],
  ['is none', { on: { greeting: 'HTTP/1.1 400 no' } }, 76],
  ['goes away', { on: { NOOP: '(close)' } }, 75],
])('a server that %s: one line, and the exit code', async (_, behaviour, code) => {
  const ended = await check(behaviour);
  expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(/^posthaste: smtp:[^\n]+\n$/)]);
});

it.each([
  [['smtp://u:s3cret@h'], 64],
  [['http://h'], 64],
  [['smtp://h', '--url', 'smtp://h'], 64],
  [['smtp://h', 'http://i'], 64],
  [['failover:(smtp://a,http://b)'], 64],
  [['smtp://ann@h'], 64],
  [['smtp://h?tsl=never'], 64],
  [[], 78],
])('check %j: %i', async (words, code) => {
  const { code: ended, err } = await posthaste(['check', ...words]);
  expect([ended, err]).toEqual([code, expect.stringMatching(/^posthaste: [^\n]+\n$/)]);
  expect(err).not.toContain('s3cret');
});

it('looks at each of several URLs, and at each server of one: the exit code is the most urgent', async () => {
  await using good = await ScriptedServer.start({ behave: {} });
  await using busy = await ScriptedServer.start({ behave: { on: { greeting: '421 4.3.2 busy' } } });
  await using login = await ScriptedServer.start({
    behave: { accounts: { ann: 'right' }, extensions: ['AUTH PLAIN'] },
  });
  const group = `failover:(${busy.url},${login.url.replace('//', '//ann@')})?localHostname=me.example`;
  const words = [good.url, group, '--password-command', 'echo wr0ng', '--json'];
  const { code, out, err } = await posthaste(['check', ...words]);
  const told = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { server: string; ok: boolean; login: string });
  expect(told.map(({ server, ok, login: tried }) => [server, ok, tried])).toEqual([
    [good.url, true, 'not tried'],
    [busy.url, false, 'not tried'],
    [login.url, false, 'failed'],
  ]);
  expect(code).toBe(77);
  expect(err).toMatch(/^posthaste: smtp:[^\n]+421[^\n]+\nposthaste: smtp:[^\n]+535[^\n]+\n$/);
  expect(login.connections[0]?.commands[0]?.line).toBe('EHLO me.example');
  expect(out + err).not.toContain('wr0ng');
});

it('Ctrl-C ends it', async () => {
  const finish = new AbortController();
  await using server = await ScriptedServer.start({ behave: { on: { greeting: '(hold)' } } });
  const ending = posthaste(['check', server.url], { finish: finish.signal });
  await server.held();
  finish.abort('SIGINT');
  expect((await ending).code).toBe(130);
});
