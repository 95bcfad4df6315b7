/** The Mailer against scripted servers. */
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { Mailer } from '../../src/mailer/mailer.js';
import type { MailerOptions } from '../../src/mailer/mailer-options.js';
import { Message } from '../../src/message/message.js';
import { ScriptedServer, type Behaviour, type ReceivedMessage } from '../../src/testing/index.js';
import type { SendResult } from '../../src/types.js';
import { rejectionOf } from '../support/rejection.js';

const MESSAGE = { from: 'ann@example.org', to: ['bob@example.org'], subject: 'Hi', text: 'Hello' };

function numbered(index: number): typeof MESSAGE {
  return { ...MESSAGE, subject: `message ${String(index)}` };
}

async function start(behave: Behaviour | ((connection: number) => Behaviour) = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave });
}

function queuedAt(server: ScriptedServer): readonly ReceivedMessage[] {
  return server.messages.filter(({ outcome }) => outcome === 'queued');
}

function verbsOf(server: ScriptedServer): readonly string[] {
  return server.connections.flatMap(({ commands }) => commands.map(({ verb }) => verb));
}

const QUICK_RETRY = { attempts: 3, backoffMs: () => 1 };

describe('a mailer', () => {
  it('sends a message over a connection that it opens, and the next one over the same, without a NOOP', async () => {
    await using server = await start({ on: { final: '250 2.0.0 Ok: queued as 4F2' } });
    await using mailer = new Mailer(server.url);
    const first = await mailer.send(MESSAGE);
    expect([first.accepted, first.queueId]).toEqual([['bob@example.org'], '4F2']);
    expect(first.timing.total).toBeGreaterThanOrEqual(first.timing.queued ?? Infinity);
    await mailer.send(MESSAGE, { to: 'eve@example.org' });
    await mailer.close();
    expect(server.connections).toHaveLength(1);
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@example.org'], ['eve@example.org']]);
    expect(verbsOf(server)).not.toContain('NOOP');
    expect(verbsOf(server).at(-1)).toBe('QUIT');
    await server.finished();
  });

  it('dials nothing before it is asked to send', async () => {
    await using server = await start();
    const mailer = new Mailer(server.url);
    await mailer.close();
    expect(server.connections).toEqual([]);
  });

  it('sends many at a time over no more connections than it may', async () => {
    await using server = await start();
    const mailer = new Mailer(`${server.url}?maxConnections=3&maxMessagesPerConnection=Infinity`);
    const results = await Promise.all(Array.from({ length: 40 }, (_, index) => mailer.send(numbered(index))));
    await mailer.close();
    expect(results.every(({ accepted }) => accepted.length === 1)).toBe(true);
    expect(queuedAt(server)).toHaveLength(40);
    expect(server.connections.length).toBeLessThanOrEqual(3);
    await server.finished();
  });

  it('sends in the order of the calls, also where one message is read from a source that has it at hand', async () => {
    await using server = await start();
    const mailer = new Mailer(server.url, { maxConnections: 1 });

    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('From: a@example.org\r\nTo: second@example.org\r\n\r\nHello\r\n');
    };
    await Promise.resolve();
    const sent = [mailer.send(MESSAGE, { to: 'first@example.org' }), mailer.send(source)];
    await Promise.all(sent);
    await mailer.close();
    expect(server.messages.map(({ envelope }) => envelope.to[0])).toEqual(['first@example.org', 'second@example.org']);
  });

  it('closes a connection that is idle for its time, and opens another one later', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url, { idleTimeoutMs: 5 });
    await mailer.send(MESSAGE);
    await server.waitFor(() => verbsOf(server).includes('QUIT'));
    await mailer.send(MESSAGE);
    expect(server.connections).toHaveLength(2);
  });

  it('opens another connection when the idle one was closed by the server, and nobody hears of it', async () => {
    await using server = await start((connection) => ({ on: connection === 1 ? { 'MAIL:2': '(close)' } : {} }));
    await using mailer = new Mailer(server.url);
    await mailer.send(MESSAGE);
    const second = await mailer.send(MESSAGE);
    expect([second.accepted, server.connections.length]).toEqual([['bob@example.org'], 2]);
  });

  it('sends a Message as it was when send() was called', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url);
    const message = Message.parse('From: ann@example.org\r\nTo: nobody@example.org\r\n\r\nHello\r\n');
    const sends = ['bob@example.org', 'eve@example.org'].map((to) => {
      message.headers.set('To', to);
      return mailer.send(message);
    });
    message.headers.delete('To');
    const results = await Promise.all(sends);
    expect(results.map(({ accepted }) => accepted)).toEqual([['bob@example.org'], ['eve@example.org']]);
    const told = queuedAt(server).map(
      ({ envelope, content }) => `${envelope.to.join()} ${String(/^To: .*$/m.exec(content.toString()))}`,
    );
    expect([...told].sort()).toEqual(['bob@example.org To: bob@example.org', 'eve@example.org To: eve@example.org']);
  });

  it('tells of a message that was read, and can be read once, that it is not there any more', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url);
    const content = (async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('part'));
    })();
    const message = Message.compose({ ...MESSAGE, attachments: [{ content, filename: 'a.txt' }] });
    const [first, second] = await Promise.allSettled([mailer.send(message), mailer.send(message)]);
    expect([first.status, second]).toMatchObject([
      'fulfilled',
      { reason: { code: 'ERR_MESSAGE_CONSUMED', delivery: 'not-sent' } },
    ]);
    expect(queuedAt(server)).toHaveLength(1);
  });

  it('rejects a message that is none, without a connection', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url);
    expect(await rejectionOf(mailer.send({ ...MESSAGE, from: 'nobody at all' }))).toMatchObject({
      code: 'ERR_INVALID_ADDRESS',
    });
    expect(await rejectionOf(mailer.send(MESSAGE, { to: [] }))).toMatchObject({ code: 'ERR_MISSING_RECIPIENTS' });
    expect(await rejectionOf(mailer.send(MESSAGE, { deadlineMs: -1 }))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect(await rejectionOf(mailer.send(MESSAGE, { mailOptions: ['SIZE=x\r\ny'] }))).toMatchObject({
      code: 'ERR_INVALID_PARAMETER',
    });
    expect(await rejectionOf(mailer.send(42 as unknown as Message))).toMatchObject({ code: 'ERR_INVALID_MESSAGE' });
    expect(server.connections).toEqual([]);
  });

  it('passes the options of a call on', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url);
    const seen: string[] = [];
    await mailer.send(MESSAGE, {
      from: 'list@example.org',
      mailOptions: { RET: 'HDRS' },
      rcptOptions: (recipient, index) => ({ ORCPT: `rfc822;${String(index)}-${recipient}` }),
      beforeContent: async ({ recipients }) => {
        await Promise.resolve();
        seen.push(...recipients.map(({ address }) => address));
      },
    });
    expect(seen).toEqual(['bob@example.org']);
    expect(server.messages[0]?.envelope.from).toBe('list@example.org');
    expect(server.messages[0]?.parameters).toContain('RET=HDRS');
    expect(server.messages[0]?.recipients[0]?.parameters).toEqual(['ORCPT=rfc822;0-bob@example.org']);
  });

  it('knows each recipient by its place in the list, in each transaction', async () => {
    await using server = await start({ extensions: ['PIPELINING', 'DSN', 'LIMITS RCPTMAX=1'] });
    await using mailer = new Mailer(server.url);
    const result = await mailer.send(MESSAGE, {
      to: ['bob@example.org', 'bob@Example.org', 'cid@example.org'],
      rcptOptions: (_recipient, index) => ({ ORCPT: `rfc822;${String(index)}@example.org` }),
    });
    expect(result.recipients.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
      [2, 'accepted'],
    ]);
    const asked = server.messages.flatMap(({ recipients }) => recipients.flatMap(({ parameters }) => parameters));
    expect(asked).toEqual(['ORCPT=rfc822;0@example.org', 'ORCPT=rfc822;2@example.org']);
  });

  it('ends a send as not sent when beforeContent rejects, and goes on with the next', async () => {
    await using server = await start();
    await using mailer = new Mailer(server.url, { maxConnections: 1, retry: QUICK_RETRY });
    const beforeContent = async (): Promise<never> => await Promise.reject(new Error('the disk is full'));
    const sends = [mailer.send(numbered(1), { beforeContent }), mailer.send(numbered(2))] as const;
    expect(await rejectionOf(sends[0])).toMatchObject({ code: 'ERR_BEFORE_CONTENT', delivery: 'not-sent' });
    expect((await sends[1]).accepted).toHaveLength(1);
    expect(queuedAt(server)).toHaveLength(1);
  });

  it('speaks LMTP, with an answer for each recipient', async () => {
    await using server = await ScriptedServer.start(
      { behave: { on: { 'delivery:<eve@example.org>': '550 5.2.2 full' } } },
      { protocol: 'lmtp' },
    );
    await using mailer = new Mailer(server.url);
    const { recipients } = await mailer.send(MESSAGE, { to: ['bob@example.org', 'eve@example.org'] });
    expect(recipients.map(({ status }) => status)).toEqual(['accepted', 'refused']);
  });

  it('encrypts and logs in as the URL says, with a password that is asked for', async () => {
    await using server = await ScriptedServer.start({
      behave: { extensions: ({ tls }) => (tls ? ['AUTH PLAIN'] : ['STARTTLS']), accounts: { ann: 's3cret' } },
    });
    const asked: boolean[] = [];
    const auth = {
      user: 'ann',
      password: async ({ refresh }: { refresh: boolean }) => {
        asked.push(refresh);
        return await Promise.resolve('s3cret');
      },
    };
    await using mailer = new Mailer(server.url, { auth, tls: { ca: server.certificate, servername: 'localhost' } });
    const { tls } = await mailer.send(MESSAGE);
    expect([tls?.authorized, asked, server.connections[0]?.tls]).toEqual([true, [false], true]);
  });

  it('asks for a password again that was refused, and shows it only if it is another one', async () => {
    await using server = await ScriptedServer.start({
      behave: { extensions: ['AUTH PLAIN'], accounts: { ann: 'new' } },
    });
    const password = ({ refresh }: { refresh: boolean }): string => (refresh ? 'new' : 'old');
    await using mailer = new Mailer(server.url, { auth: { user: 'ann', password }, tls: 'never' });
    expect((await mailer.send(MESSAGE)).accepted).toHaveLength(1);
    await using stubborn = new Mailer(server.url, { auth: { user: 'ann', password: () => 'old' }, tls: 'never' });
    expect(await rejectionOf(stubborn.send(MESSAGE))).toMatchObject({ code: 'ERR_AUTHENTICATION' });
    expect(server.connections.map(({ commands }) => commands.filter(({ verb }) => verb === 'AUTH').length)).toEqual([
      2, 1,
    ]);
  });

  it('shows a password that is refused on one connection, however many messages wait for more', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], accounts: { ann: 'right' } });
    const messages = Array.from({ length: 8 }, () => MESSAGE);
    await using wrong = new Mailer(server.url.replace('//', '//ann:wr0ng@'), { tls: 'never' });
    const errors = await Promise.all(messages.map((message) => rejectionOf(wrong.send(message))));
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_AUTHENTICATION' });
    expect(server.connections.map(({ commands }) => commands.filter(({ verb }) => verb === 'AUTH').length)).toEqual([
      1,
    ]);
    await using right = new Mailer(server.url.replace('//', '//ann:right@'), { tls: 'never' });
    await Promise.all(messages.map((message) => right.send(message)));
    expect(server.connections.length).toBeGreaterThan(2);
  });

  it('shows its password nowhere', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 no' } });
    const lines: string[] = [];
    const url = server.url.replace('smtp://', 'smtp://ann:zwiebel@');
    await using mailer = new Mailer(url, { tls: 'never', onWire: ({ text }) => lines.push(text) });
    const error = await rejectionOf(mailer.send(MESSAGE));
    const shown = inspect([mailer, error], { depth: 10 }) + JSON.stringify([mailer, error]) + lines.join('\n');
    for (const secret of ['zwiebel', Buffer.from('\0ann\0zwiebel').toString('base64')])
      expect(shown).not.toContain(secret);
  });

  it('never gives a connection of one server or login to a message of another', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], accounts: { ann: 'a', bob: 'b' } });
    const urls = ['ann:a', 'bob:b'].map((login) => server.url.replace('smtp://', `smtp://${login}@`));
    await using mailer = new Mailer(`roundrobin:(${urls.join(',')})`, { tls: 'never' });
    for (let index = 0; index < 4; index += 1) await mailer.send(numbered(index));
    expect(server.connections.map(({ messages }) => messages.length)).toEqual([2, 2]);
  });
});

