/** getreply, AUTH, sendmail and send_message of smtplib, event by event: what is the same here, and what the server sees. */
import {
  Message,
  SMTP,
  SMTPAuthenticationError,
  SMTPDataError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  MissingRecipientsError,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const text = 'Subject: x\n\nhello\n';

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { extensions: [], ...behave } });
}

function verbsOf(server: ScriptedServer): readonly string[] {
  return (server.connections[0]?.commands ?? []).map(({ verb }) => verb);
}

describe('1.3 getreply', () => {
  it.each([
    ['"250 ok\\n"', 250, 'ok'],
    ['"250\\r\\n"', 250, ''],
    ['"250-a\\r\\n250-b\\r\\n250 c\\r\\n"', 250, 'a\nb\nc'],
    ['"599 odd\\r\\n"', 599, 'odd'],
  ])('%s is read', async (reply, code, expected) => {
    await using server = await start({ on: { NOOP: reply } });
    await using smtp = await SMTP.connect(server.url);
    expect(await smtp.noop()).toMatchObject({ code, text: expected });
  });

  it('a line of 12,288 octets is read, a longer one is the end', async () => {
    await using server = await start({
      on: { 'NOOP:1': `"250 ${'x'.repeat(12_282)}\\r\\n"`, 'NOOP:2': `"250 ${'x'.repeat(12_283)}\\r\\n"` },
    });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.noop()).text).toHaveLength(12_282);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPProtocolError);
  });

  it('lines without end are bounded', async () => {
    await using server = await start({ on: { NOOP: '(repeat forever "250-x\\r\\n")' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPProtocolError);
  });

  it('EHLO: AUTH and AUTH= are one list, other keywords are exact first words', async () => {
    await using server = await start({
      extensions: ['AUTH PLAIN', 'AUTH=LOGIN PLAIN', 'SIZE=5', 'X_FOO bar', 'SIZE 100'],
    });
    await using smtp = await SMTP.connect(server.url);
    expect([...smtp.esmtpFeatures]).toEqual([
      ['auth', 'PLAIN LOGIN'],
      ['size', '100'],
    ]);
  });
});

