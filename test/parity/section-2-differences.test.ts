/**
 * Where this library differs from smtplib on purpose: one test, or more, for each row of the list of differences, by number.
 * docs/coming-from-smtplib.md tells users the same.
 */
import { connect, type Socket } from 'node:net';
import {
  AmbiguousSenderError,
  InvalidAddressError,
  LMTP,
  Message,
  MessageError,
  MessageTooLargeError,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
  parseAddressList,
  SMTP,
  SMTPDataError,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPServerDisconnected,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

const message = 'From: ann@example.org\nTo: bob@example.org\nSubject: x\n\nhello\n';

async function start(behave: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

function parse(...lines: readonly string[]): Message {
  return Message.parse(`${lines.join('\n')}\n\nhello\n`);
}

describe('row 1: sets of Resent-* fields', () => {
  const once = ['Resent-From: r1@x.test', 'Resent-To: t1@x.test', 'Resent-Date: Sat, 22 Nov 2025 08:00:00 +0000'];
  const twice = [...once, 'Resent-From: r2@x.test', 'Resent-To: t2@x.test', 'From: a@x.test', 'To: b@x.test'];

  it('one set is the envelope, two are an error that carries them', () => {
    expect(parse(...once, 'From: a@x.test', 'To: b@x.test').envelope()).toEqual({
      from: 'r1@x.test',
      to: ['t1@x.test'],
    });
    const error = thrownBy(() => parse(...twice).envelope());
    expect(error).toBeInstanceOf(MultipleResentSetsError);
    expect((error as MultipleResentSetsError).sets.map((set) => set.get('Resent-To'))).toEqual([
      't1@x.test',
      't2@x.test',
    ]);
  });

  it("'latest' takes the topmost, 'ignore' the plain fields", () => {
    expect(parse(...twice).envelope({ resent: 'latest' })).toEqual({ from: 'r1@x.test', to: ['t1@x.test'] });
    expect(parse(...twice).envelope({ resent: 'ignore' })).toEqual({ from: 'a@x.test', to: ['b@x.test'] });
  });

  it('is an error also when only one half is given', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendMessage(parse(...twice), { from: 'me@x.test' }))).toBeInstanceOf(
      MultipleResentSetsError,
    );
    expect(await rejectionOf(smtp.sendMessage(parse(...twice), { to: ['me@x.test'] }))).toBeInstanceOf(
      MultipleResentSetsError,
    );
    expect(server.messages).toEqual([]);
  });
});

describe('row 2: a set without Resent-Date', () => {
  it('counts, and never falls back to the original recipients', () => {
    const message = parse('Resent-From: r@x.test', 'Resent-To: t@x.test', 'From: a@x.test', 'To: b@x.test');
    expect(message.envelope()).toEqual({ from: 'r@x.test', to: ['t@x.test'] });
    expect(thrownBy(() => message.envelope({ conformance: 'rfc5322' }))).toMatchObject({
      code: 'ERR_MISSING_RESENT_DATE',
    });
  });

  it('without originator or recipients it is an error', () => {
    expect(thrownBy(() => parse('Resent-To: t@x.test', 'From: a@x.test', 'To: b@x.test').envelope())).toBeInstanceOf(
      MissingSenderError,
    );
    expect(thrownBy(() => parse('Resent-From: r@x.test', 'From: a@x.test', 'To: b@x.test').envelope())).toBeInstanceOf(
      MissingRecipientsError,
    );
  });
});

describe('row 3: several authors without a Sender', () => {
  it('the first is taken with a warning; strict refuses', () => {
    const message = parse('From: a@x.test, b@x.test', 'To: c@x.test');
    const { from, warnings } = message.explainEnvelope();
    expect(from).toBe('a@x.test');
    expect(warnings.map(({ header }) => header)).toEqual(['From']);
    expect(thrownBy(() => message.envelope({ conformance: 'rfc5322' }))).toBeInstanceOf(MissingSenderError);
  });
});

