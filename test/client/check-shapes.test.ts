import { MessageError, SMTP, type SMTPOptions } from '../../src/index.js';
import { checkShapes } from '../../src/client/check-shapes.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

function refusalOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('options of the wrong kind', () => {
  it.each([null, 'mail.example', 25, [], true])('%p is no set of options', (options) => {
    const error = refusalOf(() => new SMTP(options as unknown as SMTPOptions));
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', hint: expect.any(String) as unknown });
  });

  it('none at all where there must be one is called by its name', () => {
    expect(
      refusalOf(() => {
        checkShapes(undefined, {});
      }),
    ).toMatchObject({
      message: 'the options are no object but undefined',
    });
  });

  it.each([
    ['allowInsecureAuth', 'false'],
    ['pipelining', 0],
    ['tls', true],
    ['tls', null],
    ['auth', 'user:secret'],
    ['disableExtensions', 'PIPELINING'],
    ['connector', {}],
    ['onWire', 'log'],
    ['signal', {}],
    ['path', 1],
    ['localHostname', 1],
  ])('%s: %p is refused, not ignored, and not shown', (name, value) => {
    const error = refusalOf(() => new SMTP({ [name]: value })) as Error;
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) as unknown });
    expect(error.message).not.toContain('secret');
  });

  it('a localHostname with a line end is refused before there is a connection', () => {
    const error = refusalOf(() => new SMTP({ localHostname: 'a\r\nDATA' }));
    expect(error).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
  });

  it.each([
    { requireTls: 1 },
    { requireAllRecipients: 'yes' },
    { beforeContent: {} },
    { signal: 1 },
    { mailOptions: null },
    { rcptOptions: 'NOTIFY=NEVER' },
    { dsn: null },
    null,
  ])('%p is refused for a send, and the connection is as it was', async (options) => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const message = 'From: a@x.example\r\nTo: b@x.example\r\n\r\nhello\r\n';
    const sending = [
      smtp.sendmail('a@x.example', 'b@x.example', message, options as never),
      smtp.sendMessage(Buffer.from(message), options as never),
    ];
    for (const attempt of sending) expect(await rejectionOf(attempt)).toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect((await smtp.noop()).code).toBe(250);
    expect(server.connections[0]?.commands.some(({ line }) => line.startsWith('MAIL'))).toBe(false);
  });

  it('undefined is the same as left out, and what is not in the table is not looked at', () => {
    expect(() => {
      checkShapes({ flag: undefined, other: 1 }, { flag: ['flag'] });
    }).not.toThrow();
  });
});

describe('auth()', () => {
  it('refuses a mechanism and an answer of the wrong kind, and leaves the session usable', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['AUTH PLAIN'] } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.auth(1 as never, () => 'x'))).toBeInstanceOf(MessageError);
    expect(await rejectionOf(smtp.auth('PLAIN', 'x' as never))).toBeInstanceOf(MessageError);
    expect(await rejectionOf(smtp.auth('PLAIN', () => 1 as never))).toBeInstanceOf(MessageError);
    expect((await smtp.noop()).code).toBe(250);
  });
});
