/** Python's class SMTP and its subclasses, member by member. */
import {
  InvalidAddressError,
  LMTP,
  MessageError,
  SMTP,
  SMTP_SSL,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPResponseException,
  SMTPServerDisconnected,
  type Target,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

async function pair(behave: Behaviour = {}): Promise<{ server: ScriptedServer; smtp: SMTP } & AsyncDisposable> {
  const server = await start(behave);
  const smtp = await SMTP.connect(server.url);
  return {
    server,
    smtp,
    [Symbol.asyncDispose]: async () => {
      smtp.close();
      await server.close();
    },
  };
}

const lines = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ line }) => line) ?? [];

async function targetOf(client: SMTP | SMTP_SSL | LMTP, ...args: Parameters<SMTP['connect']>): Promise<unknown> {
  const error = await rejectionOf(client.connect(...args));
  return error instanceof SMTPDialError ? (error.cause as { target?: unknown } | undefined)?.target : error;
}

const asking = {
  connector: (target: Target) => Promise.reject(Object.assign(new Error('only asking'), { target })),
};

describe('1.2 class SMTP', () => {
  it('1.2 attributes: a client that was made and not connected knows nothing', () => {
    const smtp = new SMTP();
    expect([smtp.connected, smtp.heloResp, smtp.ehloResp, smtp.doesEsmtp, smtp.esmtpFeatures.size]).toEqual([
      false,
      undefined,
      undefined,
      false,
      0,
    ]);
  });

  it('1.2 constructor: with a host, SMTP.connect dials, and only a greeting of 220 is a yes', async () => {
    await using server = await start({ on: { greeting: '554 no' } });
    expect(await rejectionOf(SMTP.connect(server.url))).toBeInstanceOf(SMTPConnectError);
    expect(server.totals.connections).toBe(1);
  });

  it('1.2 local_hostname: the caller\u2019s, else one that asks no DNS while the server waits', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url, { localHostname: 'client.example.org' });
    expect(smtp.localHostname).toBe('client.example.org');
    expect(lines(server)).toEqual(['EHLO client.example.org']);
  });

  it('1.2 with: QUIT is said at the end of the block, and the error of the block wins', async () => {
    await using server = await start({ on: { QUIT: '500 no' } });
    const failing = async (): Promise<void> => {
      await using smtp = await SMTP.connect(server.url);
      await smtp.noop();
      throw new RangeError('mine');
    };
    expect(await rejectionOf(failing())).toBeInstanceOf(RangeError);
    expect(lines(server).at(-1)).toBe('QUIT');
  });

  it('1.2 set_debuglevel: prints the conversation, without secrets and bodies', async () => {
    await using world = await pair();
    const seen: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (chunk: string) => seen.push(chunk) > 0;
    try {
      world.smtp.setDebuglevel(1);
      await world.smtp.sendmail('a@x.test', 'b@x.test', 'Subject: private\n\n');
      world.smtp.setDebuglevel(0);
      await world.smtp.noop();
    } finally {
      process.stderr.write = write;
    }
    expect(seen.join('')).toContain('C: MAIL FROM:<a@x.test>');
    expect(seen.join('')).not.toMatch(/private|NOOP/);
  });

  it.each([
    ['h', undefined, { host: 'h', port: 25 }],
    ['h:587', undefined, { host: 'h', port: 587 }],
    ['h', 2525, { host: 'h', port: 2525 }],
    ['h', 0, { host: 'h', port: 25 }],
    ['h:0', undefined, { host: 'h', port: 25 }],
    ['::1', undefined, { host: '::1', port: 25 }],
    ['[::1]:25', undefined, { host: '::1', port: 25 }],
    ['[::1]', 587, { host: '::1', port: 587 }],
  ] as const)(
    '1.2 connect: host:port is split only where there is one colon: %j with %j',
    async (host, port, target) => {
      expect(await targetOf(new SMTP(asking), host, port)).toEqual(target);
    },
  );

  it.each(['h:', 'h:x', 'h: 25', 'h:+25', 'h:\u0662\u0665', 'h:25:3', 'h:65536'])(
    '1.2 connect: %j names no port',
    async (host) => {
      expect(await rejectionOf(new SMTP(asking).connect(host))).toBeInstanceOf(MessageError);
    },
  );

  it('1.2 connect: a second one starts with nothing known, so that EHLO is said again', async () => {
    await using world = await pair();
    world.smtp.close();
    await world.smtp.connect();
    expect(world.smtp.ehloResp).toBeUndefined();
    await world.smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n');
    expect(world.server.connections[1]?.commands[0]?.verb).toBe('EHLO');
  });

  it('1.2 send: without a connection, the error says to connect first', async () => {
    expect(await rejectionOf(new SMTP().docmd('NOOP'))).toMatchObject({
      message: expect.stringContaining('please run connect() first') as string,
    });
  });

  it('1.2 putcmd: line ends are refused, and so is every other control character', async () => {
    await using world = await pair();
    for (const args of ['a\rb', 'a\nb', 'a\0b', 'a\tb']) {
      expect(await rejectionOf(world.smtp.putcmd('NOOP', args))).toBeInstanceOf(TypeError);
    }
    expect(lines(world.server)).toHaveLength(1);
  });

  it('1.2 docmd: putcmd and getreply in one', async () => {
    await using world = await pair();
    expect((await world.smtp.docmd('NOOP')).code).toBe(250);
    await world.smtp.putcmd('NOOP');
    expect((await world.smtp.getreply()).code).toBe(250);
  });

  it('1.2 helo: the answer is kept whatever its code', async () => {
    await using world = await pair({ on: { HELO: '250 hi' } });
    expect((await world.smtp.helo('me.test')).code).toBe(250);
    expect(world.smtp.heloResp?.code).toBe(250);
    expect(lines(world.server).at(-1)).toBe('HELO me.test');
  });

  it('1.2 ehlo: only 250 is a yes, and a later no leaves nothing of it', async () => {
    await using world = await pair({ extensions: ['SIZE 5'], on: { 'EHLO:2': '501 no' } });
    expect([world.smtp.doesEsmtp, world.smtp.hasExtn('size')]).toEqual([true, true]);
    expect((await world.smtp.ehlo('x')).code).toBe(501);
    expect([world.smtp.doesEsmtp, world.smtp.hasExtn('size'), world.smtp.ehloResp?.code]).toEqual([false, false, 501]);
  });

  it('1.2 has_extn: without regard to case', async () => {
    await using world = await pair({ extensions: ['8bitmime'] });
    expect([world.smtp.hasExtn('8BITMIME'), world.smtp.hasExtn('dsn')]).toEqual([true, false]);
  });

  it('1.2 help: gives the text alone', async () => {
    await using world = await pair({ on: { HELP: '214-one\n214 two' } });
    expect(await world.smtp.help('MAIL')).toBe('one\ntwo');
  });

  it('1.2 rset: drops the transaction', async () => {
    await using world = await pair();
    await world.smtp.mail('a@x.test');
    expect((await world.smtp.rset()).code).toBe(250);
    expect((await world.smtp.mail('b@x.test')).code).toBe(250);
  });

  it('1.2 noop, verify, vrfy, expn: resolve with the reply', async () => {
    await using world = await pair();
    const { smtp } = world;
    const replies = [await smtp.noop(), await smtp.verify('a'), await smtp.vrfy('a'), await smtp.expn('list')];
    expect(replies.map(({ code }) => code)).toEqual([250, 252, 252, 252]);
  });

  it('1.2 mail: SMTPUTF8 needs the extension, and no option is dropped silently', async () => {
    await using world = await pair({ extensions: ['SIZE'] });
    expect(await rejectionOf(world.smtp.mail('a@x.test', ['smtputf8']))).toBeInstanceOf(SMTPNotSupportedError);
    expect(await rejectionOf(world.smtp.mail('a@x.test', ['BODY=8BITMIME']))).toBeInstanceOf(SMTPNotSupportedError);
    await world.smtp.mail('Ann <a@x.test>', ['size=5']);
    expect(lines(world.server).at(-1)).toBe('MAIL FROM:<a@x.test> SIZE=5');
  });

  it('1.2 rcpt: options as for mail, and exactly one address', async () => {
    await using world = await pair({ extensions: ['DSN'] });
    await world.smtp.mail('a@x.test');
    await world.smtp.rcpt('b@x.test', ['NOTIFY=NEVER']);
    expect(lines(world.server).at(-1)).toBe('RCPT TO:<b@x.test> NOTIFY=NEVER');
    expect(await rejectionOf(world.smtp.rcpt('b@x.test, c@x.test'))).toBeInstanceOf(InvalidAddressError);
  });

  it('1.2 data: 354 alone opens the content; the final reply is given unchecked', async () => {
    await using world = await pair({ on: { 'DATA:1': '451 later', final: '554 no' } });
    const { smtp } = world;
    await smtp.mail('a@x.test');
    await smtp.rcpt('b@x.test');
    expect(await rejectionOf(smtp.data('x'))).toBeInstanceOf(SMTPDataError);
    await smtp.mail('a@x.test');
    await smtp.rcpt('b@x.test');
    expect((await smtp.data('a\n')).code).toBe(554);
    expect(world.server.messages[0]?.raw.toString()).toBe('a\r\n.\r\n');
  });

  it('1.2 ehlo_or_helo_if_needed: once, and HELO only where EHLO is not known', async () => {
    await using server = await start({ unsupported: ['EHLO'] });
    await using smtp = new SMTP(server.address);
    await smtp.connect();
    await smtp.ehloOrHeloIfNeeded();
    await smtp.ehloOrHeloIfNeeded();
    expect(lines(server).map((line) => line.split(' ')[0])).toEqual(['EHLO', 'HELO']);
    await using down = await start({ on: { EHLO: '421 bye' } });
    await using second = new SMTP(down.address);
    await second.connect();
    expect(await rejectionOf(second.ehloOrHeloIfNeeded())).toBeInstanceOf(SMTPHeloError);
    expect(lines(down)).toHaveLength(1);
  });

  it('1.2 starttls: needs the extension, takes 220 only, verifies, and forgets what was known', async () => {
    await using server = await start({ extensions: ['STARTTLS', 'SIZE 5'], on: { 'STARTTLS:1': '454 not now' } });
    await using smtp = await SMTP.connect({
      host: 'localhost',
      port: server.port,
      tls: { mode: 'never', ca: server.certificate },
    });
    expect(await rejectionOf(smtp.starttls())).toBeInstanceOf(SMTPResponseException);
    expect((await smtp.starttls()).code).toBe(220);
    expect([smtp.tls?.authorized, smtp.ehloResp, smtp.doesEsmtp, smtp.hasExtn('size')]).toEqual([
      true,
      undefined,
      false,
      false,
    ]);
  });

  it('1.2 starttls: the name that is checked is the one given to connect, with or without a port behind it', async () => {
    await using server = await start({ extensions: ['STARTTLS'] });
    await using smtp = new SMTP({ tls: { ca: server.certificate } });
    await smtp.connect(`localhost:${String(server.port)}`);
    await smtp.starttls();
    expect(smtp.tls?.authorized).toBe(true);
  });

  it('1.2 close: ends the connection, and a later call says so', async () => {
    await using world = await pair();
    world.smtp.close();
    expect(world.smtp.connected).toBe(false);
    expect(await rejectionOf(world.smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('1.2 quit: gives the reply whatever its code, and forgets the session', async () => {
    await using world = await pair({ on: { QUIT: '500 never heard of it' } });
    expect((await world.smtp.quit()).code).toBe(500);
    expect([world.smtp.connected, world.smtp.ehloResp, world.smtp.doesEsmtp]).toEqual([false, undefined, false]);
  });

  it('1.2 SMTP_SSL: port 465, TLS from the first octet, verified', async () => {
    expect(await targetOf(new SMTP_SSL(asking), 'h')).toEqual({ host: 'h', port: 465 });
    await using server = await ScriptedServer.start({ behave: {} }, { implicitTls: true });
    expect(await rejectionOf(SMTP_SSL.connect(server.url))).toMatchObject({ name: 'SMTPTlsError' });
    await using smtp = await SMTP_SSL.connect(server.url, { tls: { ca: server.certificate } });
    expect(smtp.tls?.authorized).toBe(true);
  });

  it('1.2 LMTP: LHLO, port 2003 in connect() too, a path is a unix socket, no HELO', async () => {
    expect(await targetOf(new LMTP(asking), 'h')).toEqual({ host: 'h', port: 2003 });
    expect(await targetOf(new LMTP(asking), '/run/lmtp')).toEqual({ path: '/run/lmtp' });
    expect(await rejectionOf(new LMTP(asking).connect(''))).toBeInstanceOf(MessageError);
    await using server = await ScriptedServer.start({ behave: { on: { LHLO: '500 no' } } }, { protocol: 'lmtp' });
    expect(await rejectionOf(LMTP.connect(server.url))).toBeInstanceOf(SMTPException);
    expect(lines(server).map((line) => line.split(' ')[0])).toEqual(['LHLO']);
  });
});
