import { Conversation, type Dialect } from '../../src/client/conversation.js';
import { resolveOptions, type SMTPOptions } from '../../src/client/options.js';
import { SMTPException, SMTPHeloError, SMTPProtocolError, SMTPServerDisconnected } from '../../src/index.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';
import { MemoryServer, type MemoryServerOptions } from './memory-server.js';

const NO_LIMITS = { signal: undefined, deadline: undefined };
const DIALECT: Dialect = { implicitTls: false, hello: 'EHLO', finalReplies: 'one', defaultPort: 25 };

async function opened(
  server: MemoryServerOptions = {},
  options: SMTPOptions = {},
  host = 'mail.example.org',
): Promise<{ conversation: Conversation; server: MemoryServer }> {
  const stream = new MemoryServer(server);
  const conversation = new Conversation(
    resolveOptions({ ...options, connector: () => Promise.resolve(stream) }),
    DIALECT,
  );
  await conversation.open({ host, port: 25 }, NO_LIMITS);
  return { conversation, server: stream };
}

describe('Conversation', () => {
  it('knows its target, and whether what is sent there can be read on the way', async () => {
    const { conversation } = await opened();
    expect([conversation.targetHost, conversation.targetPort, conversation.confidential]).toEqual([
      'mail.example.org',
      25,
      false,
    ]);
    const { conversation: near } = await opened({}, {}, 'localhost');
    expect(near.confidential).toBe(true);
    conversation.close();
    near.close();
  });

  it('gives the name of the options, else one that needs no DNS', async () => {
    const { conversation } = await opened({}, { localHostname: 'client.example.org' });
    expect(conversation.localHostname).toBe('client.example.org');
    const { conversation: unnamed } = await opened();
    expect(unnamed.localHostname).toMatch(/^(\[[0-9.]+\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$/);
    conversation.close();
    unnamed.close();
  });

  it('refuses a command that has no place in the phase, and tells what to do', async () => {
    const { conversation, server } = await opened();
    const early = thrownBy(() => conversation.prepare('MAIL FROM:<a@x.test>'));
    expect(early).toBeInstanceOf(SMTPException);
    expect(early).toMatchObject({ code: 'ERR_BAD_SEQUENCE', hint: expect.stringContaining('ehlo') as string });
    await conversation.introduce(NO_LIMITS);
    expect(thrownBy(() => conversation.prepare('RCPT TO:<a@x.test>'))).toMatchObject({ code: 'ERR_BAD_SEQUENCE' });
    expect(conversation.prepare('MAIL FROM:<a@x.test>').verb).toBe('MAIL');
    expect(server.handed.toString()).not.toContain('MAIL');
    conversation.close();
    expect(thrownBy(() => conversation.prepare('NOOP'))).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('introduces itself once, and again only when it was not heard', async () => {
    const { conversation, server } = await opened({ extensions: ['SIZE'] });
    await conversation.introduce(NO_LIMITS);
    await conversation.introduce(NO_LIMITS);
    expect(server.handed.toString().match(/EHLO/g)).toHaveLength(1);
    conversation.close();
    expect([conversation.hello.ehloResp, conversation.extensions.features.size]).toEqual([undefined, 0]);
  });

  it.each([
    ['354 go on', SMTPException, 'ERR_HELO'],
    ['250-two\r\n550 codes', SMTPProtocolError, 'ERR_PROTOCOL'],
    ['554 no', SMTPHeloError, 'ERR_HELO'],
    ['421 bye', SMTPHeloError, 'ERR_HELO'],
  ] as const)('closes when EHLO is answered with %j', async (EHLO, expected, code) => {
    const { conversation, server } = await opened({ replies: { EHLO } });
    const error = await rejectionOf(conversation.introduce(NO_LIMITS));
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ code, delivery: 'not-sent' });
    expect(conversation.connected).toBe(false);
    expect(server.handed.toString()).not.toContain('HELO c');
  });

  it.each(['500 what', '501 syntax', '502 no', '504 no', '550 no'])('says HELO behind %s', async (EHLO) => {
    const { conversation, server } = await opened({ replies: { EHLO } }, { localHostname: 'c.test' });
    await conversation.introduce(NO_LIMITS);
    expect(server.handed.toString()).toBe('EHLO c.test\r\nHELO c.test\r\n');
    expect(conversation.hello.doesEsmtp).toBe(false);
    conversation.close();
  });

  it('closes when HELO is refused too', async () => {
    const { conversation } = await opened({ replies: { EHLO: '500 what', HELO: '550 no' } });
    expect(await rejectionOf(conversation.introduce(NO_LIMITS))).toBeInstanceOf(SMTPHeloError);
    expect(conversation.connected).toBe(false);
  });
});
