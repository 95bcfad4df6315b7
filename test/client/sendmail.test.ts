import {
  InvalidAddressError,
  MessageError,
  MessageTooLargeError,
  MissingRecipientsError,
  SMTP,
  SMTPAbortedError,
  SMTPDataError,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  type CallOptions,
  type SMTPException,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MESSAGE = 'Subject: hi\n\nhello\n';
const TO = ['b@x.test', 'c@x.test'];

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

const verbs = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ verb }) => verb) ?? [];
const lines = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ line }) => line) ?? [];
const statuses = (error: unknown): string[] =>
  (error as SMTPException).recipients.map(
    ({ status, reply }) => `${status}${reply === undefined ? '' : ` ${String(reply.code)}`}`,
  );

describe('sendmail', () => {
  it('tells everything about a message that was taken', async () => {
    await using server = await start({
      on: { 'RCPT:2': '550 5.1.1 no such user', final: '250 2.0.0 Ok: queued as 4F2A' },
    });
    await using smtp = await SMTP.connect(server.url);
    const result = await smtp.sendmail('Ann <a@x.test>', ['b@x.test', 'nobody@x.test', 'c@x.test'], MESSAGE);
    expect(result).toMatchObject({
      envelope: { from: 'a@x.test', to: ['b@x.test', 'nobody@x.test', 'c@x.test'] },
      accepted: ['b@x.test', 'c@x.test'],
      queueId: '4F2A',
      messageId: undefined,
      sizeBytes: 22,
      tls: undefined,
      warnings: [],
    });
    expect(result.reply).toMatchObject({ code: 250, enhancedCode: '2.0.0' });
    expect([...result.refused].map(([address, { code }]) => [address, code])).toEqual([['nobody@x.test', 550]]);
    expect(result.recipients.map(({ index, status, stage }) => [index, status, stage])).toEqual([
      [0, 'accepted', 'final'],
      [1, 'refused', 'rcpt'],
      [2, 'accepted', 'final'],
    ]);
    for (const stage of ['mail', 'rcpt', 'data', 'body', 'final', 'queued', 'total'] as const) {
      expect(result.timing[stage]).toBeGreaterThanOrEqual(0);
    }
  });

  it('leaves in two round trips with PIPELINING, and one command at a time without', async () => {
    for (const [offered, pipelining, reads] of [
      ['PIPELINING', true, 1],
      ['PIPELINING', false, 4],
      ['X-NOTHING', true, 4],
    ] as const) {
      await using server = await start({ extensions: [offered] });
      await using smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
      await smtp.sendmail('a@x.test', TO, MESSAGE);
      const envelope = server.connections[0]?.commands.filter(({ verb }) => ['MAIL', 'RCPT', 'DATA'].includes(verb));
      expect(new Set(envelope?.map(({ readIndex }) => readIndex)).size).toBe(reads);
      await smtp.quit();
      await server.finished();
    }
  });

  it('sends several messages over one connection, without RSET or NOOP between them', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const name of ['one', 'two', 'three']) await smtp.sendmail('a@x.test', TO, `Subject: ${name}\n\n`);
    expect(verbs(server).filter((verb) => verb === 'RSET' || verb === 'NOOP')).toEqual([]);
    expect(server.messages.map(({ content }) => content.toString())).toEqual([
      'Subject: one\r\n\r\n',
      'Subject: two\r\n\r\n',
      'Subject: three\r\n\r\n',
    ]);
  });

  it('takes the null sender, and a single address for the recipients', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.sendmail('', 'b@x.test', MESSAGE)).envelope).toEqual({ from: '', to: ['b@x.test'] });
    await smtp.sendmail('<>', 'b@x.test', MESSAGE);
    expect(lines(server).filter((line) => line.startsWith('MAIL FROM:<>'))).toHaveLength(2);
  });

  it('asks for a mailbox once, however often it is given', async () => {
    await using server = await start({ on: { 'RCPT:2': '550 5.1.1 no' } });
    await using smtp = await SMTP.connect(server.url);
    const result = await smtp.sendmail('a@x.test', ['b@x.test', 'b@X.test', 'c@x.test', 'c@x.TEST'], MESSAGE);
    expect(verbs(server).filter((verb) => verb === 'RCPT')).toHaveLength(2);
    expect(result.accepted).toEqual(['b@x.test', 'b@X.test']);
    expect([...result.refused.keys()]).toEqual(['c@x.test', 'c@x.TEST']);
    expect(result.recipients.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('takes any 2xx to MAIL, RCPT and the content', async () => {
    await using server = await start({ on: { MAIL: '251 fine', RCPT: '252 cannot verify', final: '259 taken' } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
    expect(verbs(server)).not.toContain('RSET');
  });

  it('sends a thousand recipients in groups that a slow server can take', async () => {
    await using server = await start({ extensions: ['PIPELINING'] });
    await using smtp = await SMTP.connect(server.url);
    const to = Array.from({ length: 1000 }, (_, index) => `user${String(index)}@x.test`);
    expect((await smtp.sendmail('a@x.test', to, MESSAGE)).accepted).toHaveLength(1000);
    expect(server.messages[0]?.envelope.to).toEqual(to);
  });
});

describe('what is refused before any octet is sent', () => {
  const cases: [string, [string, string | string[], string], CallOptions, new (...args: never[]) => Error][] = [
    ['no recipient', ['a@x.test', [], MESSAGE], {}, MissingRecipientsError],
    ['an empty recipient', ['a@x.test', ['b@x.test', ''], MESSAGE], {}, InvalidAddressError],
    ['two addresses in one string', ['a@x.test', 'b@x.test, c@x.test', MESSAGE], {}, InvalidAddressError],
    ['a line end in an address', ['a@x.test', 'b@x.test\r\nDATA', MESSAGE], {}, InvalidAddressError],
    ['a parameter in an address', ['a@x.test> SIZE=1', TO, MESSAGE], {}, InvalidAddressError],
    ['an empty message', ['a@x.test', TO, ''], {}, MessageError],
    ['a NUL', ['a@x.test', TO, 'Subject: x\n\n\0'], {}, MessageError],
    ['a line of more than 998 octets', ['a@x.test', TO, `Subject: x\n\n${'x'.repeat(999)}\n`], {}, MessageError],
    ['a lone CR in the header', ['a@x.test', TO, 'Subject: hi\rBcc: v@x.test\n\n'], {}, MessageError],
    ['a line end in a parameter', ['a@x.test', TO, MESSAGE], { mailOptions: ['A=\r\nQUIT'] }, MessageError],
    ['a parameter given twice', ['a@x.test', TO, MESSAGE], { mailOptions: ['SIZE=1', 'size=2'] }, MessageError],
    ['a parameter that is not offered', ['a@x.test', TO, MESSAGE], { mailOptions: ['X-NO=1'] }, SMTPNotSupportedError],
    ['REQUIRETLS without TLS', ['a@x.test', TO, MESSAGE], { requireTls: true }, SMTPNotSupportedError],
    ['a deadline that is none', ['a@x.test', TO, MESSAGE], { deadlineMs: 0 }, MessageError],
    ['an address that needs SMTPUTF8', ['a@x.test', 'j\u00fcrgen@x.test', MESSAGE], {}, SMTPNotSupportedError],
    ['8-bit content without 8BITMIME', ['a@x.test', TO, 'Subject: x\n\n\u00e9\n'], {}, SMTPNotSupportedError],
    ['a message over the limit', ['a@x.test', TO, 'Subject: x\n\n'.padEnd(600, 'line\n')], {}, MessageTooLargeError],
    ['more recipients than RCPTMAX', ['a@x.test', [...TO, 'd@x.test', 'e@x.test'], MESSAGE], {}, SMTPNotSupportedError],
    [
      'more domains than RCPTDOMAINMAX',
      ['a@x.test', ['b@x.test', 'b@y.test', 'b@z.test'], MESSAGE],
      {},
      SMTPNotSupportedError,
    ],
  ];

  it.each(cases)('%s', async (_name, [from, to, message], options, expected) => {
    await using server = await start({ extensions: ['PIPELINING', 'SIZE 500', 'LIMITS RCPTMAX=3 RCPTDOMAINMAX=2'] });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail(from, to, message, options));
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ delivery: 'not-sent', retryable: false, hint: expect.any(String) as string });
    expect(verbs(server)).toEqual(['EHLO']);
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
  });

  it('a send in the middle of a transaction by hand', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.mail('a@x.test');
    expect(await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    expect(verbs(server)).toEqual(['EHLO', 'MAIL']);
    await smtp.rset();
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
  });
});

