import {
  isPosthasteError,
  MessageError,
  SMTP,
  SMTPAbortedError,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPException,
  SMTPHeloError,
  SMTPProtocolError,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

describe('SMTP.connect', () => {
  it('connects, says EHLO with an address literal or a full name, and learns the extensions', async () => {
    await using server = await start({ extensions: ['PIPELINING', 'SIZE 1000', 'X-ODD a b'] });
    await using smtp = await SMTP.connect(server.url);
    expect(smtp.connected).toBe(true);
    expect(smtp.doesEsmtp).toBe(true);
    expect(smtp.ehloResp?.code).toBe(250);
    expect([...smtp.esmtpFeatures]).toEqual([
      ['pipelining', ''],
      ['size', '1000'],
      ['x-odd', 'a b'],
    ]);
    expect(smtp.hasExtn('Size')).toBe(true);
    expect(smtp.hasExtn('dsn')).toBe(false);
    const [ehlo] = server.connections[0]?.commands ?? [];
    expect(ehlo?.line).toMatch(/^EHLO (\[127\.0\.0\.1\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$/);
  });

  it('takes host:port, options, and a URL of its own scheme only', async () => {
    await using server = await start();
    await using byText = await SMTP.connect(`127.0.0.1:${String(server.port)}`);
    await using byOptions = await SMTP.connect({ host: '127.0.0.1', port: server.port });
    expect([byText.connected, byOptions.connected]).toEqual([true, true]);
    const error = await rejectionOf(SMTP.connect(`smtps://127.0.0.1:${String(server.port)}`));
    expect(error).toMatchObject({ code: 'ERR_INVALID_URL', delivery: 'not-sent' });
  });

  it('leaves nothing open when the greeting is a refusal', async () => {
    await using server = await start({ on: { greeting: '554 5.7.1 go away' } });
    const error = await rejectionOf(SMTP.connect(server.url));
    expect(error).toBeInstanceOf(SMTPConnectError);
    expect(error).toMatchObject({ stage: 'greeting', delivery: 'not-sent', retryable: false, smtpCode: 554 });
    await server.finished();
    expect(server.connections[0]?.ending).toBe('by-client');
  });

  it('calls a greeting with 4xx retryable, and one with 250 no greeting', async () => {
    await using busy = await start({ on: { greeting: '421 4.3.2 too busy' } });
    expect(await rejectionOf(SMTP.connect(busy.url))).toMatchObject({ name: 'SMTPConnectError', retryable: true });
    await using odd = await start({ on: { greeting: '250 hello' } });
    expect(await rejectionOf(SMTP.connect(odd.url))).toBeInstanceOf(SMTPConnectError);
  });

  it('falls back to HELO behind a server that does not know EHLO, and only then', async () => {
    await using old = await start({ unsupported: ['EHLO'] });
    await using smtp = await SMTP.connect(old.url);
    expect(smtp.doesEsmtp).toBe(false);
    expect(smtp.heloResp?.code).toBe(250);
    await using hostile = await start({ on: { EHLO: '554 5.7.1 no' } });
    const error = await rejectionOf(SMTP.connect(hostile.url));
    expect(error).toBeInstanceOf(SMTPHeloError);
    expect(hostile.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
  });

  it('names the system error when nobody listens', async () => {
    const server = await start();
    const { url } = server;
    await server.close();
    const error = await rejectionOf(SMTP.connect(url));
    expect(error).toBeInstanceOf(SMTPDialError);
    expect(error).toMatchObject({ syscode: 'ECONNREFUSED', delivery: 'not-sent', retryable: true });
    expect((error as SMTPDialError).hint).toBeTruthy();
  });

  it('ends with SMTPTimeoutError when the greeting does not come', async () => {
    await using server = await start({ on: { greeting: '(hold)' } });
    const error = await rejectionOf(SMTP.connect({ host: server.host, port: server.port, timeoutMs: 50 }));
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'greeting', timeoutMs: 50, retryable: true });
  });

  it('calls a server that speaks another protocol a protocol error', async () => {
    await using server = await ScriptedServer.start('S: "HTTP/1.1 400 Bad Request\\r\\n\\r\\n"');
    const error = await rejectionOf(SMTP.connect(server.url));
    expect(error).toBeInstanceOf(SMTPProtocolError);
    expect((error as Error).message).toContain('HTTP/1.1 400');
  });
});

describe('the verbs', () => {
  it('resolve with the reply whatever its code', async () => {
    await using server = await start({
      on: { VRFY: '252 2.1.5 perhaps', EXPN: '502 5.5.1 no', HELP: '214-see\n214 RFC 5321' },
    });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.noop()).code).toBe(250);
    expect(await smtp.verify('ann@example.org')).toMatchObject({ code: 252, enhancedCode: '2.1.5' });
    expect((await smtp.vrfy('ann')).code).toBe(252);
    expect((await smtp.expn('list')).code).toBe(502);
    expect(await smtp.help()).toBe('see\nRFC 5321');
    expect((await smtp.docmd('NOOP')).code).toBe(250);
    expect((await smtp.quit()).code).toBe(221);
    expect(smtp.connected).toBe(false);
    expect(smtp.ehloResp).toBeUndefined();
  });

  it('take no name, as an empty one, for their own', async () => {
    await using server = await start();
    const smtp = new SMTP({ ...server.address, localHostname: 'me.example' });
    await smtp.connect();
    for (const name of ['', undefined, 'you.example']) {
      await smtp.ehlo(name);
      await smtp.helo(name);
    }
    smtp.close();
    const names = server.connections[0]?.commands.map(({ line }) => line);
    expect(names).toEqual(['me', 'me', 'you'].flatMap((name) => [`EHLO ${name}.example`, `HELO ${name}.example`]));
  });

  it('run a transaction by hand', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.mail('ann@example.org')).code).toBe(250);
    expect((await smtp.rcpt('bob@example.org')).code).toBe(250);
    expect((await smtp.data('Subject: hi\n\n.dot\n')).code).toBe(250);
    expect(server.messages[0]?.envelope).toEqual({ from: 'ann@example.org', to: ['bob@example.org'] });
    expect(server.messages[0]?.content.toString()).toBe('Subject: hi\r\n\r\n.dot\r\n');
  });

  it('run one transaction by hand after the other, and stream the content', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const recipient of ['bob@example.org', 'cat@example.org']) {
      await smtp.mail('ann@example.org');
      await smtp.rcpt(recipient);
      await smtp.data(async function* () {
        await Promise.resolve();
        yield Buffer.from('Subject: hi\n\n.dot\n');
      });
    }
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@example.org'], ['cat@example.org']]);
    expect(server.messages.map(({ content }) => content.toString())).toEqual(
      Array<string>(2).fill('Subject: hi\r\n\r\n.dot\r\n'),
    );
  });

  it('throw SMTPDataError when DATA is refused, and reset', async () => {
    await using server = await start({ on: { DATA: '451 4.3.0 later' } });
    await using smtp = await SMTP.connect(server.url);
    await smtp.mail('ann@example.org');
    await smtp.rcpt('bob@example.org');
    const error = await rejectionOf(smtp.data('x\n'));
    expect(error).toBeInstanceOf(SMTPDataError);
    expect(error).toMatchObject({ stage: 'data', retryable: true, delivery: 'refused' });
    expect((await smtp.mail('ann@example.org')).code).toBe(250);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual([
      'EHLO',
      'MAIL',
      'RCPT',
      'DATA',
      'RSET',
      'MAIL',
    ]);
  });

  it('refuse a second MAIL and a DATA out of turn before they are sent', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.mail('ann@example.org');
    expect(await rejectionOf(smtp.mail('bob@example.org'))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    await smtp.rset();
    expect(await rejectionOf(smtp.rcpt('bob@example.org'))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    expect(await rejectionOf(smtp.data('x'))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO', 'MAIL', 'RSET']);
  });

  it.each(['500 what', '250-half\r\n550 half', '(close)'])(
    'close, and forget what was said, when RSET behind a refusal comes to %s',
    async (answer) => {
      await using server = await start({ on: { MAIL: '550 5.1.0 no', RSET: answer } });
      await using smtp = await SMTP.connect(server.url);
      expect(smtp.doesEsmtp).toBe(true);
      const error = await rejectionOf(smtp.sendmail('ann@example.org', 'bob@example.org', 'x\n'));
      expect(error).toBeInstanceOf(SMTPSenderRefused);
      expect([smtp.connected, smtp.doesEsmtp, smtp.ehloResp]).toEqual([false, false, undefined]);
    },
  );

  it('throw and close when RSET is refused', async () => {
    await using server = await start({ on: { RSET: '500 what' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.rset())).toBeInstanceOf(SMTPResponseException);
    expect(smtp.connected).toBe(false);
  });

  it('need a connection', async () => {
    const smtp = new SMTP();
    const error = await rejectionOf(smtp.noop());
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect((error as Error).message).toContain('please run connect() first');
    expect(await rejectionOf(smtp.sendmail('a@x', 'b@x', 'Subject: x\n\n'))).toBeInstanceOf(SMTPServerDisconnected);
  });
});

describe('docmd, putcmd and getreply', () => {
  it('refuse DATA, BDAT and STARTTLS with the method to call', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const verb of ['DATA', 'BDAT', 'starttls']) {
      const error = await rejectionOf(smtp.docmd(verb));
      expect(error).toBeInstanceOf(MessageError);
      expect((error as MessageError).hint).toMatch(/Call /);
    }
  });

  it('refuse line ends and control characters', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const text of ['a\r\nRCPT TO:<v@x>', 'a\nb', 'a\0b', 'a\tb', 'a\x7f']) {
      expect(await rejectionOf(smtp.docmd('NOOP', text))).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
      expect(await rejectionOf(smtp.verify(text))).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
      expect(await rejectionOf(smtp.ehlo(text))).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
      expect(isPosthasteError(await rejectionOf(smtp.mail(text)))).toBe(true);
    }
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
  });

  it('hold the turn from putcmd to getreply', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.putcmd('VRFY', 'ann');
    const noop = smtp.noop();
    const order: string[] = [];
    void noop.then(() => order.push('noop'));
    const reply = await smtp.getreply();
    order.push('vrfy');
    await noop;
    expect(reply.code).toBe(252);
    expect(order).toEqual(['vrfy', 'noop']);
    expect(await rejectionOf(smtp.getreply())).toMatchObject({ code: 'ERR_NO_REPLY_OWED' });
  });
});