describe('retry', () => {
  it('sends a message again that was refused for now, to those who were refused', async () => {
    await using server = await start({
      on: {
        'RCPT:<eve@example.org>': ({ peer }) =>
          peer.record.messages.length === 0 ? '451 4.7.1 greylisted' : undefined,
      },
    });
    await using mailer = new Mailer(server.url, { retry: QUICK_RETRY });
    const { recipients } = await mailer.send(MESSAGE, { to: ['bob@example.org', 'eve@example.org'] });
    expect(recipients.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
    ]);
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@example.org'], ['eve@example.org']]);
  });

  it.each<[string, Behaviour]>([
    ['the greeting refuses for now', { on: { greeting: '421 4.3.2 busy' } }],
    ['the connection drops at EHLO', { on: { EHLO: '(close)' } }],
    ['MAIL is refused for now', { on: { MAIL: '451 4.3.0 later' } }],
    ['every RCPT is refused for now', { on: { RCPT: '450 4.2.0 later' } }],
    ['DATA is refused for now', { on: { DATA: '451 4.3.0 later' } }],
    ['the content is refused for now', { on: { final: '451 4.3.0 later' } }],
    ['the connection drops at MAIL', { on: { MAIL: '(close)' } }],
    ['the connection drops at RCPT', { on: { RCPT: '(reset)' } }],
    ['the connection drops at DATA', { on: { DATA: '(close)' } }],
    ['the server talks nonsense', { on: { MAIL: '"what?\\r\\n"' } }],
  ])('sends it again when %s', async (_name, fault) => {
    await using server = await start((connection) => (connection === 1 ? fault : {}));
    await using mailer = new Mailer(server.url, { retry: QUICK_RETRY, maxMessagesPerConnection: 1 });
    expect((await mailer.send(MESSAGE)).accepted).toEqual(['bob@example.org']);
    expect(queuedAt(server)).toHaveLength(1);
  });

  it.each(['(close)', '(reset)', '"250-half\\r\\n"\n(close)', '"nonsense\\r\\n"'])(
    'never sends it again when the answer to the content is %s',
    async (final) => {
      await using server = await start({ on: { final } });
      await using mailer = new Mailer(server.url, { retry: QUICK_RETRY });
      expect(await rejectionOf(mailer.send(MESSAGE))).toMatchObject({ delivery: 'unknown', retryable: false });
      expect(server.messages).toHaveLength(1);
    },
  );

  it('sends a stream again only when its source can be read again', async () => {
    await using server = await start((connection) => ({ on: connection % 2 === 1 ? { final: '451 later' } : {} }));
    await using mailer = new Mailer(server.url, { retry: QUICK_RETRY, maxMessagesPerConnection: 1 });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('From: ann@example.org\r\nTo: bob@example.org\r\n\r\n');
      await Promise.resolve();
      yield Buffer.from('Hello\r\n');
    }
    expect((await mailer.send(source)).accepted).toHaveLength(1);
    const once = { ...MESSAGE, attachments: [{ content: source() }] };
    expect(await rejectionOf(mailer.send(once))).toMatchObject({ code: 'ERR_DATA', retryable: true });
  });
});