describe('a refusal', () => {
  it.each([true, false])('of MAIL (pipelining %s)', async (pipelining) => {
    for (const [reply, retryable] of [
      ['550 5.7.1 not you', false],
      ['451 4.3.0 later', true],
    ] as const) {
      await using server = await start({ on: { 'MAIL:1': reply } });
      await using smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
      const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
      expect(error).toBeInstanceOf(SMTPSenderRefused);
      expect(error).toMatchObject({ sender: 'a@x.test', stage: 'mail', retryable, delivery: 'refused' });
      expect(statuses(error)).toEqual(['not-sent', 'not-sent']);
      expect(verbs(server).at(-1)).toBe('RSET');
      expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
    }
  });

  it.each([true, false])('of every recipient (pipelining %s)', async (pipelining) => {
    await using server = await start({
      on: { 'RCPT:<b@x.test>': '550 5.1.1 no', 'RCPT:<c@x.test>': '450 4.2.0 full' },
    });
    await using smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(error).toMatchObject({ stage: 'rcpt', retryable: true, delivery: 'refused' });
    expect([...(error as SMTPRecipientsRefused).refused.keys()]).toEqual(TO);
    expect(statuses(error)).toEqual(['refused 550', 'refused 450']);
    expect(server.messages).toEqual([]);
    expect(verbs(server).at(-1)).toBe('RSET');
    expect((await smtp.sendmail('a@x.test', 'd@x.test', MESSAGE)).accepted).toEqual(['d@x.test']);
  });

  it('of every recipient with 354 all the same is ended by a lone dot', async () => {
    await using server = await start({ on: { RCPT: '550 5.1.1 no', DATA: '354 go on' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE))).toBeInstanceOf(SMTPRecipientsRefused);
    expect(server.messages[0]?.raw.toString()).toBe('.\r\n');
    expect(smtp.connected).toBe(true);
  });

  it('of one recipient sends to the others, unless all are required', async () => {
    await using server = await start({ on: { 'RCPT:<c@x.test>': '452 4.5.3 too many' } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(['b@x.test']);
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE, { requireAllRecipients: true }));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(error).toMatchObject({ retryable: true });
    expect(statuses(error)).toEqual(['not-sent 250', 'refused 452']);
    expect(server.messages).toHaveLength(1);
  });

  it.each([
    ['MAIL', SMTPSenderRefused, ['not-sent', 'not-sent']],
    ['RCPT:1', SMTPRecipientsRefused, ['refused 421', 'refused 421']],
    ['RCPT:2', SMTPRecipientsRefused, ['not-sent 250', 'refused 421']],
    ['DATA', SMTPDataError, ['refused 421', 'refused 421']],
    ['final', SMTPDataError, ['refused 421', 'refused 421']],
  ] as const)('with 421 at %s closes, is safe to repeat, and says no QUIT', async (step, expected, recipients) => {
    for (const pipelining of [true, false]) {
      await using server = await start({ on: { [step]: ['421 4.3.2 shutting down', '(close)'] } });
      await using smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
      const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ retryable: true, delivery: 'refused' });
      expect(statuses(error)).toEqual(recipients);
      expect(smtp.connected).toBe(false);
      expect(verbs(server)).not.toContain('QUIT');
      expect(verbs(server)).not.toContain('RSET');
    }
  });

  it.each([
    ['DATA', '451 4.3.0 later', 'data', true, true],
    ['DATA', '554 5.5.1 no', 'data', false, true],
    ['final', '451 4.3.0 later', 'final', true, false],
    ['final', '554 5.6.0 spam', 'final', false, false],
  ] as const)('of %s with %s', async (step, reply, stage, retryable, reset) => {
    await using server = await start({ on: { [`${step}:1`]: reply } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPDataError);
    expect(error).toMatchObject({ stage, retryable, delivery: 'refused', smtpCode: Number(reply.slice(0, 3)) });
    expect(verbs(server).includes('RSET')).toBe(reset);
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
  });

  it('whose RSET fails closes, and stays the error', async () => {
    for (const answer of ['451 no', '(close)', 'garbage', '421 bye']) {
      await using server = await start({ on: { MAIL: '550 5.7.1 no', RSET: answer } });
      await using smtp = await SMTP.connect(server.url);
      expect(await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE))).toBeInstanceOf(SMTPSenderRefused);
      expect(smtp.connected).toBe(false);
    }
  });

  it('of MAIL with 354 to DATA closes: the server is broken', async () => {
    await using server = await start({ on: { MAIL: '550 no', RCPT: '250 ok', DATA: '354 go on' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE))).toBeInstanceOf(SMTPSenderRefused);
    expect(smtp.connected).toBe(false);
    expect(server.messages.filter(({ outcome }) => outcome !== 'incomplete')).toEqual([]);
  });
});

