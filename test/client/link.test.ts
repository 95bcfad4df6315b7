import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Link } from '../../src/client/link.js';
import { resolveOptions, type SMTPOptions } from '../../src/client/options.js';
import { Trace } from '../../src/client/trace.js';
import {
  SMTPAbortedError,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
  type WireEvent,
} from '../../src/index.js';
import { deadlineIn } from '../../src/io/deadline.js';
import { Wire } from '../../src/io/wire.js';
import { encodeAuthAnswer, encodeCommand } from '../../src/protocol/command.js';
import { createTestCertificate } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

const NO_LIMITS = { signal: undefined, deadline: undefined };

interface Ends {
  readonly link: Link;
  /** What the server says. */
  readonly say: (text: string) => Promise<void>;
  readonly heard: () => string;
  readonly stream: Duplex;
  readonly events: WireEvent[];
}

function ends(timeoutMs: NonNullable<SMTPOptions['timeoutMs']> = 60_000): Ends {
  const fromServer = new PassThrough();
  const toServer = new PassThrough();
  const stream = Duplex.from({ readable: fromServer, writable: toServer });
  stream.on('error', () => undefined);
  const events: WireEvent[] = [];
  const trace = new Trace((event) => events.push(event));
  const link = new Link(new Wire(stream), resolveOptions({ timeoutMs }).timeoutsMs, trace);
  let heard = '';
  toServer.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  const say = async (text: string): Promise<void> => {
    fromServer.write(text);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { link, say, heard: () => heard, stream, events };
}

describe('Link', () => {
  it('writes a group at once and reads its replies in order, however they are cut', async () => {
    const { link, say, heard } = ends();
    link.send([encodeCommand('MAIL FROM:<a@x>'), encodeCommand('RCPT TO:<b@x>')], 'mail');
    for (const piece of ['2', '50-one\r', '\n250 two\r\n5', '50 no\r\n']) await say(piece);
    expect(await link.receive('mail', 2, NO_LIMITS)).toMatchObject({ code: 250, lines: ['one', 'two'] });
    expect(await link.receive('rcpt', 1, NO_LIMITS)).toMatchObject({ code: 550 });
    expect(heard()).toBe('MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n');
    link.destroy();
  });

  it.each([
    ['a reply too many', '250 a\r\n250 b\r\n'],
    ['the beginning of one', '250 a\r\n25'],
    ['garbage behind a reply', '250 a\r\nHTTP/1.1 200 OK\r\n'],
    ['garbage', 'hello\r\n'],
    ['two codes', '250-a\r\n550 b\r\n'],
    ['a line without end', `250 ${'x'.repeat(13_000)}`],
    ['lines without end', '250-x\r\n'.repeat(600)],
    ['a reply of more than 64 KiB', `250-${'x'.repeat(8_000)}\r\n`.repeat(10)],
  ])('gives no reply out of %s', async (_name, text) => {
    const { link, say } = ends();
    await say(text);
    const error = await rejectionOf(link.receive('command', 1, NO_LIMITS));
    expect(error).toBeInstanceOf(SMTPProtocolError);
    expect(error).toMatchObject({ stage: 'command', code: 'ERR_PROTOCOL', hint: expect.any(String) as string });
    expect(link.open).toBe(false);
  });

  it('shows control characters in a reply as escapes', async () => {
    const { link, say } = ends();
    await say('\u001b[31mred\r\n');
    const error = await rejectionOf(link.receive('greeting', 1, NO_LIMITS));
    // eslint-disable-next-line no-control-regex -- the escape character is what must not be there
    expect((error as Error).message).not.toMatch(/\u001b/);
  });

  it('tells a half reply from none, and gives an early one', async () => {
    const { link, say } = ends();
    expect([link.halfReply, link.early()]).toEqual([false, undefined]);
    await say('552 too');
    expect([link.halfReply, link.early()]).toEqual([true, undefined]);
    await say(' big\r\n');
    expect(link.halfReply).toBe(false);
    expect(link.early()).toMatchObject({ code: 552 });
    await say('junk\r\n');
    expect(thrownBy(() => link.early())).toBeInstanceOf(SMTPProtocolError);
  });

  it('ends a wait at the stage\u2019s time-out, at the deadline of the send, and at the signal', async () => {
    const first = ends({ mail: 20 });
    const slow = await rejectionOf(first.link.receive('mail', 1, NO_LIMITS));
    expect(slow).toBeInstanceOf(SMTPTimeoutError);
    expect(slow).toMatchObject({ stage: 'mail', timeoutMs: 20, retryable: true });
    expect(first.link.open).toBe(false);
    const second = ends();
    const late = await rejectionOf(second.link.receive('mail', 1, { signal: undefined, deadline: deadlineIn(20) }));
    expect(late).toMatchObject({ name: 'SMTPTimeoutError', timeoutMs: 20 });
    const third = ends();
    const abort = new AbortController();
    const waiting = rejectionOf(third.link.receive('mail', 1, { signal: abort.signal, deadline: undefined }));
    const reason = new Error('enough');
    abort.abort(reason);
    const aborted = await waiting;
    expect(aborted).toBeInstanceOf(SMTPAbortedError);
    expect(aborted).toMatchObject({ cause: reason });
    expect(third.link.open).toBe(false);
  });

  it('says which setting ends a wait earlier or later, and that a silent server may expect TLS', async () => {
    const hints = async (stage: 'greeting' | 'mail', own?: string): Promise<string | undefined> => {
      const { link } = ends({ [stage]: 5 });
      const waiting =
        own === undefined ? link.receive(stage, 1, NO_LIMITS) : link.change(deadlineIn(5), stage, NO_LIMITS, own);
      const error = await rejectionOf(waiting);
      return error instanceof SMTPTimeoutError ? error.hint : String(error);
    };
    const setting = 'timeoutMs: { mail: ... } sets how long to wait.';
    expect(await hints('mail')).toBe(`The server is slow or gone; ${setting}`);
    expect(await hints('mail', 'reading')).toBe(`It is not the server that is slow; ${setting}`);
    expect(await hints('greeting')).toMatch(
      /^The server is slow or gone; timeoutMs: \{ greeting: .* port 465, .* SMTP_SSL /,
    );
  });

  it('counts what is in hand by what was not given away', async () => {
    const { link, say } = ends();
    await say('250 a\r\n250 b\r\n250 c\r\n');
    for (const [text, owed] of [
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ] as const) {
      expect([link.take('rcpt', owed)?.text, link.hasReply, link.hasUnread]).toEqual([
        text,
        text !== 'c',
        text !== 'c',
      ]);
    }
    expect(link.take('rcpt', 1)).toBeUndefined();
    await say('250 d\r\n250 e\r\n');
    expect(link.hasUnread).toBe(true);
    expect(link.take('rcpt', 2)?.text).toBe('d');
    expect(thrownBy(() => link.take('rcpt', 0))).toBeInstanceOf(SMTPProtocolError);
  });

  it('gives as many replies at once as are in hand, and no more than are asked for', async () => {
    const { link, say, events } = ends();
    const taken = (owed: number, most: number): readonly string[] =>
      link.takeAll('rcpt', owed, most).map(({ text }) => text);
    expect(taken(2, 2)).toEqual([]);
    await say('250 a\r\n250 b\r\n250 c\r\n250 d\r\n250');
    expect(taken(9, 1)).toEqual(['a']);
    expect(taken(8, 2)).toEqual(['b', 'c']);
    expect(taken(6, 6)).toEqual(['d']);
    expect(taken(5, 5)).toEqual([]);
    await say(' e\r\n250 f\r\n');
    await say('250 g\r\n');
    expect([taken(5, 5), link.hasUnread]).toEqual([['e', 'f', 'g'], false]);
    expect(events.map(({ stage, text }) => `${stage} ${text}`)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((text) => `rcpt 250 ${text}`),
    );
  });

  it('gives none of several replies when they are more than are owed, and those in front of a violation', async () => {
    const surplus = ends();
    await surplus.say('250 a\r\n250 b\r\n250 c\r\n');
    expect(thrownBy(() => surplus.link.takeAll('rcpt', 2, 2))).toBeInstanceOf(SMTPProtocolError);
    expect(surplus.link.open).toBe(false);
    const { link, say } = ends();
    await say('250 a\r\n250 b\r\nrubbish\r\n');
    expect(link.takeAll('rcpt', 3, 3)).toHaveLength(2);
    expect(thrownBy(() => link.takeAll('rcpt', 1, 1))).toBeInstanceOf(SMTPProtocolError);
  });

  it('takes the beginning of a reply that is owed for no surplus', async () => {
    const { link, say } = ends();
    await say('250 a\r\n25');
    expect(link.take('rcpt', 2)?.text).toBe('a');
    await say('0 b\r\n');
    expect(link.take('rcpt', 1)?.text).toBe('b');
    link.destroy();
  });

  it('places in the content what comes before its end', async () => {
    const { link, say, events } = ends();
    await say('552 too big\r\njunk\r\n');
    expect(link.early()?.code).toBe(552);
    expect(events.map(({ stage }) => stage)).toEqual(['body']);
    expect(thrownBy(() => link.early())).toMatchObject({ code: 'ERR_PROTOCOL', stage: 'body', retryable: true });
  });

  it.each([
    ['a reply', '250 what\r\n', 'a reply that no command is owed: 250 what'],
    ['the beginning of one', '25', 'the beginning of a reply that no command is owed'],
    ['what is none', 'what\r\n', 'a line that is no SMTP reply'],
  ])('refuses in front of a command %s that nobody asked for', async (_what, text, reason) => {
    const { link, say } = ends();
    link.refuseUnasked('mail');
    await say(text);
    const error = thrownBy(() => {
      link.refuseUnasked('mail');
    });
    expect(error).toBeInstanceOf(SMTPProtocolError);
    expect(error).toMatchObject({ stage: 'mail', message: expect.stringContaining(reason) as string });
    expect(link.open).toBe(false);
  });

  it('passes on a 421 that nobody asked for as the end of the session', async () => {
    const { link, say } = ends();
    await say('421 4.4.2 idle for too long\r\n');
    const error = thrownBy(() => {
      link.refuseUnasked('mail');
    });
    expect(error).not.toBeInstanceOf(SMTPProtocolError);
    expect(error).toMatchObject({
      name: 'SMTPServerDisconnected',
      retryable: true,
      message: expect.stringContaining('421 4.4.2 idle for too long') as string,
    });
    expect(link.open).toBe(false);
  });

  it('ends a wait at the attention of somebody else, without an error, only when that comes first', async () => {
    const first = ends();
    await first.link.wait(deadlineIn(60_000), NO_LIMITS, deadlineIn(5));
    expect(first.link.open).toBe(true);
    for (const attention of [deadlineIn(60_000), undefined]) {
      const { link } = ends();
      const error = await rejectionOf(link.wait(deadlineIn(5), NO_LIMITS, attention));
      expect(link.waitEnded(error, 'final')).toMatchObject({ code: 'ERR_TIMEOUT', timeoutMs: 5 });
      expect(link.open).toBe(false);
    }
  });

  it('ends a wait when somebody has reason to', async () => {
    const { link } = ends();
    const waiting = link.wait(deadlineIn(60_000), NO_LIMITS, undefined);
    link.wake();
    await waiting;
    const other = new Error('not of the wait');
    expect(link.waitEnded(other, 'final')).toBe(other);
  });

  it('does not let a drip of octets move the deadline', async () => {
    const { link, say } = ends({ command: 60 });
    const reading = rejectionOf(link.receive('command', 1, NO_LIMITS));
    const watch = { settled: false };
    void reading.then(() => (watch.settled = true));
    await say('250-');
    for (let drops = 0; !watch.settled && drops < 100_000; drops += 1) await say('x');
    expect(await reading).toBeInstanceOf(SMTPTimeoutError);
  });

  it('says who closed, and why', async () => {
    const gone = ends();
    gone.stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    await new Promise((resolve) => setImmediate(resolve));
    const error = await rejectionOf(gone.link.receive('rcpt', 1, NO_LIMITS));
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ stage: 'rcpt', retryable: true });
    expect((error as Error).message).toContain('ECONNRESET');
    const ours = ends();
    const reading = rejectionOf(ours.link.receive('rcpt', 1, NO_LIMITS));
    ours.link.destroy();
    expect(((await reading) as Error).message).toContain('closed by this client');
  });

  it('takes a connection that ended for a failed handshake where TLS is due', async () => {
    const { link } = ends();
    link.destroy();
    const error = await rejectionOf(link.encrypt({ servername: 'x.test' }, NO_LIMITS));
    expect(error).toBeInstanceOf(SMTPTlsError);
    expect(error).toMatchObject({ stage: 'tls', retryable: true });
  });

  it('forgets with TLS what it has read of a reply in clear text', async () => {
    const certificate = createTestCertificate({ names: ['localhost'] });
    const server = createServer((socket) => {
      socket.write('220 hi\r\n25');
      new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert }).end('250 behind\r\n');
    }).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const stream = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(stream, 'connect');
    const events: WireEvent[] = [];
    const link = new Link(new Wire(stream), resolveOptions({}).timeoutsMs, new Trace((event) => events.push(event)));
    for (let turn = 0; !link.halfReply && turn < 10_000; turn += 1) {
      link.early();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(link.halfReply).toBe(true);
    await link.encrypt({ servername: 'localhost', ca: certificate.cert }, NO_LIMITS);
    expect(await link.receive('command', 1, NO_LIMITS)).toMatchObject({ code: 250, text: 'behind' });
    expect(events).toContainEqual(
      expect.objectContaining({ stage: 'tls', text: expect.stringMatching(/^encrypted with TLSv1\.[23]$/) as string }),
    );
    link.destroy();
    server.close();
  });

  it('traces commands and replies, and no secret', async () => {
    const { link, say, events } = ends();
    link.send([encodeCommand('AUTH PLAIN AHVzZXIAaHVudGVyMg==', { secret: true })], 'auth');
    link.send([encodeAuthAnswer('aHVudGVyMg==')], 'auth');
    await say('235-a\r\n235 b\r\n');
    await link.receive('auth', 2, NO_LIMITS);
    expect(events.map(({ direction, text }) => [direction, text])).toEqual([
      ['sent', 'AUTH PLAIN (secret)'],
      ['sent', '(secret)'],
      ['received', '235-a'],
      ['received', '235 b'],
    ]);
    link.destroy();
  });
});