describe('a server with limits', () => {
  it('gets as many recipients at a time as it announced, and as few messages on a connection', async () => {
    await using server = await start({ extensions: ['PIPELINING', 'LIMITS RCPTMAX=2 MAILMAX=2'] });
    await using mailer = new Mailer(server.url, { maxConnections: 1 });
    const to = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.org`);
    const { accepted, timing } = await mailer.send(MESSAGE, { to });
    expect(accepted).toEqual(to);
    expect(timing.final).toBeGreaterThan(0);
    expect(server.messages.map(({ envelope }) => envelope.to.length)).toEqual([2, 2, 1]);
    expect(server.connections.map(({ messages }) => messages.length)).toEqual([2, 1]);
  });

  it('gets the rest in a further transaction when it answers 452', async () => {
    await using server = await start({
      on: { 'RCPT:3': '452 4.5.3 too many recipients', 'RCPT:4': '452 4.5.3 too many recipients' },
    });
    await using mailer = new Mailer(server.url);
    const to = ['a', 'b', 'c', 'd'].map((name) => `${name}@example.org`);
    const { accepted, recipients } = await mailer.send(MESSAGE, { to });
    expect([accepted, recipients.map(({ index }) => index)]).toEqual([to, [0, 1, 2, 3]]);
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([to.slice(0, 2), to.slice(2)]);
  });

  it('that answers 421 after some messages gets the others on new connections', async () => {
    await using server = await start({ on: { 'MAIL:3': '421 4.7.0 enough\n(close)' } });
    await using mailer = new Mailer(server.url, { maxConnections: 1 });
    const results: SendResult[] = [];
    for (let index = 0; index < 9; index += 1) results.push(await mailer.send(numbered(index)));
    expect(results).toHaveLength(9);
    expect(queuedAt(server)).toHaveLength(9);
    // It said so twice, and is not asked again.
    expect(verbsOf(server).filter((verb) => verb === 'MAIL')).toHaveLength(11);
  });
});

describe('several servers', () => {
  it('are tried in order, and one that is down is passed by', async () => {
    const down = await start();
    const url = down.url;
    await down.close();
    await using server = await start();
    await using mailer = new Mailer(`failover:(${url},${server.url})`);
    expect((await mailer.send(MESSAGE)).accepted).toHaveLength(1);
    expect((await mailer.send(MESSAGE)).accepted).toHaveLength(1);
    expect(queuedAt(server)).toHaveLength(2);
  });

  it('do not get what the first one refused for good, or may have', async () => {
    await using first = await start({ on: { 'MAIL:1': '550 5.7.1 no', 'final:2': '(close)' } });
    await using second = await start();
    await using mailer = new Mailer(`failover:(${first.url},${second.url})`, { retry: QUICK_RETRY });
    expect(await rejectionOf(mailer.send(MESSAGE))).toMatchObject({ code: 'ERR_SENDER_REFUSED' });
    expect(second.connections).toEqual([]);
  });

  it('get what is too large for the first one, or needs what that does not offer', async () => {
    await using small = await ScriptedServer.start({ behave: { extensions: ['SIZE 100', '8BITMIME'] } });
    await using large = await ScriptedServer.start({ behave: { extensions: ['SIZE 500', '8BITMIME', 'DSN'] } });
    await using mailer = new Mailer(`failover:(${small.url},${large.url})`);
    const message = (size: number): Buffer => Buffer.from(`From: a@example.org\r\n\r\n${'x'.repeat(size - 25)}\r\n`);
    const to = { from: 'a@example.org', to: 'b@example.org' };
    await mailer.send(message(100), to);
    await mailer.send(message(101), to);
    await mailer.send(message(99), { ...to, dsn: { notify: ['failure'] } });
    expect([small, large].map((server) => server.messages.map(({ content }) => content.length))).toEqual([
      [100],
      [101, 99],
    ]);
    await expect(mailer.send(message(501), to)).rejects.toMatchObject({ limitBytes: 500, delivery: 'not-sent' });
    expect([small.totals.connections, large.totals.connections]).toEqual([1, 1]);
  });

  it('share the messages by roundrobin', async () => {
    await using one = await start();
    await using two = await start();
    await using mailer = new Mailer(`roundrobin:(${one.url},${two.url})`);
    for (let index = 0; index < 4; index += 1) await mailer.send(numbered(index));
    expect([queuedAt(one).length, queuedAt(two).length]).toEqual([2, 2]);
  });
});

describe('a send that is given up', () => {
  it('leaves the queue, and the connection to the others', async () => {
    await using server = await start({ on: { 'final:1': ['(hold)', '250 ok'] } });
    await using mailer = new Mailer(server.url, { maxConnections: 1, overlap: 'message' });
    const controller = new AbortController();
    const sends = [
      mailer.send(numbered(1)),
      mailer.send(numbered(2), { signal: controller.signal }),
      mailer.send(numbered(3)),
    ] as const;
    await server.held();
    controller.abort(new Error('enough'));
    expect(await rejectionOf(sends[1])).toMatchObject({
      name: 'AbortError',
      delivery: 'not-sent',
      cause: { message: 'enough' },
    });
    server.release();
    await Promise.all([sends[0], sends[2]]);
    expect(queuedAt(server)).toHaveLength(2);
  });

  it('is unknown when its end was on its way, and the next one gets a new connection', async () => {
    await using server = await start({
      on: { 'final:1': ({ peer }) => (peer.record.number === 1 ? ['(hold)', '250 ok'] : undefined) },
    });
    await using mailer = new Mailer(server.url, { maxConnections: 1, overlap: 'message' });
    const controller = new AbortController();
    const first = mailer.send(numbered(1), { signal: controller.signal });
    const second = mailer.send(numbered(2));
    await server.held();
    controller.abort();
    expect(await rejectionOf(first)).toMatchObject({ name: 'AbortError', delivery: 'unknown' });
    expect((await second).accepted).toHaveLength(1);
  });

  it('ends at its deadline, in the queue as well as on a connection', async () => {
    await using server = await start({ on: { greeting: ['(hold)', '220 ok'] } });
    await using mailer = new Mailer(server.url);
    expect(await rejectionOf(mailer.send(MESSAGE, { deadlineMs: 5 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      delivery: 'not-sent',
    });
    server.release();
    expect((await mailer.send(MESSAGE)).accepted).toHaveLength(1);
  });

  it('leaves nothing in the signal of the mailer, nor in its own', async () => {
    await using server = await start({ on: { 'RCPT:<no@example.org>': '550 no' } });
    const [own, call] = [new AbortController().signal, new AbortController().signal];
    const dependants = new Set<unknown>();
    const any = jest.spyOn(AbortSignal, 'any').mockImplementation((...given) => {
      // Each result of AbortSignal.any() stays in its sources (Node 20).
      dependants.add(given);
      return own;
    });
    try {
      const mailer = new Mailer(server.url, { signal: own, maxConnections: 1 });
      await mailer.verify({ signal: call });
      await mailer.send(MESSAGE, { signal: call });
      await rejectionOf(mailer.send(MESSAGE, { signal: call, to: 'no@example.org' }));
      await rejectionOf(mailer.send(MESSAGE, { signal: call, to: 'no address' }));
      await rejectionOf(mailer.send(MESSAGE, { signal: AbortSignal.abort() }));
      expect([getEventListeners(own, 'abort').length, getEventListeners(call, 'abort').length]).toEqual([1, 0]);
      await mailer.close();
      expect(getEventListeners(own, 'abort')).toHaveLength(0);
      expect(dependants.size).toBe(0);
    } finally {
      any.mockRestore();
    }
  });

  it('ends with the signal of the mailer, and nothing is sent any more', async () => {
    await using server = await start({ on: { MAIL: ['(hold)', '250 ok'] } });
    const controller = new AbortController();
    const mailer = new Mailer(server.url, { signal: controller.signal, maxConnections: 1 });
    const sends = [mailer.send(numbered(1)), mailer.send(numbered(2))] as const;
    const rejections = Promise.all(sends.map(rejectionOf));
    await server.held();
    controller.abort();
    expect(await rejections).toMatchObject([{ name: 'AbortError' }, { name: 'AbortError' }]);
    expect(await rejectionOf(mailer.send(MESSAGE))).toMatchObject({ code: 'ERR_MAILER_CLOSED' });
    await mailer.close();
    const never = new Mailer(server.url, { signal: AbortSignal.abort() });
    expect(await rejectionOf(never.send(MESSAGE))).toMatchObject({ code: 'ERR_MAILER_CLOSED' });
  });
});

describe('close', () => {
  it('sends all that was taken in', async () => {
    await using server = await start();
    const mailer = new Mailer(server.url, { maxConnections: 2, maxQueue: 3 });
    const sends = Array.from({ length: 20 }, (_, index) => mailer.send(numbered(index)));
    await mailer.close();
    await Promise.all(sends);
    expect(queuedAt(server)).toHaveLength(20);
    expect(await rejectionOf(mailer.send(MESSAGE))).toMatchObject({ code: 'ERR_MAILER_CLOSED', delivery: 'not-sent' });
    expect(await rejectionOf(mailer.verify())).toMatchObject({ code: 'ERR_MAILER_CLOSED' });
    await mailer.close();
  });

  it('without draining rejects what was not begun, settles what was, and says QUIT', async () => {
    await using server = await start({ on: { final: ['(hold)', '250 ok'] } });
    const mailer = new Mailer(server.url, { maxConnections: 1, overlap: 'message' });
    const sends = [mailer.send(numbered(1)), mailer.send(numbered(2))] as const;
    const rejection = rejectionOf(sends[1]);
    await server.held();
    const closing = mailer.close({ drain: false });
    expect(await rejection).toMatchObject({ code: 'ERR_MAILER_CLOSED', delivery: 'not-sent' });
    server.release();
    expect((await sends[0]).accepted).toHaveLength(1);
    await closing;
    expect(queuedAt(server)).toHaveLength(1);
    expect(verbsOf(server).at(-1)).toBe('QUIT');
  });

  it('is what the end of a block does', async () => {
    await using server = await start();
    let sent: Promise<SendResult>;
    {
      await using mailer = new Mailer(server.url);
      sent = mailer.send(MESSAGE);
    }
    expect((await sent).accepted).toHaveLength(1);
  });

  it('refuses a drain that is none', async () => {
    expect(await rejectionOf(new Mailer('localhost').close({ drain: 'no' as unknown as boolean }))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });
});

describe('verify', () => {
  it('says hello and goodbye to every server, and gives the answer of the first', async () => {
    await using one = await start();
    await using two = await start({ hostname: 'two.example' });
    await using mailer = new Mailer(`failover:(${one.url},${two.url})`);
    const reply = await mailer.verify();
    expect([reply.code, reply.lines[0]]).toEqual([250, 'scripted.test']);
    expect([...verbsOf(one), ...verbsOf(two)]).toEqual(['EHLO', 'QUIT', 'EHLO', 'QUIT']);
  });

  it('gives the answer to HELO of a server that knows no EHLO', async () => {
    await using server = await start({ on: { EHLO: '502 5.5.1 what' } });
    await using mailer = new Mailer(server.url);
    expect((await mailer.verify()).code).toBe(250);
    expect([...verbsOf(server)]).toEqual(['EHLO', 'HELO', 'QUIT']);
  });

  it('rejects with what is wrong', async () => {
    await using server = await start({ extensions: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 no' } });
    await using mailer = new Mailer(server.url, { auth: { user: 'ann', password: 'x' }, tls: 'never' });
    expect(await rejectionOf(mailer.verify())).toMatchObject({ code: 'ERR_AUTHENTICATION' });
    expect(await rejectionOf(mailer.verify({ signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
  });
});

describe('sendAll', () => {
  it('sends a list, and says what became of each', async () => {
    await using server = await start({ on: { 'RCPT:<r3@example.org>': '550 5.1.1 no' } });
    await using mailer = new Mailer(server.url);
    const messages = Array.from({ length: 30 }, (_, index) => ({
      ...MESSAGE,
      to: [index === 5 ? 'nobody' : `r${String(index)}@example.org`],
    }));
    const outcomes = new Map<number, string>();
    for await (const outcome of mailer.sendAll(messages, { concurrency: 7 })) {
      expect(outcome.message).toBe(messages[outcome.index]);
      outcomes.set(outcome.index, outcome.ok ? 'sent' : outcome.error.code);
    }
    expect(outcomes.size).toBe(30);
    expect([outcomes.get(0), outcomes.get(3), outcomes.get(29)]).toEqual(['sent', 'ERR_RECIPIENTS_REFUSED', 'sent']);
  });

  it('sends nothing more when the loop is left, and settles what it began', async () => {
    await using server = await start({ on: { final: ['(hold)', '250 ok'], 'final:1': '250 ok' } });
    const mailer = new Mailer(server.url, { maxConnections: 1, overlap: 'message' });
    let read = 0;
    let returned = false;
    function* endless(): Generator<typeof MESSAGE> {
      try {
        for (;;) yield numbered((read += 1));
      } finally {
        returned = true;
      }
    }
    const loop = (async () => {
      for await (const outcome of mailer.sendAll(endless(), { concurrency: 3 })) {
        await server.held();
        // What is under way is held: it is let go when the loop has been left.
        setImmediate(() => {
          server.release();
        });
        return outcome.index;
      }
      return -1;
    })();
    expect([await loop, returned, read]).toEqual([0, true, 4]);
    await mailer.close();
    expect(queuedAt(server)).toHaveLength(2);
  });

  it('reads no more than 10,000 ahead by itself, however many connections there may be', async () => {
    const mailer = new Mailer('smtp://localhost', { maxConnections: Infinity, signal: AbortSignal.abort() });
    let read = 0;
    function* many(): Generator<typeof MESSAGE> {
      while (read < 20_000) yield numbered((read += 1));
    }
    for await (const { ok } of mailer.sendAll(many())) {
      // The one that is taken, and those ahead of it.
      expect([ok, read]).toEqual([false, 1 + 10_000]);
      break;
    }
    await mailer.close();
  });

  it.each([0, -1, 1.5, NaN])('refuses a concurrency of %p', (concurrency) => {
    expect(() => new Mailer('localhost').sendAll([], { concurrency })).toThrow(/concurrency/);
  });
});

describe('the rate', () => {
  it('is shared by all connections', async () => {
    await using server = await start();
    const options: MailerOptions = { maxConnections: 3, rate: { messages: 5, perMs: 100 } };
    await using mailer = new Mailer(server.url, options);
    const begun = performance.now();
    await Promise.all(Array.from({ length: 10 }, (_, index) => mailer.send(numbered(index))));
    // Five at once, and one each 20 ms: what counts is that it took no less.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
  });
});
