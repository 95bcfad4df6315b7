/** What counts as a reply, and what Python's reader takes for one. */
import { SMTP, SMTPProtocolError, SMTPServerDisconnected, SMTPTimeoutError } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

async function greet(said: string | readonly string[], timeoutMs = 4_000): Promise<unknown> {
  await using server = await ScriptedServer.start({ behave: { on: { greeting: said } } });
  const smtp = new SMTP({ host: server.host, port: server.port, timeoutMs });
  return await smtp.connect().then(
    (reply) => {
      smtp.close();
      return reply;
    },
    (error: unknown) => error,
  );
}

async function features(...offered: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await using server = await ScriptedServer.start({ behave: { extensions: offered } });
  await using smtp = await SMTP.connect(server.url);
  return smtp.esmtpFeatures;
}

describe('1.3 getreply', () => {
  it.each(['"220 hi\\n"', '"220\\r\\n"', '"220 hi\\r\\n"'])('1.3 accepted: %s', async (said) => {
    expect(await greet(said)).toMatchObject({ code: 220 });
  });

  it('1.3 incomplete: a line without its end is no reply but a disconnection', async () => {
    expect(await greet(['"220 hi"', '(close)'])).toBeInstanceOf(SMTPServerDisconnected);
  });

  it.each(['220_x', '"220\\tx\\r\\n"', '22', '+22 x', '" 22 x\\r\\n"', '2_2 x', '-22 x', '9999 x', '199 x', '600 x'])(
    '1.3 leniency: %s is no code',
    async (said) => {
      expect(await greet(said)).toBeInstanceOf(SMTPProtocolError);
    },
  );

  it.each(['abc', '"\\r\\n"', '2 0 x'])(
    '1.3 garbage: %s destroys the connection, so that nothing is left unread',
    async (said) => {
      expect(await greet(said)).toBeInstanceOf(SMTPProtocolError);
    },
  );

  it('1.3 two codes: one reply has one code', async () => {
    expect(await greet('220-a\n421 b')).toBeInstanceOf(SMTPProtocolError);
  });

  it('1.3 cut off: a continued reply that does not go on is a disconnection', async () => {
    expect(await greet(['220-a', '(close)'])).toBeInstanceOf(SMTPServerDisconnected);
    expect(await greet(['220-a', '"220"', '(close)'])).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('1.3 long lines: up to the limit of RFC 4954, not beyond', async () => {
    expect(await greet(`220 ${'x'.repeat(12_288 - 6)}`)).toMatchObject({ code: 220 });
    expect(await greet(`220 ${'x'.repeat(12_288 - 5)}`)).toBeInstanceOf(SMTPProtocolError);
  });

  it('1.3 endless: continuation lines without end are cut off', async () => {
    expect(await greet('(repeat forever "220-x\\r\\n")')).toBeInstanceOf(SMTPProtocolError);
  });

  it('1.3 time-out: has an error of its own, which is a disconnection too', async () => {
    const error = await greet('(hold)', 40);
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(await greet('(reset)')).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('1.3 EHLO: the first line is never a feature', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { EHLO: '250-SIZE DSN\n250 HELP' } } });
    await using smtp = await SMTP.connect(server.url);
    expect([...smtp.esmtpFeatures.keys()]).toEqual(['help']);
  });

  it('1.3 EHLO: both forms of AUTH are merged, each word once', async () => {
    expect((await features('AUTH PLAIN LOGIN', 'AUTH=PLAIN LOGIN', 'AUTH cram-md5')).get('auth')).toBe(
      'PLAIN LOGIN cram-md5',
    );
  });

  it('1.3 EHLO: other keywords overwrite, and a keyword is exact', async () => {
    expect((await features('SIZE', 'SIZE 100')).get('size')).toBe('100');
    expect([...(await features('SIZE=5', 'X_FOO bar', '-BAD', 'DSN'))]).toEqual([['dsn', '']]);
  });

  it('1.3 getreply: without a command that is owed one, it is an error and no wait', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.getreply())).toMatchObject({ code: 'ERR_NO_REPLY_OWED' });
  });
});
