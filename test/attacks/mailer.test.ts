/** The ways into a Mailer that a client does not have: its options, its URL with a query, several servers, many messages at a time. */
import { Mailer, type MailerOptions, type Sendable } from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { body, refusalOf, World } from './world.js';

const controls = [...Array.from({ length: 32 }, (_, code) => code), 0x7f];
const credentials = { user: 'ann', password: 'Tr0ub4dor-and-3' };
const message = { from: 'a@x.test', to: 'b@y.test', subject: 's', text: 't' };

async function started(behave: Behaviour): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave }, { listen: false, violations: 'record' });
}

const verbsOf = (server: ScriptedServer): string[] =>
  server.connections.flatMap(({ commands }) => commands.map(({ verb }) => verb));

describe('options that become commands or targets', () => {
  it('with a control are refused by the constructor, as options, in the URL and behind its question mark', async () => {
    for (const code of controls) {
      const control = String.fromCharCode(code);
      const encoded = `%${code.toString(16).padStart(2, '0')}`;
      await refusalOf(() => new Mailer({ host: 'h.test', localHostname: `me${control}NOOP` }));
      await refusalOf(() => new Mailer({ host: `h${control}.test` }));
      await refusalOf(() => new Mailer('smtp://h.test', { localHostname: `me${control}NOOP` }));
      await refusalOf(() => new Mailer(`smtp://h.test?localHostname=me${encoded}NOOP`));
      await refusalOf(() => new Mailer(`smtp://h${encoded}.test`));
      await refusalOf(() => new Mailer(`failover:(smtp://h.test?localHostname=me${encoded}NOOP,smtp://i.test)`));
    }
  });

  it('that are not known are refused, also where they would switch a check off or load something', async () => {
    const names = [
      'rejectUnauthorized',
      'ca',
      'connector',
      'onWire',
      'auth',
      'host',
      'path',
      'url',
      '__proto__',
      'constructor',
    ];
    for (const name of names) {
      await refusalOf(() => new Mailer(`smtp://h.test?${name}=x`));
      await refusalOf(() => new Mailer(`roundrobin:(smtp://h.test)?${name}=x`));
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    await refusalOf(() => new Mailer('smtp://h.test?tls=none'));
    await refusalOf(() => new Mailer('smtp://h.test?tls=required&tls=never'));
    await refusalOf(() => new Mailer('smtp://h.test', { unknown: 1 } as MailerOptions));
  });

  it('of another type than theirs are refused: what is JSON by origin cannot be a surprise later', async () => {
    const wrong = {
      allowInsecureAuth: 'no',
      pipelining: 'false',
      tls: 5,
      maxConnections: '5',
      maxQueue: -1,
      signal: {},
    };
    for (const [name, value] of Object.entries(wrong)) {
      await refusalOf(() => new Mailer('smtp://h.test', { [name]: value }));
    }
  });
});

describe('parameters of a send', () => {
  it.each(['x\r\nRSET', 'x\0', 'x y', 'x>', '', 'x=y', '\u00e9'])('with the value %j are refused', async (value) => {
    await using world = await World.start();
    const raw = Buffer.from(body);
    for (const options of [
      { mailOptions: { RET: value } },
      { mailOptions: [`RET=${value}`] },
      { rcptOptions: { NOTIFY: value } },
      { rcptOptions: () => [`NOTIFY=${value}`] },
    ]) {
      await refusalOf(() => world.mailer.send(raw, options));
      await refusalOf(() => world.sendAll([raw], options));
    }
    expect(world.server.messages).toEqual([]);
    expect(world.commands.filter((line) => !line.startsWith('EHLO'))).toEqual([]);
  });

  it('of DSN cannot end their own value', async () => {
    for (const envid of ['x\r\nRSET', 'x y', 'x>', 'x=y+z']) {
      await using world = await World.start();
      await world.mailer.send(Buffer.from(body), { dsn: { envid } }).catch(() => undefined);
      for (const line of world.commands.filter((one) => one.startsWith('MAIL'))) {
        expect(line).toMatch(/^MAIL FROM:<a@x\.test>(?: [A-Z0-9]+=[!-<>-~]+)*$/);
      }
      expect(world.commands).not.toContain('RSET');
    }
  });
});

describe('smuggling', () => {
  const ends = ['\n.\n', '\r\n.\n', '\n.\r\n', '\r.\r', '\r\n.\r', '\n.\r', '\r\n.\r\n', '\r\r\n.\r\r\n'];
  const forged = 'MAIL FROM:<admin@x.test>\r\nRCPT TO:<v@evil.test>\r\nDATA\r\nforged\r\n.\r\n';
  const contents: readonly Sendable[] = ends.flatMap((end) => {
    const text = Buffer.from(`${body}${end}${forged}`);
    return [
      text,
      async function* () {
        for (const octet of text) yield await Promise.resolve(Buffer.of(octet));
      },
      { ...message, text: text.toString() },
    ];
  });

  it.each(['off', 'safe', { window: 3 }] as const)(
    'a message cannot end early and go on as the next one that rides behind it (chunking %j)',
    async (chunking) => {
      await using server = await started({});
      await using mailer = new Mailer({ host: 'localhost', connector: server.connector, maxConnections: 1, chunking });
      for await (const outcome of mailer.sendAll(contents)) expect(outcome.ok).toBe(true);
      expect(server.messages.map(({ envelope, outcome }) => [envelope, outcome])).toEqual(
        contents.map(() => [{ from: 'a@x.test', to: ['b@y.test'] }, 'queued']),
      );
      expect(server.violations).toEqual([]);
      for (const { content } of server.messages) expect(content.toString('latin1')).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
    },
  );
});

describe('STARTTLS stripping', () => {
  const stripped: Behaviour = { extensions: ['AUTH PLAIN LOGIN'], accounts: { ann: credentials.password } };

  it('ends a send before the login, by an option and by the URL, and on each of several servers', async () => {
    const login = `ann:${credentials.password}@`;
    for (const url of [
      `smtp://${login}mail.test`,
      `smtp://${login}mail.test?tls=opportunistic`,
      `smtp://${login}mail.test?tls=never`,
      `failover:(smtp://${login}mail.test,smtp://${login}other.test?tls=never)`,
      `roundrobin:(smtp://${login}mail.test,smtp://${login}other.test?tls=opportunistic)`,
    ]) {
      await using server = await started(stripped);
      const work = async (): Promise<unknown> => {
        const mailer = new Mailer(url, { connector: server.connector });
        return await mailer.send(message);
      };
      expect(await refusalOf(work)).not.toMatchObject({ code: 'ERR_INVALID_URL' });
      expect(verbsOf(server).filter((verb) => verb === 'AUTH' || verb === 'MAIL')).toEqual([]);
    }
  });

  it('a second server gets no password in clear because the first one is down', async () => {
    await using server = await started(stripped);
    const connector: MailerOptions['connector'] = async (target, signal) => {
      if ('host' in target && target.host === 'one.test')
        throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
      return await server.connector(target, signal);
    };
    const mailer = new Mailer('failover:(smtps://one.test,smtp://two.test)', { auth: credentials, connector });
    await refusalOf(() => mailer.send(message));
    expect(verbsOf(server)).not.toContain('AUTH');
    expect(verbsOf(server)).not.toContain('MAIL');
  });

  it('REQUIRETLS is not sent over a connection without verified TLS, and not without it either', async () => {
    await using server = await started({ extensions: ['REQUIRETLS'] });
    await using mailer = new Mailer({ host: 'localhost', connector: server.connector });
    await refusalOf(() => mailer.send(message, { requireTls: true }));
    expect(verbsOf(server)).not.toContain('MAIL');
  });
});

describe('what a message says', () => {
  it('of files, URLs and objects is never followed', async () => {
    await using world = await World.start();
    const evil = JSON.parse(
      '{"from":"a@x.test","to":"b@y.test","text":"t","attachments":[{"path":"/etc/passwd","href":"http://h.test/"}]}',
    ) as Sendable;
    await refusalOf(() => world.mailer.send(evil));
    for (const field of [
      { text: { path: '/etc/passwd' } },
      { raw: { path: '/etc/passwd' } },
      { envelope: { to: 'v@evil.test' } },
    ]) {
      await refusalOf(() => world.mailer.send({ ...message, ...field } as unknown as Sendable));
    }
    expect(world.commands).toEqual([]);
  });

  it('of a Bcc goes to nobody else, whoever rides behind it', async () => {
    const forms = ['Bcc: v@z.test', 'BCC : v@z.test', 'Bcc:\r\n v@z.test', 'Resent-Bcc: v@z.test', 'X\rBcc: v@z.test'];
    await using world = await World.start();
    for (const form of forms) {
      const raw = Buffer.from(`From: a@x.test\r\nTo: b@y.test\r\n${form}\r\nSubject: s\r\n\r\nt\r\n`);
      await Promise.all(
        [1, 2].map(() => world.mailer.send(raw, { from: 'a@x.test', to: 'b@y.test' }).catch(() => 'no')),
      );
    }
    for (const { content, envelope } of world.server.messages) {
      expect(content.toString('latin1')).not.toMatch(/v@z\.test/);
      expect(envelope.to).toEqual(['b@y.test']);
    }
    expect(world.server.messages.length).toBeGreaterThan(4);
  });

  it('in an address that is not ASCII does not go to a server without SMTPUTF8', async () => {
    await using world = await World.start({ extensions: ['8BITMIME'] });
    const refused = refusalOf(() => world.mailer.send({ ...message, to: 'j\u00f6rg@y.test' }));
    expect((await refused).name).toBe('SMTPNotSupportedError');
    expect(world.commands.filter((line) => /^(?:MAIL|RCPT)/.test(line))).toEqual([]);
  });
});