describe('a broken server', () => {
  it.each([
    ['DATA', '250 go on'],
    ['DATA', '355 go on'],
    ['MAIL', '354 go on'],
    ['RCPT', '334 go on'],
    ['MAIL', 'hello'],
    ['RCPT:1', '250-a\n550 b'],
    ['RCPT:2', ['(cork)', '250 ok', '(surplus 250 more)', '(uncork)']],
    ['DATA', '99 x'],
  ] as const)('that answers %s with %j gets no content', async (step, answer) => {
    await using server = await start({ extensions: ['X-SERIAL'], on: { [step]: answer } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPProtocolError);
    expect(error).toMatchObject({ delivery: 'not-sent' });
    expect(smtp.connected).toBe(false);
    expect(server.messages.filter(({ outcome }) => outcome !== 'incomplete')).toEqual([]);
  });

  it.each([
    '(close)',
    '(reset)',
    '"25"',
    'ok',
    '250-a\n550 b',
    '354 more',
    ['(cork)', '250 ok', '(surplus 250 ok)', '(uncork)'],
  ])('that answers the content with %j leaves the message unknown', async (answer) => {
    await using server = await start({ on: { final: [answer, '(close)'].flat() } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ delivery: 'unknown', retryable: false });
    expect(statuses(error).every((status) => status.startsWith('unknown'))).toBe(true);
    expect((error as SMTPException).hint).toContain('twice');
    expect(smtp.connected).toBe(false);
  });

  it('that said something before MAIL is not trusted with a message', async () => {
    await using server = await start({ on: { NOOP: ['250 ok', '(flush)', '(surplus 250 queued)', '(flush)'] } });
    await using smtp = await SMTP.connect(server.url);
    await smtp.noop().catch(() => undefined);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ delivery: 'not-sent' });
    expect(server.messages).toEqual([]);
  });
});