describe('1.4 AUTH', () => {
  const accounts = { ann: 'secret' };

  it('initial response: sent by default for PLAIN, left out on request; an empty one is =', async () => {
    await using server = await start({
      extensions: ['AUTH PLAIN', 'PIPELINING'],
      accounts,
      on: { 'AUTH:3': '235 ok' },
    });
    await using smtp = await SMTP.connect(server.url);
    await smtp.auth('PLAIN', () => '\0ann\0secret');
    await using other = await SMTP.connect(server.url);
    await other.auth('PLAIN', () => '\0ann\0secret', { initialResponseOk: false });
    const lines = server.connections.map(({ commands }) =>
      commands.filter(({ verb }) => verb === 'AUTH').map(({ line }) => line),
    );
    expect(lines).toEqual([['AUTH PLAIN AGFubgBzZWNyZXQ='], ['AUTH PLAIN']]);
    await using empty = await start({ extensions: ['AUTH EXTERNAL'], on: { AUTH: '235 ok' } });
    await using third = await SMTP.connect(empty.url);
    await third.auth('EXTERNAL', () => '');
    expect(empty.connections[0]?.commands[1]?.line).toBe('AUTH EXTERNAL =');
  });

  it('success is 235; 503 is none', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], on: { AUTH: '503 5.5.1 already' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login('ann', 'secret'))).toBeInstanceOf(SMTPAuthenticationError);
    expect(smtp.authenticated).toBe(false);
  });

  it('not offered, or no common mechanism: SMTPNotSupportedError', async () => {
    await using none = await start();
    await using smtp = await SMTP.connect(none.url);
    expect(await rejectionOf(smtp.login('ann', 'secret'))).toBeInstanceOf(SMTPNotSupportedError);
    await using odd = await start({ extensions: ['AUTH GSSAPI'] });
    await using other = await SMTP.connect(odd.url);
    expect(await rejectionOf(other.login('ann', 'secret'))).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('a bad challenge, and what the caller throws, cancel the exchange with *', async () => {
    await using server = await start({
      extensions: ['AUTH X-OWN'],
      on: { 'AUTH:1': '334 !!!', response: '501 5.5.2 cancelled' },
    });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.auth('X-OWN', () => undefined))).toBeInstanceOf(SMTPException);
    expect(server.connections[0]?.commands.at(-1)?.line).toBe('*');
    expect((await smtp.noop()).code).toBe(250);
  });

  it('more than five challenges are a loop', async () => {
    await using server = await start({ extensions: ['AUTH X-OWN'], on: { AUTH: '334 ', response: '334 ' } });
    await using smtp = await SMTP.connect(server.url);
    let asked = 0;
    const error = await rejectionOf(
      smtp.auth('X-OWN', (challenge) => {
        if (challenge !== undefined) asked += 1;
        return challenge === undefined ? undefined : 'x';
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_AUTH_LOOP' });
    expect(asked).toBe(5);
  });

  it('auth_plain, auth_login, auth_cram_md5: what the mechanisms say', () => {
    const { authPlain, authLogin, authCramMd5 } = new SMTP({ auth: { user: 'tim', password: 'tanstaaftanstaaf' } });
    expect(authPlain()).toBe('\0tim\0tanstaaftanstaaf');
    expect([authLogin(), authLogin(Buffer.from('Password:'))]).toEqual(['tim', 'tanstaaftanstaaf']);
    expect(authCramMd5()).toBeUndefined();
    expect(authCramMd5(Buffer.from('<1896.697170952@postoffice.reston.mci.net>'))).toBe(
      'tim b913a602c7eda7a495b4e6e7334d3890',
    );
  });
});

describe('1.5 sendmail', () => {
  it('size: what is declared is the number of octets with CRLF, before dots are doubled', async () => {
    await using server = await start({ extensions: ['SIZE'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n.\n');
    expect(server.connections[0]?.commands[1]?.line).toBe('MAIL FROM:<a@x.test> SIZE=17');
  });

  it('MAIL refused: SMTPSenderRefused, RSET, open; with 421 closed without RSET', async () => {
    await using server = await start({ on: { MAIL: '550 no' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', text))).toBeInstanceOf(SMTPSenderRefused);
    expect([verbsOf(server), smtp.connected]).toEqual([['EHLO', 'MAIL', 'RSET'], true]);
    await using closing = await start({ on: { MAIL: '421 bye' } });
    await using other = await SMTP.connect(closing.url);
    expect(await rejectionOf(other.sendmail('a@x.test', 'b@x.test', text))).toMatchObject({
      name: 'SMTPSenderRefused',
      retryable: true,
    });
    expect([verbsOf(closing), other.connected]).toEqual([['EHLO', 'MAIL'], false]);
  });

  it('RCPT refused: the others get it, and the result says who did not', async () => {
    await using server = await start({ on: { 'RCPT:1': '452 full' } });
    await using smtp = await SMTP.connect(server.url);
    const { accepted, refused } = await smtp.sendmail('a@x.test', ['b@x.test', 'c@x.test'], text);
    expect([accepted, [...refused.keys()]]).toEqual([['c@x.test'], ['b@x.test']]);
  });

  it('RCPT 421: this one and all behind it are refused, and the connection is closed', async () => {
    await using server = await start({ on: { 'RCPT:2': '421 bye' } });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@x.test', ['b@x.test', 'c@x.test', 'd@x.test'], text));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect([...(error as SMTPRecipientsRefused).refused.keys()]).toEqual(['c@x.test', 'd@x.test']);
    expect((error as SMTPRecipientsRefused).recipients.map(({ status }) => status)).toEqual([
      'not-sent',
      'refused',
      'refused',
    ]);
    expect(smtp.connected).toBe(false);
  });

  it('no recipients: an error before MAIL', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', [], text))).toBeInstanceOf(MissingRecipientsError);
    expect(verbsOf(server)).toEqual(['EHLO']);
  });

  it('content refused: SMTPDataError, no RSET is owed, the next message goes out', async () => {
    await using server = await start({ on: { 'final:1': '554 spam' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', text))).toBeInstanceOf(SMTPDataError);
    await smtp.sendmail('a@x.test', 'b@x.test', text);
    expect(verbsOf(server)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'MAIL', 'RCPT', 'DATA']);
  });

  it('lost: SMTPServerDisconnected, and it tells before from after the final dot', async () => {
    await using before = await start({ on: { DATA: '(close)' } });
    await using smtp = await SMTP.connect(before.url);
    const early = await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', text));
    expect(early).toBeInstanceOf(SMTPServerDisconnected);
    expect(early).toMatchObject({ delivery: 'not-sent', retryable: true });
    await using after = await start({ on: { final: '(close)' } });
    await using other = await SMTP.connect(after.url);
    const late = await rejectionOf(other.sendmail('a@x.test', 'b@x.test', text));
    expect(late).toBeInstanceOf(SMTPServerDisconnected);
    expect(late).toMatchObject({ delivery: 'unknown', retryable: false });
  });

  it('to_addrs: a string is one address, a set of several is given as a list', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test, c@x.test', text))).toMatchObject({
      code: 'ERR_INVALID_ADDRESS',
    });
    await smtp.sendmail('a@x.test', [...new Set(['b@x.test', 'c@x.test'])], text);
    expect(server.messages[0]?.envelope.to).toEqual(['b@x.test', 'c@x.test']);
  });
});

describe('1.6 send_message', () => {
  const parse = (...lines: readonly string[]): Message => Message.parse(`${lines.join('\n')}\n\nhello\n`);

  it('from_addr and to_addrs replace what the message says', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const message = parse('From: a@x.test', 'To: b@x.test');
    await smtp.sendMessage(message, { from: 'me@x.test', to: ['you@x.test'] });
    await smtp.sendMessage(message, { from: '' });
    expect(server.messages.map(({ envelope }) => envelope)).toEqual([
      { from: 'me@x.test', to: ['you@x.test'] },
      { from: '', to: ['b@x.test'] },
    ]);
  });

  it('Sender goes before From; From: <> is the null sender', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendMessage(parse('From: a@x.test', 'Sender: s@x.test', 'To: b@x.test'));
    await smtp.sendMessage(parse('From: MAILER-DAEMON <>', 'To: b@x.test'));
    expect(server.messages.map(({ envelope }) => envelope.from)).toEqual(['s@x.test', '']);
  });

  it('Bcc and Resent-Bcc go, in any case and number; X-Bcc and an embedded message stay; the object is unchanged', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const message = parse(
      'From: a@x.test',
      'To: b@x.test',
      'bCC: c@x.test',
      'X-Bcc: d',
      'BCC: e@x.test',
      'Content-Type: message/rfc822',
      '',
      'Bcc: f@x.test',
    );
    await smtp.sendMessage(message);
    const [received] = server.messages;
    expect(received?.content.toString().match(/^.*bcc.*$/gim)).toEqual(['X-Bcc: d', 'Bcc: f@x.test']);
    expect(received?.envelope.to).toEqual(['b@x.test', 'c@x.test', 'e@x.test']);
    expect(message.headers.getAll('Bcc')).toEqual(['c@x.test', 'e@x.test']);
  });

  it('an error of the envelope is raised before a connection is needed', async () => {
    expect(await rejectionOf(new SMTP().sendMessage(parse('From: a@x.test')))).toBeInstanceOf(MissingRecipientsError);
  });
});