describe('calls made at the same time', () => {
  it('are served in turn, each with its own answer', async () => {
    await using server = await start({ on: { VRFY: (context) => `252 ${context.line}` } });
    await using smtp = await SMTP.connect(server.url);
    const names = Array.from({ length: 20 }, (_, index) => `user${String(index)}`);
    const replies = await Promise.all(names.map(async (name) => await smtp.verify(name)));
    expect(replies.map(({ text }) => text)).toEqual(names.map((name) => `VRFY ${name}`));
  });

  it('keep the place of their call while a message is read', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const source = async function* (): AsyncGenerator<Uint8Array> {
      await new Promise((resolve) => setImmediate(resolve));
      yield Buffer.from('From: a@x.example\r\nTo: b@x.example\r\n\r\nhello\r\n');
    };
    const [sent, said] = await Promise.all([smtp.sendMessage(source), smtp.quit()]);
    expect(sent.accepted).toEqual(['b@x.example']);
    expect(said.code).toBe(221);
  });

  it('give their place to the next call when their message cannot be sent', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const [bad, alive] = await Promise.allSettled([smtp.sendMessage(Buffer.from('Subject: x\r\n\r\n')), smtp.noop()]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'ERR_MISSING_SENDER' } });
    expect(alive).toMatchObject({ status: 'fulfilled', value: { code: 250 } });
  });

  it('leave no rejection unheard when one is aborted while it waits and reads', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.putcmd('NOOP');
    const abort = new AbortController();
    const sending = smtp.sendMessage(
      async function* () {
        yield await new Promise<Uint8Array>(() => undefined);
      },
      { signal: abort.signal },
    );
    abort.abort(new Error('enough'));
    expect(await rejectionOf(sending)).toBeInstanceOf(SMTPAbortedError);
    await smtp.getreply();
    expect((await smtp.noop()).code).toBe(250);
  });

  it('wait for their turn as long as the longest deadline says', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const deadlineMs of [2 ** 31, 2 ** 33, Infinity]) {
      await smtp.putcmd('NOOP');
      const sending = smtp.sendmail('a@x.example', 'b@x.example', 'Subject: s\r\n\r\nhello\r\n', { deadlineMs });
      await new Promise((resolve) => setImmediate(resolve));
      await smtp.getreply();
      expect((await sending).accepted).toEqual(['b@x.example']);
    }
  });

  it('are not held up by one that was aborted while it waited', async () => {
    await using server = await start({ on: { 'NOOP:1': ['(hold first)', '250 ok'] } });
    await using smtp = await SMTP.connect(server.url);
    const first = smtp.noop();
    const abort = new AbortController();
    const second = smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n', { signal: abort.signal });
    const third = smtp.noop();
    abort.abort(new Error('changed my mind'));
    const error = await rejectionOf(second);
    expect(error).toBeInstanceOf(SMTPAbortedError);
    expect(error).toMatchObject({ name: 'AbortError', delivery: 'not-sent' });
    server.release('first');
    expect((await first).code).toBe(250);
    expect((await third).code).toBe(250);
  });
});