describe('row 4: Sender', () => {
  it('with two addresses, or twice, is ambiguous; empty, it gives way to From', () => {
    const lines = ['From: a@x.test', 'To: b@x.test'];
    expect(thrownBy(() => parse('Sender: s@x.test, t@x.test', ...lines).envelope())).toBeInstanceOf(
      AmbiguousSenderError,
    );
    expect(thrownBy(() => parse('Sender: s@x.test', 'Sender: t@x.test', ...lines).envelope())).toBeInstanceOf(
      AmbiguousSenderError,
    );
    expect(parse('Sender:', ...lines).envelope().from).toBe('a@x.test');
  });
});

describe('row 5: no From', () => {
  it('is an error before any I/O, and never a sender called None', async () => {
    const smtp = new SMTP();
    expect(await rejectionOf(smtp.sendMessage(parse('To: b@x.test')))).toBeInstanceOf(MissingSenderError);
  });
});

describe('row 6: repeated recipient fields', () => {
  it('all count; strict refuses them', () => {
    const message = parse(
      'From: a@x.test',
      'To: b@x.test',
      'Cc: c@x.test',
      'To: d@x.test',
      'Cc: e@x.test',
      'Bcc: f@x.test',
      'Bcc: g@x.test',
    );
    expect([...message.envelope().to].sort()).toEqual([
      'b@x.test',
      'c@x.test',
      'd@x.test',
      'e@x.test',
      'f@x.test',
      'g@x.test',
    ]);
    expect(thrownBy(() => message.envelope({ conformance: 'rfc5322' }))).toMatchObject({ code: 'ERR_DUPLICATE_FIELD' });
  });
});

describe('row 7: empty places', () => {
  it('are nobody; what does not parse names its field and text', async () => {
    expect(parse('From: a@x.test', 'To: ,, undisclosed-recipients:;, b@x.test,', 'Cc:').envelope().to).toEqual([
      'b@x.test',
    ]);
    const error = thrownBy(() => parse('From: a@x.test', 'To: b@x.test', 'Cc: c@@x.test').envelope());
    expect(error).toBeInstanceOf(InvalidAddressError);
    expect(error).toMatchObject({ header: 'Cc', input: 'c@@x.test' });
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const nobody of ['', '<>', ' ']) {
      expect(await rejectionOf(smtp.sendmail('a@x.test', ['b@x.test', nobody], message))).toBeInstanceOf(
        InvalidAddressError,
      );
    }
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
  });
});

describe('row 8: the grammar of addresses', () => {
  it('refuses what could be read two ways, and reads what RFC 5322 has', () => {
    for (const text of ['alice@a.test <bob@b.test>', 'Doe, J <j@x.test>', 'a@x.test> NOTIFY=NEVER']) {
      expect(thrownBy(() => parseAddressList(text))).toBeInstanceOf(InvalidAddressError);
    }
    const addresses = (text: string): readonly string[] =>
      parseAddressList(text)
        .flatMap((entry) => ('members' in entry ? entry.members : [entry]))
        .map(({ address }) => address);
    expect(addresses('A (b (c)) <@r.test,@s.test:a@x.test>, g: b@[192.0.2.1], "c;d"@x.test;')).toEqual([
      'a@x.test',
      'b@[192.0.2.1]',
      '"c;d"@x.test',
    ]);
    expect(addresses('root')).toEqual(['root']);
  });

  it('requireDomain refuses local users', () => {
    const message = parse('From: root', 'To: postmaster');
    expect(message.envelope()).toEqual({ from: 'root', to: ['postmaster'] });
    expect(thrownBy(() => message.envelope({ requireDomain: true }))).toBeInstanceOf(InvalidAddressError);
  });
});

describe('row 9: a mailbox that is named twice', () => {
  it('is asked for once: local part exactly, domain without case; and is reported at each place', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const result = await smtp.sendmail('a@x.test', ['b@x.test', 'b@X.TEST', 'B@x.test'], message);
    expect(server.messages[0]?.envelope.to).toEqual(['b@x.test', 'B@x.test']);
    expect(result.recipients.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
      [2, 'accepted'],
    ]);
  });

  it('when it is refused everywhere, DATA is not sent for nobody', async () => {
    await using server = await start({ extensions: [], on: { RCPT: '550 no' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', ['b@x.test', 'b@x.test'], message))).toBeInstanceOf(
      SMTPRecipientsRefused,
    );
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO', 'MAIL', 'RCPT', 'RSET']);
  });
});

