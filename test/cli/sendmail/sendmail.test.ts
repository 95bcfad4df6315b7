import { hostname } from 'node:os';
import { ScriptedServer, type Behaviour } from '../../../src/testing/index.js';
import { eml, Folder, posthaste, type Ended } from '../cli-world.js';

interface Sent extends Ended {
  readonly from: string | undefined;
  readonly to: readonly string[] | undefined;
  readonly content: string | undefined;
  readonly commands: readonly string[];
}

async function sendmail(words: readonly string[], stdin: string, behaviour: Behaviour = {}): Promise<Sent> {
  await using server = await ScriptedServer.start({ behave: behaviour });
  const ended = await posthaste(['sendmail', ...words], { stdin, env: { SMTP_URL: server.url } });
  const [message] = server.messages;
  return {
    ...ended,
    from: message?.envelope.from,
    to: message?.envelope.to,
    content: message?.content.toString(),
    commands: server.connections.flatMap(({ commands }) => commands.map(({ line }) => line)),
  };
}

const message = eml([
  'From: a@example.org',
  'To: b@example.org, C@Example.ORG',
  'Bcc: d@example.org',
  'Date: x',
  'Message-ID: <y@z>',
]);

it('sends to the recipients in the arguments, and says nothing', async () => {
  const sent = await sendmail(
    ['-i', '-f', 'me@example.org', '--', 'x@example.org, y@example.org', 'x@example.org'],
    message,
  );
  expect(sent).toMatchObject({
    ...{ code: 0, out: '', err: '', from: 'me@example.org', to: ['x@example.org', 'y@example.org'] },
    content: message.replace('Bcc: d@example.org\r\n', ''),
  });
});

it('-t takes them from the message; those in the arguments do not get it', async () => {
  expect(await sendmail(['-t', '-i'], message)).toMatchObject({
    ...{ code: 0, from: 'a@example.org', to: ['b@example.org', 'C@Example.ORG', 'd@example.org'] },
  });
  expect((await sendmail(['-t', 'C@example.org'], message)).to).toEqual(['b@example.org', 'd@example.org']);
});

it('completes what cron and scripts write', async () => {
  const { code, content, from } = await sendmail(['root'], 'disk full\n.\nnot this\n');
  expect([code, from]).toEqual([0, expect.stringMatching(new RegExp(`@${hostname()}$`))]);
  expect(content).toMatch(/^From: \S+@\S+\r\nDate: .*\r\nMessage-ID: <.*>\r\n\r\ndisk full\r\n$/);
});

it('-N, -R and -V ask for notifications', async () => {
  const { code, commands } = await sendmail(
    ['-N', 'success,failure', '-R', 'hdrs', '-V', 'id', 'x@example.org'],
    message,
  );
  expect(code).toBe(0);
  expect(commands).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^MAIL FROM:<a@example\.org>.* RET=HDRS ENVID=id/),
      'RCPT TO:<x@example.org> NOTIFY=SUCCESS,FAILURE',
    ]),
  );
});

it('the null sender is <> and the empty text', async () => {
  for (const sender of ['', '<>']) expect((await sendmail(['-f', sender, 'x@example.org'], message)).from).toBe('');
});

it.each<[string, readonly string[], Behaviour, number]>([
  ['EX_USAGE: no recipient', ['-i'], {}, 64],
  ['EX_USAGE: an option that is none', ['-Z'], {}, 64],
  ['EX_USAGE: a bad address', ['a b@c'], {}, 64],
  ['EX_USAGE: a bad event', ['-N', 'always', 'x@example.org'], {}, 64],
  [
    'EX_DATAERR: everybody is excluded',
    ['-t', 'b@example.org,c@example.org', 'C@example.org', 'd@example.org'],
    {},
    65,
  ],
  ['EX_NOUSER', ['x@example.org'], { on: { RCPT: '550 5.1.1 who?' } }, 67],
  ['EX_UNAVAILABLE', ['x@example.org'], { on: { final: '554 5.7.1 no' } }, 69],
  ['EX_SOFTWARE: may be delivered', ['x@example.org'], { on: { final: '(close)' } }, 70],
  ['EX_TEMPFAIL', ['x@example.org'], { on: { RCPT: '450 4.2.1 later' } }, 75],
  ['EX_NOPERM', ['x@example.org'], { extensions: ['AUTH PLAIN'], accounts: {}, on: { greeting: '(close)' } }, 75],
])('%s', async (_, words, behaviour, code) => {
  const sent = await sendmail(words, message, behaviour);
  expect([sent.code, sent.out]).toEqual([code, '']);
  expect(sent.err).toMatch(/^posthaste: [^\n]+\n$/);
});

it('takes the server from the account "default", or from the one that is named; without one: EX_CONFIG', async () => {
  using folder = new Folder();
  await using server = await ScriptedServer.start({ behave: {} });
  const account = { url: server.url, from: 'robot@example.org' };
  const POSTHASTE_ACCOUNTS = folder.file('accounts.json', JSON.stringify({ default: account, other: account }));
  const run = async (env: Record<string, string>, ...words: string[]): Promise<number> =>
    (await posthaste(['sendmail', 'x@example.org', ...words], { stdin: 'body\n', env })).code;
  expect(await run({ POSTHASTE_ACCOUNTS })).toBe(0);
  expect(await run({ POSTHASTE_ACCOUNTS, POSTHASTE_ACCOUNT: 'other' })).toBe(0);
  expect(await run({ POSTHASTE_ACCOUNTS, POSTHASTE_ACCOUNT: 'none' })).toBe(78);
  expect(await run({ POSTHASTE_ACCOUNTS: '/nowhere' })).toBe(78);
  expect(await run({ POSTHASTE_ACCOUNTS, SMTP_URL: 'smtp://127.0.0.1:1' }, '--account=other')).toBe(0);
  expect(await run({}, '--url', server.url, '-f', 'robot@example.org')).toBe(0);
  expect(server.messages.map(({ envelope }) => envelope.from)).toEqual(Array(4).fill('robot@example.org'));
});

it('has help of its own', async () => {
  const { code, out } = await posthaste(['sendmail', '--help']);
  expect([code, out]).toEqual([0, expect.stringMatching(/^ {2}-f ADDRESS/m)]);
});
