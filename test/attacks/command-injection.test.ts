/** Text that carries a line end or another control into a command, at every place where text becomes one. */
import { SMTP } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { body, commandLine, fieldWays, recipientWays, refusalOf, senderWays, World } from './world.js';

const controls = [...Array.from({ length: 32 }, (_, code) => code), 0x7f].map((code) => String.fromCharCode(code));
const injected = (control: string): string => `x@y.test${control}RSET`;

describe('an address', () => {
  it.each([...senderWays, ...recipientWays, ...fieldWays])('$name: with a control is refused', async ({ send }) => {
    for (const control of [...controls, '\r\n', '>\r\n', '\r\nRCPT TO:<v@evil.test>\r\n']) {
      await using world = await World.start();
      await refusalOf(() => send(world, injected(control)));
      expect(world.commands.filter((line) => line !== 'MAIL FROM:<a@x.test>')).toEqual([]);
    }
  });

  it.each([...senderWays, ...recipientWays])(
    '$name: cannot smuggle a parameter in a quoted local part',
    async ({ send }) => {
      await using world = await World.start();
      await Promise.resolve(send(world, '"t@x> ORCPT=rfc822;admin@evil.test"@x.test')).catch(() => undefined);
      const lines = world.commands.filter((line) => line.includes('ORCPT'));
      for (const line of lines)
        expect(line).toMatch(/<"t@x> ORCPT=rfc822;admin@evil\.test"@x\.test>(?: [A-Z0-9]+=[^ >]*)*$/);
      expect(lines.length).toBeLessThanOrEqual(1);
    },
  );
});

describe('the name in EHLO', () => {
  it('with a control or without a character is refused, in the options and in the calls', async () => {
    for (const control of [...controls, '\r\n']) {
      await refusalOf(() => new SMTP({ localHostname: `me${control}NOOP` }));
      await using world = await World.start();
      await refusalOf(() => world.client.ehlo(`me${control}NOOP`));
      await refusalOf(() => world.client.helo(`me${control}NOOP`));
      expect(world.server.connections[0]?.commands).toEqual([]);
    }
  });
});

describe('arguments of commands', () => {
  const calls: readonly (readonly [string, (client: SMTP, text: string) => Promise<unknown>])[] = [
    ['verify', (client, text) => client.verify(text)],
    ['vrfy', (client, text) => client.vrfy(text)],
    ['expn', (client, text) => client.expn(text)],
    ['help', (client, text) => client.help(text)],
    ['docmd', (client, text) => client.docmd('NOOP', text)],
    ['docmd, the verb', (client, text) => client.docmd(text)],
    ['putcmd', (client, text) => client.putcmd('NOOP', text)],
    ['auth, the mechanism', (client, text) => client.auth(text, () => 'x')],
  ];
  it.each(calls)('%s: with a control is refused', async (_name, call) => {
    for (const control of [...controls, '\r\n']) {
      await using world = await World.start({ extensions: ['AUTH PLAIN'] });
      await world.client.ehlo();
      await refusalOf(() => call(world.client, `x${control}QUIT`));
      expect(world.commands).toEqual([]);
      expect((await world.client.noop()).code).toBe(250);
    }
  });
});

describe('parameters', () => {
  const values = ['x\r\nRSET', 'x\0', 'x y', 'x>', '', 'x=y', '\u00e9'];
  it.each(values)('of MAIL and RCPT with the value %j are refused', async (value) => {
    await using world = await World.start();
    const { client } = world;
    await refusalOf(() => client.sendmail('a@x.test', 'b@y.test', body, { mailOptions: { RET: value } }));
    await refusalOf(() => client.sendmail('a@x.test', 'b@y.test', body, { mailOptions: [`RET=${value}`] }));
    await refusalOf(() => client.sendmail('a@x.test', 'b@y.test', body, { rcptOptions: { NOTIFY: value } }));
    await refusalOf(() => client.sendmail('a@x.test', 'b@y.test', body, { rcptOptions: () => [`NOTIFY=${value}`] }));
    await refusalOf(() => client.mail('a@x.test', { RET: value }));
    expect(world.commands).toEqual([]);
  });

  it.each(['RET X', 'RET\r\nRSET', '', '=', 'R=T', '\u00e9'])('with the keyword %j are refused', async (keyword) => {
    await using world = await World.start();
    await refusalOf(() => world.client.sendmail('a@x.test', 'b@y.test', body, { mailOptions: { [keyword]: 'x' } }));
    await refusalOf(() => world.client.sendmail('a@x.test', 'b@y.test', body, { rcptOptions: { [keyword]: true } }));
    expect(world.commands).toEqual([]);
  });

  it.each([NaN, Infinity, -1, 1.5, 2 ** 60])('with the number %p as SIZE are refused', async (size) => {
    await using world = await World.start();
    await refusalOf(() => world.client.sendmail('a@x.test', 'b@y.test', body, { mailOptions: { SIZE: size } }));
    expect(world.commands).toEqual([]);
  });

  it('of DSN are encoded or refused: an ENVID cannot end its own value', async () => {
    for (const envid of ['x\r\nRSET', 'x y', 'x>', 'x=y+z']) {
      await using world = await World.start();
      await world.client.sendmail('a@x.test', 'b@y.test', body, { dsn: { envid } }).catch(() => undefined);
      for (const line of world.commands.filter((one) => one.includes('ENVID'))) {
        expect(line).toMatch(/^MAIL FROM:<a@x\.test>(?: [A-Z]+=[!-<>-~]+)*$/);
      }
      expect(world.commands).not.toContain('RSET');
    }
  });
});

describe('the command line and URLs', () => {
  it('--from and --to with a control are refused before anybody is connected to', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    for (const words of [
      ['--from', 'a@x.test\r\nRSET'],
      ['--to', 'b@y.test\r\nRSET'],
      ['--to', 'b@y.test', '--to', 'c@y.test\0'],
    ]) {
      await expect(commandLine(server, words)).rejects.toThrow(/^exit [1-9]/);
    }
    expect(server.totals.connections).toBe(0);
  });

  it('a URL with a control is refused, also when it is percent-encoded into a user name', async () => {
    for (const url of ['smtp://mail.test\r\nRSET', 'smtp://mail.test%0d%0aRSET', 'smtp://h\0.test', '[::1]\r\n:25']) {
      await refusalOf(() => SMTP.connect(url));
    }
    await using server = await ScriptedServer.start({ behave: { extensions: ['AUTH PLAIN LOGIN'] } });
    const refused = SMTP.connect(`smtp://a%00b:c@127.0.0.1:${String(server.port)}`, { tls: 'never' });
    await refusalOf(() => refused);
    const commands = server.connections.flatMap((one) => one.commands.map(({ verb }) => verb));
    expect(commands.filter((verb) => verb !== 'EHLO')).toEqual([]);
  });
});