describe('row 10: paths', () => {
  it('are one addr-spec, wholly consumed; a long local part passes', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const text of ['a@x> NOTIFY=NEVER', 'a@x, b@x', 'g: a@x;', 'a@b@c', 'a b@x']) {
      expect(await rejectionOf(smtp.rcpt(text))).toBeInstanceOf(InvalidAddressError);
    }
    const verp = `bounce+${'x'.repeat(200)}=example.com@lists.example.org`;
    expect((await smtp.mail(verp)).code).toBe(250);
    expect(server.connections[0]?.commands[1]?.line).toBe(`MAIL FROM:<${verp}>`);
    expect(await rejectionOf(smtp.rcpt(`a@${'l'.repeat(64)}.example`))).toBeInstanceOf(InvalidAddressError);
  });
});

describe('row 11: control characters', () => {
  it('are refused in every command, not only CR and LF', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    for (const control of ['\0', '\t', '\r', '\n', '\x1b', '\x7f']) {
      const text = `a${control}b`;
      for (const call of [
        smtp.ehlo(text),
        smtp.helo(text),
        smtp.verify(text),
        smtp.expn(text),
        smtp.help(text),
        smtp.docmd('NOOP', text),
      ]) {
        expect(await rejectionOf(call)).toBeInstanceOf(MessageError);
      }
      expect(await rejectionOf(smtp.mail('a@x.test', [`ENVID=${text}`]))).toBeInstanceOf(MessageError);
    }
    expect(server.connections[0]?.commands).toHaveLength(1);
  });
});

describe('row 12: SIZE', () => {
  it('over the limit nothing is sent, and no reply is made up', async () => {
    await using server = await start({ extensions: ['SIZE 20'] });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', message));
    expect(error).toBeInstanceOf(MessageTooLargeError);
    expect(error).toMatchObject({ limitBytes: 20, delivery: 'not-sent', retryable: false });
    expect(server.connections[0]?.commands).toHaveLength(1);
  });
});

