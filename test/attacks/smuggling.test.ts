/** A message that ends early for one server and not for another (CVE-2023-51764, -51765, -51766), by every way for content. */
import { LMTP, SMTP, type SendResult } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { commandLine, World } from './world.js';

const header = 'From: a@x.test\r\nTo: b@y.test\r\nSubject: s\r\n\r\n';
const forged = 'MAIL FROM:<admin@x.test>\r\nRCPT TO:<v@evil.test>\r\nDATA\r\nforged\r\n.\r\n';
const ends = [
  '\n.\n',
  '\r\n.\n',
  '\n.\r\n',
  '\r.\r',
  '\r\n.\r',
  '\r.\r\n',
  '\n.\r',
  '\r.\n',
  '\r\n.\r\n',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
];
const contents = ends.map((end) => `${header}text${end}${forged}`);

const ways: readonly (readonly [string, (client: SMTP, content: string) => Promise<unknown>])[] = [
  ['sendmail, text', (client, content) => client.sendmail('a@x.test', 'b@y.test', content)],
  ['sendmail, bytes', (client, content) => client.sendmail('a@x.test', 'b@y.test', Buffer.from(content))],
  [
    'sendmail, octet by octet',
    (client, content): Promise<SendResult> =>
      client.sendmail('a@x.test', 'b@y.test', async function* () {
        for (const octet of Buffer.from(content)) yield Buffer.of(octet);
      }),
  ],
  ['sendMessage', (client, content) => client.sendMessage(Buffer.from(content))],
  [
    'sendMessage, composed',
    (client, content) => client.sendMessage({ from: 'a@x.test', to: 'b@y.test', text: content }),
  ],
  [
    'data()',
    async (client, content) => {
      await client.mail('a@x.test');
      await client.rcpt('b@y.test');
      await client.data(content);
    },
  ],
];

describe.each(['smtp', 'lmtp'] as const)('%s', (protocol) => {
  it.each(ways)('%s: one message, to one recipient, of clean lines', async (_name, send) => {
    for (const content of contents) {
      await using server = await ScriptedServer.start(
        { behave: {} },
        { listen: false, protocol, violations: 'record' },
      );
      const Class = protocol === 'lmtp' ? LMTP : SMTP;
      const client = new Class({ host: 'localhost', connector: server.connector });
      await client.connect();
      await client.ehloOrHeloIfNeeded();
      await send(client, content);
      await client.quit();
      expect(server.messages.map(({ envelope, outcome }) => [envelope.to, outcome])).toEqual([
        [['b@y.test'], 'queued'],
      ]);
      expect(server.violations).toEqual([]);
      expect(server.messages[0]?.raw.toString('latin1')).not.toMatch(/\r(?!\n)|(?<!\r)\n|\r\n\.\r\n(?!$)/);
    }
  });
});

it('the command line: one message', async () => {
  for (const content of contents) {
    await using server = await ScriptedServer.start({ behave: {} }, { violations: 'record' });
    await commandLine(server, [], content);
    expect(server.messages).toHaveLength(1);
    expect(server.violations).toEqual([]);
  }
});

it('a reply cannot make content of the next command: what follows a 2xx to DATA never leaves', async () => {
  await using world = await World.start({ on: { DATA: '250 what' } });
  await expect(world.client.sendmail('a@x.test', 'b@y.test', contents[0] ?? '')).rejects.toMatchObject({
    name: 'SMTPProtocolError',
    delivery: 'not-sent',
  });
  expect(world.commands.at(-1)).toBe('DATA');
  expect(world.client.connected).toBe(false);
});
