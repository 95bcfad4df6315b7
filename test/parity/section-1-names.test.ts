/** The names of smtplib, in camelCase, with the documented results: its module, its functions, and the members of its classes. */
import * as posthaste from '../../src/index.js';
import {
  CRLF,
  InvalidAddressError,
  isPosthasteError,
  LMTP,
  LMTP_PORT,
  quoteaddr,
  quotedata,
  SMTP,
  SMTP_PORT,
  SMTP_SSL,
  SMTP_SSL_PORT,
  SMTPConnectError,
  SMTPDialError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

describe('1.1 module', () => {
  it('__all__: every class and function is exported, and LMTP too', () => {
    const names = [
      'SMTPException',
      'SMTPNotSupportedError',
      'SMTPServerDisconnected',
      'SMTPResponseException',
      'SMTPSenderRefused',
      'SMTPRecipientsRefused',
      'SMTPDataError',
      'SMTPConnectError',
      'SMTPHeloError',
      'SMTPAuthenticationError',
      'quoteaddr',
      'quotedata',
      'SMTP',
      'SMTP_SSL',
      'LMTP',
    ];
    expect(names.filter((name) => typeof posthaste[name as keyof typeof posthaste] !== 'function')).toEqual([]);
  });

  it('constants: ports and CRLF', () => {
    expect([SMTP_PORT, SMTP_SSL_PORT, LMTP_PORT, CRLF]).toEqual([25, 465, 2003, '\r\n']);
  });

  it('exceptions: the tree is that of Python, and each is one of ours', () => {
    const { prototype } = SMTPException;
    const bases: readonly [{ readonly prototype: object }, object][] = [
      [SMTPNotSupportedError, prototype],
      [SMTPServerDisconnected, prototype],
      [SMTPResponseException, prototype],
      [SMTPRecipientsRefused, prototype],
      [posthaste.SMTPSenderRefused, SMTPResponseException.prototype],
      [posthaste.SMTPDataError, SMTPResponseException.prototype],
      [SMTPConnectError, SMTPResponseException.prototype],
      [posthaste.SMTPHeloError, SMTPResponseException.prototype],
      [posthaste.SMTPAuthenticationError, SMTPResponseException.prototype],
    ];
    for (const [one, base] of bases) expect(Object.getPrototypeOf(one.prototype)).toBe(base);
    expect(isPosthasteError(new SMTPException('x'))).toBe(true);
  });

  it('exceptions: smtp_code, smtp_error, sender, recipients', async () => {
    await using server = await start({ on: { 'MAIL:1': '550 5.7.1 not you', RCPT: '550 5.1.1 no such user' } });
    await using smtp = await SMTP.connect(server.url);
    const refused = await rejectionOf(smtp.sendmail('Ann <ann@x.test>', 'bob@x.test', 'Subject: x\n\n'));
    expect(refused).toBeInstanceOf(SMTPSenderRefused);
    expect(refused).toMatchObject({ smtpCode: 550, smtpError: '5.7.1 not you', sender: 'ann@x.test' });
    const all = await rejectionOf(smtp.sendmail('ann@x.test', ['bob@x.test'], 'Subject: x\n\n'));
    expect(all).toBeInstanceOf(SMTPRecipientsRefused);
    expect((all as SMTPRecipientsRefused).refused.get('bob@x.test')?.code).toBe(550);
  });

  it.each([
    ['', '<>'],
    ['<>', '<>'],
    ['Bob <a@x.test>', '<a@x.test>'],
    ['"a b"@x.test', '<"a b"@x.test>'],
    ['root', '<root>'],
  ])('quoteaddr: %j is %j', (given, path) => {
    expect(quoteaddr(given)).toBe(path);
  });

  it.each(['a b', 'a@b@c', 'a\0b@x', 'a@x> NOTIFY=NEVER', 'a@x, b@x', 'group: a@x, b@x;', 'a@x\r\nRCPT TO:<b@x>'])(
    'quoteaddr: %j, which smtplib lets through, is refused',
    (given) => {
      expect(thrownBy(() => quoteaddr(given))).toBeInstanceOf(InvalidAddressError);
    },
  );

  it.each([
    ['a\r.b', 'a\r\n..b'],
    ['a\r\r\n.b', 'a\r\n\r\n..b'],
    ['.\n..\nx', '..\r\n...\r\nx'],
    ['', ''],
  ])('quotedata: %j is %j', (given, quoted) => {
    expect(quotedata(given)).toBe(quoted);
  });
});

describe('1.2 class SMTP', () => {
  it('attributes: what is known before a connection', () => {
    const smtp = new SMTP();
    expect(smtp).toMatchObject({
      connected: false,
      doesEsmtp: false,
      heloResp: undefined,
      ehloResp: undefined,
      tls: undefined,
    });
    expect([smtp.authenticated, smtp.esmtpFeatures.size, smtp.hasExtn('size')]).toEqual([false, 0, false]);
    expect(new SMTP({ localHostname: 'me.example' }).localHostname).toBe('me.example');
    expect(new SMTP().localHostname).toMatch(/^\[.*\]$|\./);
  });

  it('SMTP(): the constructor does not connect; timeout 0 is an error', () => {
    expect(new SMTP({ host: 'nowhere.invalid' }).connected).toBe(false);
    expect(thrownBy(() => new SMTP({ timeoutMs: 0 }))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it('connect: host:port is split when no port is given; [v6]:port too; a bare v6 address is a host', async () => {
    await using server = await start();
    await using smtp = new SMTP();
    expect((await smtp.connect(`127.0.0.1:${String(server.port)}`)).code).toBe(220);
    expect((await smtp.connect('127.0.0.1', server.port)).code).toBe(220);
    for (const bad of ['127.0.0.1:', 'h:25:3', 'h:+25', 'h: 25', 'h:\u0662\u0665', 'h:65536']) {
      expect(await rejectionOf(smtp.connect(bad))).toMatchObject({ code: 'ERR_INVALID_TARGET' });
    }
  });

  it('connect: a system error keeps its code; the state of an earlier connection is gone', async () => {
    await using server = await start({ extensions: ['SIZE'] });
    const smtp = await SMTP.connect(server.url);
    const { port } = server;
    await server.close();
    const error = await rejectionOf(smtp.connect('127.0.0.1', port));
    expect(error).toBeInstanceOf(SMTPDialError);
    expect(error).toMatchObject({ syscode: 'ECONNREFUSED' });
    expect(smtp.esmtpFeatures.size).toBe(0);
  });

  it('helo, ehlo: the answer is kept; only 250 parses; hasExtn compares without case', async () => {
    await using server = await start({ extensions: ['SIZE 5', 'X-A'], on: { 'EHLO:2': '250-mx\n250 DSN' } });
    await using smtp = new SMTP({ host: server.host, port: server.port });
    await smtp.connect();
    expect((await smtp.ehlo('me.example')).code).toBe(250);
    expect([smtp.hasExtn('SiZe'), smtp.esmtpFeatures.get('size'), smtp.hasExtn('x-a')]).toEqual([true, '5', true]);
    await smtp.ehlo();
    expect([...smtp.esmtpFeatures.keys()]).toEqual(['dsn']);
    expect((await smtp.helo('me.example')).code).toBe(250);
    expect(smtp.heloResp?.code).toBe(250);
    expect(server.connections[0]?.commands[0]?.line).toBe('EHLO me.example');
  });

  it('help gives the text; rset, noop, verify, vrfy and expn the reply', async () => {
    await using server = await start({ on: { HELP: '214 read the RFC' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await smtp.help('MAIL')).toBe('read the RFC');
    for (const reply of [
      await smtp.rset(),
      await smtp.noop(),
      await smtp.verify('a'),
      await smtp.vrfy('a'),
      await smtp.expn('a'),
    ]) {
      expect(reply.code).toBeGreaterThanOrEqual(200);
    }
    const lines = server.connections[0]?.commands.map(({ line }) => line).slice(1);
    expect(lines).toEqual(['HELP MAIL', 'RSET', 'NOOP', 'VRFY a', 'VRFY a', 'EXPN a']);
  });

  it('mail and rcpt: verbs in upper case, options behind the path, refused where they are not offered', async () => {
    await using server = await start({ extensions: ['SIZE', 'DSN'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.mail('Ann <ann@x.test>', ['SIZE=10', 'RET=HDRS']);
    await smtp.rcpt('bob@x.test', { NOTIFY: 'SUCCESS,FAILURE' });
    const lines = server.connections[0]?.commands.map(({ line }) => line).slice(1);
    expect(lines).toEqual(['MAIL FROM:<ann@x.test> SIZE=10 RET=HDRS', 'RCPT TO:<bob@x.test> NOTIFY=SUCCESS,FAILURE']);
    await smtp.rset();
    expect(await rejectionOf(smtp.mail('ann@x.test', ['SMTPUTF8']))).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('data: content ends in exactly one line end and a dot; the final reply is given whatever its code', async () => {
    await using server = await start({ on: { 'final:2': '550 no' } });
    await using smtp = await SMTP.connect(server.url);
    const codes: number[] = [];
    for (const content of ['a\n', 'a']) {
      await smtp.mail('ann@x.test');
      await smtp.rcpt('bob@x.test');
      codes.push((await smtp.data(content)).code);
    }
    expect(codes).toEqual([250, 550]);
    expect(server.messages.map(({ raw }) => raw.toString())).toEqual(['a\r\n.\r\n', 'a\r\n.\r\n']);
  });

  it('docmd, putcmd, getreply: raw commands', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.docmd('vrfy', 'ann')).code).toBe(252);
    await smtp.putcmd('NOOP');
    expect((await smtp.getreply()).code).toBe(250);
  });

  it('ehlo_or_helo_if_needed: says nothing when something was said', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.ehloOrHeloIfNeeded();
    expect(server.connections[0]?.commands).toHaveLength(1);
  });

  it('starttls: without the extension it is not supported; a refusal leaves the session', async () => {
    await using plain = await start({ extensions: [] });
    await using smtp = await SMTP.connect(plain.url);
    expect(await rejectionOf(smtp.starttls())).toBeInstanceOf(SMTPNotSupportedError);
    await using refusing = await start({ extensions: ['STARTTLS'], on: { STARTTLS: '454 4.7.0 not now' } });
    await using other = await SMTP.connect(refusing.url);
    expect(await rejectionOf(other.starttls())).toBeInstanceOf(SMTPResponseException);
    expect((await other.noop()).code).toBe(250);
  });

  it('close forgets, quit resets, both can be followed by connect', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.quit()).code).toBe(221);
    expect([smtp.connected, smtp.ehloResp, smtp.esmtpFeatures.size]).toEqual([false, undefined, 0]);
    await smtp.connect();
    smtp.close();
    expect(smtp.connected).toBe(false);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('SMTP_SSL and LMTP: default ports, TLS from the start, LHLO, unix sockets', async () => {
    await using secure = await ScriptedServer.start({ behave: {} }, { implicitTls: true });
    await using ssl = await SMTP_SSL.connect(secure.url, { tls: { ca: secure.certificate } });
    expect(ssl.tls?.authorized).toBe(true);
    await using local = await ScriptedServer.start({ behave: {} }, { protocol: 'lmtp' });
    await using lmtp = await LMTP.connect(local.url);
    expect(local.connections[0]?.commands[0]?.verb).toBe('LHLO');
    expect(lmtp.doesEsmtp).toBe(true);
  });
});