describe('row 13: pipelining', () => {
  it('MAIL, RCPT and DATA leave in one write when it is offered, and one by one otherwise', async () => {
    for (const [extensions, reads] of [
      [['PIPELINING'], 1],
      [[], 4],
    ] as const) {
      await using server = await start({ extensions });
      await using smtp = await SMTP.connect(server.url);
      await smtp.sendmail('a@x.test', ['b@x.test', 'c@x.test'], message);
      const commands = server.connections[0]?.commands.slice(1) ?? [];
      expect(commands.map(({ verb }) => verb)).toEqual(['MAIL', 'RCPT', 'RCPT', 'DATA']);
      expect(new Set(commands.map(({ readIndex }) => readIndex)).size).toBe(reads);
    }
  });

  it('a 354 for nobody is ended with a lone dot', async () => {
    await using server = await start({ extensions: ['PIPELINING'], on: { RCPT: '550 no', DATA: '354 go on' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', message))).toBeInstanceOf(SMTPRecipientsRefused);
    expect((await smtp.noop()).code).toBe(250);
    expect(server.messages.map(({ content }) => content.length)).toEqual([0]);
  });
});

describe('row 14: 8-bit content', () => {
  const eightBit = 'From: a@x.test\nTo: b@x.test\n\nh\u00e9\n';

  it('is declared where the server takes it, and refused where it does not', async () => {
    await using able = await start({ extensions: ['8BITMIME'] });
    await using smtp = await SMTP.connect(able.url);
    await smtp.sendmail('a@x.test', 'b@x.test', eightBit);
    expect(able.messages[0]?.parameters).toContain('BODY=8BITMIME');
    await using unable = await start({ extensions: [] });
    await using other = await SMTP.connect(unable.url);
    expect(await rejectionOf(other.sendmail('a@x.test', 'b@x.test', eightBit))).toBeInstanceOf(SMTPNotSupportedError);
    expect(unable.connections[0]?.commands).toHaveLength(1);
  });
});

describe('row 15: SMTPUTF8', () => {
  it('is needed for a local part only: a domain goes as its A-labels', async () => {
    await using server = await start({ extensions: [] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('a@x.test', 'b@b\u00fccher.example', message);
    expect(server.messages[0]?.envelope.to).toEqual(['b@xn--bcher-kva.example']);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'j\u00f6@x.test', message))).toBeInstanceOf(
      SMTPNotSupportedError,
    );
  });

  it('is declared for a header block in UTF-8 where it is offered', async () => {
    await using server = await start({ extensions: ['SMTPUTF8', '8BITMIME'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendMessage(parse('From: a@x.test', 'To: b@x.test', 'Subject: gr\u00fc\u00dfe'));
    expect(server.messages[0]?.parameters).toEqual(expect.arrayContaining(['SMTPUTF8', 'BODY=8BITMIME']));
  });
});

describe('row 16: the encoding of commands', () => {
  it('is decided anew for each transaction', async () => {
    await using server = await start({ extensions: ['SMTPUTF8', '8BITMIME'] });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('a@x.test', 'j\u00f6@x.test', message);
    await smtp.sendmail('a@x.test', 'b@x.test', message);
    expect(server.messages.map(({ parameters }) => parameters.includes('SMTPUTF8'))).toEqual([true, false]);
    await smtp.mail('a@x.test');
    expect(await rejectionOf(smtp.rcpt('j\u00f6@x.test'))).toBeInstanceOf(SMTPNotSupportedError);
  });
});

describe('rows 17 and 18: raw messages', () => {
  it('arrive as they were: no From-mangling, no refolding, no repair', async () => {
    const raw = Buffer.from(
      'From: a@x.test\r\nTo:b@x.test\r\nX-Long:  ' +
        'word '.repeat(60) +
        '\r\nX-Trail: t \t\r\n' +
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nFrom here\r\n>From there\r\n--b--\r\n\r\n\r\n',
    );
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendMessage(Message.parse(raw));
    expect(server.messages[0]?.content.equals(raw)).toBe(true);
  });

  it('lose a mbox line, and Bcc fields with their folds; nothing else', async () => {
    const raw =
      'From me Sat Nov 22 08:00:00 2025\nFrom: a@x.test\nTo: b@x.test\nBcc : c@x.test,\n d@x.test\nX: 1\n\nBcc: in the body\n';
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendMessage(Message.parse(raw));
    const [received] = server.messages;
    expect(received?.content.toString()).toBe('From: a@x.test\r\nTo: b@x.test\r\nX: 1\r\n\r\nBcc: in the body\r\n');
    expect(received?.envelope.to).toEqual(['b@x.test', 'c@x.test', 'd@x.test']);
  });

  it("lineEndings: 'reject' refuses what is not CRLF", async () => {
    const smtp = new SMTP();
    const error = await rejectionOf(
      smtp.sendMessage(parse('From: a@x.test', 'To: b@x.test'), { serializeOptions: { lineEndings: 'reject' } }),
    );
    expect(error).toMatchObject({ code: 'ERR_BARE_LINE_END' });
  });
});

describe('row 19: line ends', () => {
  it('no lone CR or LF reaches the wire, whatever was given', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    const raw = 'Subject: x\n\na\rb\n.\n\r.\r\n\r\r\n.c';
    const source = async function* (): AsyncGenerator<Buffer> {
      for (const octet of Buffer.from(raw)) yield await Promise.resolve(Buffer.of(octet));
    };
    await smtp.sendmail('a@x.test', 'b@x.test', raw);
    await smtp.sendmail('a@x.test', 'b@x.test', Buffer.from(raw));
    await smtp.sendmail('a@x.test', 'b@x.test', source);
    const expected = 'Subject: x\r\n\r\na\r\nb\r\n.\r\n\r\n.\r\n\r\n\r\n.c\r\n';
    expect(server.messages.map(({ content }) => content.toString())).toEqual([expected, expected, expected]);
    expect(server.violations).toEqual([]);
  });
});

describe('row 20: long lines', () => {
  it('are an error unless they are allowed', async () => {
    const long = `Subject: x\n\n${'x'.repeat(999)}\n`;
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', long))).toMatchObject({ code: 'ERR_LINE_TOO_LONG' });
    await smtp.sendmail('a@x.test', 'b@x.test', long, { serializeOptions: { allowLongLines: true } });
    await smtp.sendmail('a@x.test', 'b@x.test', `Subject: x\n\n${'x'.repeat(998)}\n`);
    expect(server.messages).toHaveLength(2);
  });
});

describe('row 21: Date and Message-ID', () => {
  it('are never added to a raw message', async () => {
    await using server = await start();
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendMessage(parse('From: a@x.test', 'To: b@x.test'));
    expect(server.messages[0]?.content.toString()).toBe('From: a@x.test\r\nTo: b@x.test\r\n\r\nhello\r\n');
  });
});

describe('row 22: TLS', () => {
  it('is verified by default, against the name that was given', async () => {
    await using server = await start({ extensions: ['STARTTLS'] });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.starttls());
    expect(error).toMatchObject({ name: 'SMTPTlsError', delivery: 'not-sent', stage: 'tls' });
    expect(smtp.connected).toBe(false);
    await smtp.connect();
    await smtp.starttls({ ca: server.certificate });
    expect(smtp.tls?.authorized).toBe(true);
    expect(smtp.ehloResp).toBeUndefined();
  });

  it('is required once credentials are given', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], accounts: { ann: 'secret' } });
    const auth = { user: 'ann', password: 'secret' };
    const error = await rejectionOf(SMTP.connect({ host: server.host, port: server.port, auth, tls: 'required' }));
    expect(error).toBeInstanceOf(SMTPNotSupportedError);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
  });
});

