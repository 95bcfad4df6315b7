import { clientOf, connectTo, faultOfServer, isOfConnection } from '../../src/cli/connect.js';
import { LMTP, MessageError, SMTP, SMTP_SSL, SMTPDialError } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';

it.each([
  ['smtp://h', SMTP],
  ['SMTPS://h', SMTP_SSL],
  ['lmtp://h', LMTP],
  ['lmtp+unix:///x', LMTP],
  ['h:25', SMTP],
  ['http://h', SMTP],
])('%s is spoken to with the class of its scheme', (url, expected) => {
  expect(clientOf(url)).toBe(expected);
});

it('a fault of the URL names where it came from, and any other is itself', () => {
  const server = { url: 'x', origin: '--url', exitWhenWrong: 'usage' } as const;
  const fault = new MessageError('the URL is bad', { code: 'ERR_INVALID_URL', hint: 'Mend it.' });
  expect(faultOfServer(server, fault)).toMatchObject({
    exit: 'usage',
    message: '--url: the URL is bad',
    hint: 'Mend it.',
  });
  const other = new SMTPDialError('nobody there');
  expect(faultOfServer(server, other)).toBe(other);
});

it('connects to the first server of a URL that lets us, with the options and the login of each', async () => {
  await using busy = await ScriptedServer.start({ behave: { on: { greeting: '421 4.3.2 busy' } } });
  await using open = await ScriptedServer.start({
    behave: { accounts: { ann: 's3cret' }, extensions: ['AUTH PLAIN'] },
  });
  const url = `failover:(${busy.url},${open.url.replace('//', '//ann:s3cret@')}?localHostname=own.example)?localHostname=all.example`;
  const options = { timeoutMs: undefined, debug: undefined, signal: new AbortController().signal };
  await using client = await connectTo({
    ...options,
    server: { url, origin: 'SMTP_URL', exitWhenWrong: 'configuration' },
  });
  expect((await client.noop()).code).toBe(250);
  expect(
    [busy, open].map(({ connections }) =>
      connections[0]?.commands.map(({ line }) => line.split(' ').slice(0, 2).join(' ')),
    ),
  ).toEqual([[], ['EHLO own.example', 'AUTH PLAIN', 'NOOP']]);
  const gone = { url: `failover:(${busy.url},${busy.url})`, origin: '--url', exitWhenWrong: 'usage' } as const;
  await expect(connectTo({ ...options, server: gone })).rejects.toMatchObject({ reply: { code: 421 } });
  const bad = { url: 'smtp://h?tsl=never', origin: '--url', exitWhenWrong: 'usage' } as const;
  await expect(connectTo({ ...options, server: bad })).rejects.toMatchObject({ exit: 'usage' });
});

it('what fails at a stage in front of every message is of the connection', () => {
  expect(isOfConnection(new SMTPDialError('nobody there', { stage: 'connect' }))).toBe(true);
  expect(isOfConnection(new SMTPDialError('lost', { stage: 'mail' }))).toBe(false);
  expect(isOfConnection(new Error('x'))).toBe(false);
});