describe('a connection that goes away', () => {
  it('is noticed, and connect() starts afresh', async () => {
    await using server = await ScriptedServer.start({
      behave: (connection) => (connection === 1 ? { on: { NOOP: '(close)' }, extensions: ['SIZE 5'] } : {}),
    });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
    expect(smtp.connected).toBe(false);
    await smtp.connect();
    expect(smtp.ehloResp).toBeUndefined();
    expect(smtp.hasExtn('size')).toBe(false);
    const result = await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: hello\n\nworld\n');
    expect(result.accepted).toEqual(['b@x.test']);
  });

  it('is not left behind by a close() that comes while it is being made', async () => {
    await using server = await start();
    const smtp = new SMTP({ host: '127.0.0.1', port: server.port });
    const connecting = smtp.connect();
    smtp.close();
    const error = await rejectionOf(connecting);
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ stage: 'connect', delivery: 'not-sent', hint: expect.any(String) as unknown });
    expect(smtp.connected).toBe(false);
    expect((await smtp.connect()).code).toBe(220);
    smtp.close();
  });

  it('ends what is going on when close() is called', async () => {
    await using server = await start({ on: { NOOP: '(hold)' } });
    const smtp = await SMTP.connect(server.url);
    const noop = smtp.noop();
    noop.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    smtp.close();
    expect(await rejectionOf(noop)).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('is told from one that the server gave up with 421', async () => {
    await using server = await start({ on: { NOOP: '421 4.3.2 shutting down' } });
    const smtp = await SMTP.connect(server.url);
    expect((await smtp.noop()).code).toBe(421);
    expect(smtp.connected).toBe(false);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });
});

describe('await using', () => {
  it('says QUIT at the end of the block, and lets the error of the block through', async () => {
    await using server = await start({ on: { QUIT: '(close)' } });
    const failing = async (): Promise<void> => {
      await using smtp = await SMTP.connect(server.url);
      await smtp.noop();
      throw new SMTPException('the error of the block');
    };
    expect(await rejectionOf(failing())).toMatchObject({ message: 'the error of the block' });
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  });
});