describe('row 23: credentials in clear text', () => {
  it('are refused on a network, and pass on loopback', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], accounts: { ann: 'secret' } });
    const { port } = server;
    const connector = async (): Promise<Socket> =>
      await new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          resolve(socket);
        }).once('error', reject);
      });
    await using far = await SMTP.connect({ host: 'mail.example.org', connector });
    expect(await rejectionOf(far.login('ann', 'secret'))).toMatchObject({ code: 'ERR_INSECURE_AUTH' });
    await using allowed = await SMTP.connect({ host: 'mail.example.org', connector, allowInsecureAuth: true });
    expect((await allowed.login('ann', 'secret')).code).toBe(235);
    await using near = await SMTP.connect(server.url);
    expect((await near.login('ann', 'secret')).code).toBe(235);
  });
});

describe('row 24: the order of mechanisms', () => {
  it('a refused password is not tried in a plainer form, and mechanisms are compared without case', async () => {
    await using server = await start({ extensions: ['AUTH login plain'], accounts: { ann: 'right' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login('ann', 'wrong'))).toMatchObject({
      name: 'SMTPAuthenticationError',
      mechanism: 'PLAIN',
    });
    expect(server.connections[0]?.commands.filter(({ verb }) => verb === 'AUTH')).toHaveLength(1);
    expect((await smtp.login('ann', 'right')).code).toBe(235);
  });
});

describe('row 25: octets behind the 220 of STARTTLS', () => {
  it('are an injection', async () => {
    await using server = await start({
      extensions: ['STARTTLS'],
      on: { STARTTLS: '"220 go\\r\\n250 injected\\r\\n"' },
    });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.starttls({ ca: server.certificate }))).toBeInstanceOf(SMTPProtocolError);
    expect(smtp.connected).toBe(false);
  });
});