describe('the wait for the turn', () => {
  it('counts to the deadline', async () => {
    await using server = await start({ on: { NOOP: '(hold)' } });
    const smtp = await SMTP.connect(server.url);
    const noop = smtp.noop().catch((error: unknown) => error);
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE, { deadlineMs: 40 }));
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ delivery: 'not-sent', timeoutMs: 40 });
    server.release();
    smtp.close();
    await noop;
  });

  it('ends with a signal that had fired already', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const reason = new Error('never mind');
    const error = await rejectionOf(smtp.sendmail('a@x.test', TO, MESSAGE, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(SMTPAbortedError);
    expect(error).toMatchObject({ cause: reason });
    expect(smtp.connected).toBe(true);
    expect(verbs(server)).toEqual(['EHLO']);
  });
});

describe('extensions', () => {
  it('DSN goes with MAIL and each RCPT', async () => {
    await using server = await start({ extensions: ['DSN', 'PIPELINING'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('a@x.test', TO, MESSAGE, {
      dsn: { ret: 'headers', envid: 'id=1', notify: ['failure', 'delay'] },
      rcptOptions: (recipient, index) => (index === 1 ? { ORCPT: `rfc822;${recipient}` } : []),
    });
    expect(lines(server).slice(1, 4)).toEqual([
      'MAIL FROM:<a@x.test> RET=HDRS ENVID=id+3D1',
      'RCPT TO:<b@x.test> NOTIFY=FAILURE,DELAY',
      'RCPT TO:<c@x.test> ORCPT=rfc822;c@x.test NOTIFY=FAILURE,DELAY',
    ]);
  });

  it('each recipient is asked for its parameters by its place in the list, where it was given first', async () => {
    await using server = await start({ extensions: ['DSN', 'PIPELINING'] });
    await using smtp = await SMTP.connect(server.url);
    const given = ['b@x.test', 'b@X.test', 'c@x.test'];
    const { recipients } = await smtp.sendmail('a@x.test', given, MESSAGE, {
      rcptOptions: (_recipient, index) => ({ ORCPT: `rfc822;${String(index)}@x.test` }),
    });
    expect(lines(server).filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<b@x.test> ORCPT=rfc822;0@x.test',
      'RCPT TO:<c@x.test> ORCPT=rfc822;2@x.test',
    ]);
    expect(recipients.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it('SMTPUTF8 is declared for an address that needs it, and not for the next message', async () => {
    await using server = await start({ extensions: ['SMTPUTF8', '8BITMIME'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('j\u00fcrgen@x.test', 'b@x.test', MESSAGE);
    await smtp.sendmail('a@b\u00fccher.example', 'b@x.test', MESSAGE);
    expect(lines(server).filter((line) => line.startsWith('MAIL'))).toEqual([
      'MAIL FROM:<j\u00fcrgen@x.test> SMTPUTF8',
      'MAIL FROM:<a@xn--bcher-kva.example>',
    ]);
  });

  it('a header block in UTF-8 declares SMTPUTF8 where it may, and warns where it may not', async () => {
    const message = 'Subject: gr\u00fc\u00dfe\n\nx\n';
    await using able = await start({ extensions: ['SMTPUTF8', '8BITMIME'] });
    await using first = await SMTP.connect(able.url);
    expect((await first.sendmail('a@x.test', 'b@x.test', message)).warnings).toEqual([]);
    expect(able.messages[0]?.parameters).toEqual(['BODY=8BITMIME', 'SMTPUTF8']);
    await using old = await start({ extensions: ['8BITMIME'] });
    await using second = await SMTP.connect(old.url);
    expect((await second.sendmail('a@x.test', 'b@x.test', message)).warnings).toMatchObject([
      { code: 'WARN_EIGHT_BIT_HEADER' },
    ]);
    expect(old.messages[0]?.parameters).toEqual(['BODY=8BITMIME']);
  });

  it('are not used when they are disabled', async () => {
    await using server = await start({ extensions: ['PIPELINING', 'SIZE 100000', 'DSN'] });
    await using smtp = await SMTP.connect({
      host: server.host,
      port: server.port,
      disableExtensions: ['size', 'PIPELINING'],
    });
    expect([...smtp.esmtpFeatures.keys()]).toEqual(['dsn']);
    await smtp.sendmail('a@x.test', TO, MESSAGE);
    const [mail] = lines(server).filter((line) => line.startsWith('MAIL'));
    expect(mail).toBe('MAIL FROM:<a@x.test>');
  });

  it('are asked for again after an EHLO that was refused', async () => {
    await using server = await start({ on: { 'EHLO:1': '501 5.5.4 not that name' } });
    await using smtp = new SMTP({ host: server.host, port: server.port });
    await smtp.connect();
    expect((await smtp.ehlo('bad name')).code).toBe(501);
    expect((await smtp.sendmail('a@x.test', TO, MESSAGE)).accepted).toEqual(TO);
    expect(verbs(server).slice(0, 3)).toEqual(['EHLO', 'EHLO', 'MAIL']);
  });
});

describe('by hand', () => {
  it('docmd counts recipients as rcpt does: the content goes out whole', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.docmd('MAIL', 'FROM:<a@x.test>');
    await smtp.docmd('RCPT', 'TO:<b@x.test>');
    expect((await smtp.data(MESSAGE)).code).toBe(250);
    expect(server.messages[0]?.content.toString()).toBe('Subject: hi\r\n\r\nhello\r\n');
  });

  it('rset throws and closes when it is refused', async () => {
    await using server = await start({ on: { RSET: '421 bye' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.rset())).toBeInstanceOf(SMTPResponseException);
    expect(smtp.connected).toBe(false);
  });
});