describe('row 26: replies', () => {
  it.each([
    '"22 x\\r\\n"',
    '"+250 x\\r\\n"',
    '"2_50 x\\r\\n"',
    '"9999 x\\r\\n"',
    '"abc\\r\\n"',
    '"\\r\\n"',
    '"250-a\\r\\n550 b\\r\\n"',
    '"250_x\\r\\n"',
  ])('%s is no reply', async (line) => {
    await using server = await start({ on: { NOOP: line } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPProtocolError);
    expect(smtp.connected).toBe(false);
  });

  it('one without its line end is a lost connection', async () => {
    await using server = await start({ on: { NOOP: ['"250 ok"', '(close)'] } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });
});

describe('row 27: HELO behind EHLO', () => {
  it.each([500, 501, 502, 504, 550])('follows %d', async (code) => {
    await using server = await start({ on: { EHLO: `${String(code)} what` } });
    await using smtp = await SMTP.connect(server.url);
    expect(smtp.heloResp?.code).toBe(250);
  });

  it.each([421, 451, 554, 503])('does not follow %d', async (code) => {
    await using server = await start({ on: { EHLO: `${String(code)} no` } });
    expect(await rejectionOf(SMTP.connect(server.url))).toBeInstanceOf(SMTPHeloError);
  });

  it('nothing of an earlier EHLO is left after a refused one', async () => {
    await using server = await start({ extensions: ['SIZE'], on: { 'EHLO:2': '502 not again' } });
    await using smtp = await SMTP.connect(server.url);
    expect(smtp.doesEsmtp).toBe(true);
    await smtp.ehlo();
    expect([smtp.doesEsmtp, smtp.hasExtn('size')]).toEqual([false, false]);
  });
});

describe('row 28: LMTP', () => {
  it('has an answer for each recipient, no HELO, and a port of its own', async () => {
    await using server = await ScriptedServer.start(
      { behave: { on: { delivery: '552 5.2.2 full' } } },
      { protocol: 'lmtp' },
    );
    await using lmtp = await LMTP.connect(server.url);
    const error = await rejectionOf(lmtp.sendmail('a@x.test', ['b@x.test', 'c@x.test'], message));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(error).toMatchObject({ stage: 'body' });
    expect([...(error as SMTPRecipientsRefused).refused.keys()]).toEqual(['b@x.test', 'c@x.test']);
    expect(await rejectionOf(lmtp.helo())).toBeInstanceOf(MessageError);
  });
});

describe('row 29: the result', () => {
  it("has the queue id, the accepted, and Python's dictionary", async () => {
    await using server = await start({ on: { final: '250 2.0.0 Ok: queued as 4F2', 'RCPT:2': '550 5.1.1 no' } });
    await using smtp = await SMTP.connect(server.url);
    const result = await smtp.sendmail('a@x.test', ['b@x.test', 'c@x.test'], message);
    expect(result.queueId).toBe('4F2');
    expect(result.accepted).toEqual(['b@x.test']);
    expect([...result.refused].map(([address, { code }]) => [address, code])).toEqual([['c@x.test', 550]]);
  });
});

describe('row 30: the end of a block', () => {
  it('does not hide the error of the block behind one of QUIT, and waits 5 s for it at most', async () => {
    await using server = await start({ on: { QUIT: '500 no' } });
    const block = async (): Promise<void> => {
      await using smtp = await SMTP.connect(server.url);
      await smtp.noop();
      throw new RangeError('mine');
    };
    expect(await rejectionOf(block())).toBeInstanceOf(RangeError);
  });
});

describe('row 31: a refused DATA', () => {
  it('is followed by RSET; behind a 421 the connection is closed', async () => {
    await using server = await start({ extensions: [], on: { 'DATA:1': '451 later' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', message))).toBeInstanceOf(SMTPDataError);
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('RSET');
    await using closing = await start({ extensions: [], on: { DATA: '421 bye' } });
    await using other = await SMTP.connect(closing.url);
    expect(await rejectionOf(other.sendmail('a@x.test', 'b@x.test', message))).toBeInstanceOf(SMTPDataError);
    expect(other.connected).toBe(false);
  });
});

describe('row 32: any 2xx', () => {
  it('is a yes to MAIL, RCPT and the content', async () => {
    await using server = await start({ on: { MAIL: '251 ok', RCPT: '252 ok', final: '259 ok' } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.sendmail('a@x.test', 'b@x.test', message)).accepted).toEqual(['b@x.test']);
  });
});

describe('row 33: debug output', () => {
  it('shows no secret', async () => {
    const lines: string[] = [];
    await using server = await start({ extensions: ['AUTH PLAIN LOGIN CRAM-MD5'], accounts: { ann: 'hunter2!' } });
    await using smtp = await SMTP.connect({
      host: server.host,
      port: server.port,
      onWire: ({ text }) => lines.push(text),
    });
    for (const mechanism of ['PLAIN', 'LOGIN', 'CRAM-MD5']) {
      await smtp.login('ann', 'hunter2!', { mechanisms: [mechanism] });
      await smtp.quit();
      await smtp.connect();
    }
    const log = lines.join('\n');
    expect(log).toContain('AUTH PLAIN (secret)');
    for (const form of [
      'hunter2!',
      Buffer.from('hunter2!').toString('base64'),
      Buffer.from('\0ann\0hunter2!').toString('base64'),
    ]) {
      expect(log).not.toContain(form);
    }
  });
});
