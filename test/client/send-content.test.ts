import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LMTP,
  MessageError,
  messageFromFile,
  SMTP,
  SMTPAbortedError,
  SMTPDataError,
  SMTPException,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  type Bytes,
  type CallOptions,
  type SMTPOptions,
} from '../../src/index.js';
import { ScriptedServer, type Answer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { MemoryServer, type MemoryServerOptions } from './memory-server.js';

const MESSAGE = 'Subject: held\r\n\r\n.one\r\ntwo\r\n';

async function start(on: Readonly<Record<string, Answer>>, more: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { ...more, on } });
}

async function send(
  server: ScriptedServer,
  message: Bytes,
  options: CallOptions = {},
  clientOptions: SMTPOptions = {},
): Promise<unknown> {
  const smtp = await SMTP.connect({ host: server.host, port: server.port, ...clientOptions });
  try {
    return await smtp.sendmail('a@x.test', 'b@x.test', message, options).catch((error: unknown) => error);
  } finally {
    smtp.close();
  }
}

/** Some octets, and then nothing until `release`. */
function held(first = MESSAGE): {
  source: () => AsyncGenerator<Uint8Array>;
  release: () => void;
  returned: () => boolean;
} {
  let release: () => void = () => undefined;
  let returned = false;
  const gate = new Promise<void>((resolve) => (release = resolve));
  return {
    async *source() {
      try {
        yield Buffer.from(first);
        await gate;
        yield Buffer.from('end\r\n');
      } finally {
        returned = true;
      }
    },
    release,
    returned: () => returned,
  };
}

const NOT_SENT = { delivery: 'not-sent', recipients: [{ address: 'b@x.test', status: 'not-sent' }] } as const;

/** Many more octets than both socket buffers hold. */
const HUGE = Buffer.from(`Subject: huge\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(200_000));

describe('content', () => {
  it('goes out framed, from memory and from a source alike', async () => {
    const chunks = ['Subj', 'ect: x\r', '\n\r\n.', 'a\r\n', '', '..b\r\nend'];
    async function* source(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
    }
    for (const message of [chunks.join(''), Buffer.from(chunks.join('')), source, source()]) {
      await using server = await start({});
      expect(await send(server, message)).toMatchObject({ accepted: ['b@x.test'], sizeBytes: 28 });
      expect(server.messages[0]?.content.toString()).toBe('Subject: x\r\n\r\n.a\r\n..b\r\nend\r\n');
      expect(server.violations).toEqual([]);
    }
  });

  it('larger than both socket buffers arrives whole', async () => {
    await using server = await start({}, { extensions: ['PIPELINING'] });
    expect(await send(server, HUGE)).toMatchObject({ accepted: ['b@x.test'] });
    expect(server.messages[0]?.content.equals(HUGE)).toBe(true);
  });

  it('of a file arrives whole, though few pieces of memory carry all of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'posthaste-content-'));
    await using server = await start({});
    try {
      const lines = Array.from({ length: 90_000 }, (_, index) =>
        index % 7 === 0 ? `.${String(index)}` : `line ${String(index)}, and some more text to fill it`,
      );
      const body = (lineEnd: string): string => ['Subject: large', '', ...lines, ''].join(lineEnd);
      const path = join(folder, 'large.eml');
      for (const lineEnd of ['\r\n', '\n']) {
        writeFileSync(path, body(lineEnd));
        const smtp = await SMTP.connect({ host: server.host, port: server.port });
        await smtp.sendMessage(await messageFromFile(path), { from: 'a@x.test', to: 'b@x.test' });
        smtp.close();
      }
      expect(server.messages.map(({ content }) => content.equals(Buffer.from(body('\r\n'))))).toEqual([true, true]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that was read once is not sent a second time', async () => {
    await using server = await start({});
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(MESSAGE));
    }
    const once = source();
    expect(await send(server, once)).toMatchObject({ accepted: ['b@x.test'] });
    expect(await send(server, once)).toMatchObject({ name: 'MessageError', code: 'ERR_MESSAGE_CONSUMED' });
    // Not even MAIL is said for it.
    expect(server.messages.map(({ outcome }) => outcome)).toEqual(['queued']);
  });
});

describe('a reply before the end of the content', () => {
  it.each([
    ['552 5.3.4 too large', SMTPDataError, { stage: 'body', retryable: false, delivery: 'refused' }],
    ['452 4.3.1 no room', SMTPDataError, { stage: 'body', retryable: true, delivery: 'refused' }],
    ['421 4.3.2 going down', SMTPDataError, { stage: 'body', retryable: true, delivery: 'refused' }],
    ['250 2.0.0 queued', SMTPProtocolError, { delivery: 'not-sent' }],
    ['garbage', SMTPProtocolError, { delivery: 'not-sent' }],
    ['250-a\n550 b', SMTPProtocolError, { delivery: 'not-sent' }],
    ['(close)', SMTPServerDisconnected, { delivery: 'not-sent', retryable: true }],
    ['(reset)', SMTPServerDisconnected, { delivery: 'not-sent', retryable: true }],
  ] as const)('%s ends the send without a dot', async (reply, expected, told) => {
    await using server = await start({ 'content:10': reply });
    const { source, returned } = held();
    const error = await send(server, source);
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject(told);
    expect(returned()).toBe(false);
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(server.messages[0]?.outcome).not.toBe('queued');
    expect(server.messages[0]?.raw.toString()).not.toContain('\r\n.\r\n');
  });

  it.each(['552 5.3.4 too large', '(close)', '(reset)', 'garbage', '250 2.0.0 queued'])(
    '%s in the middle of a body larger than the socket buffers is not a success',
    async (reply) => {
      await using server = await start({ 'content:1000': [reply, '(pause)'] });
      const error = (await send(server, HUGE)) as SMTPException;
      expect(error).toBeInstanceOf(SMTPException);
      expect(error.delivery).toBe(reply.startsWith('552') ? 'refused' : 'not-sent');
      expect(server.messages[0]?.outcome).not.toBe('queued');
    },
  );

  it('that came along with the 354 is not taken for the answer to the content', async () => {
    await using server = await start({ DATA: ['(cork)', '354 go on', '(surplus 250 2.0.0 queued)', '(uncork)'] });
    const error = await send(server, MESSAGE);
    expect(error).toBeInstanceOf(SMTPProtocolError);
    expect(error).toMatchObject(NOT_SENT);
    expect(server.messages.filter(({ outcome }) => outcome === 'queued')).toEqual([]);
  });

  it('of which one half has come is waited for: it is no answer to what was not sent', async () => {
    await using server = await start({
      'content:10': ['"552-5.3.4 to"', '(flush)', '(hold rest)', '"o large\\r\\n552 5.3.4 sorry\\r\\n"'],
    });
    const smtp = await SMTP.connect(server.url);
    const { source, release } = held();
    const sending = smtp.sendmail('a@x.test', 'b@x.test', source).catch((error: unknown) => error);
    await server.held('rest');
    release();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    server.release('rest');
    expect(await sending).toMatchObject({ name: 'SMTPDataError', delivery: 'refused', stage: 'body' });
    smtp.close();
  });
});

describe('a source', () => {
  it('that throws ends the send as not-sent, with its error as the cause', async () => {
    await using server = await start({});
    const own = new Error('disk gone');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(MESSAGE));
      throw own;
    }
    const error = await send(server, source);
    expect(error).toMatchObject({ code: 'ERR_CONTENT_SOURCE', stage: 'body', cause: own, ...NOT_SENT });
    expect((error as Error).message).toContain('disk gone');
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(server.messages[0]?.outcome).toBe('incomplete');
  });

  it('that throws when it is called does the same', async () => {
    await using server = await start({});
    const error = await send(server, () => {
      throw new Error('no such file');
    });
    expect(error).toMatchObject({ code: 'ERR_CONTENT_SOURCE', ...NOT_SENT });
  });

  it('that gives nothing, or what is no octets, is refused', async () => {
    async function* nothing(): AsyncGenerator<Uint8Array> {
      yield* await Promise.resolve([]);
    }
    async function* text(): AsyncGenerator<Uint8Array> {
      yield (await Promise.resolve('text')) as unknown as Uint8Array;
    }
    await using server = await start({});
    expect(await send(server, nothing)).toMatchObject({ code: 'ERR_MESSAGE_EMPTY', ...NOT_SENT });
    expect(await send(server, text)).toMatchObject({ code: 'ERR_INVALID_MESSAGE', ...NOT_SENT });
    expect(server.messages.filter(({ outcome }) => outcome === 'queued')).toEqual([]);
  });

  it('that never ends is stopped by the time-out of the body, and is told to return', async () => {
    await using server = await start({});
    const { source, release, returned } = held();
    const error = await send(server, source, {}, { timeoutMs: { body: 40 } });
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'body', timeoutMs: 40, ...NOT_SENT });
    expect((error as SMTPException).hint).toContain('not the server');
    release();
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(returned()).toBe(true);
  });

  it('with 8-bit octets is stopped where 8BITMIME is not offered', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(MESSAGE));
      yield Buffer.from('h\u00e9llo\r\n');
    }
    await using strict = await start({}, { extensions: ['PIPELINING'] });
    expect(await send(strict, source)).toMatchObject({ code: 'ERR_EIGHT_BIT_CONTENT', ...NOT_SENT });
    await using able = await start({}, { extensions: ['8BITMIME'] });
    expect(await send(able, source)).toMatchObject({ accepted: ['b@x.test'] });
    expect(able.messages[0]?.parameters).toContain('BODY=8BITMIME');
    expect(await send(able, source, { mailOptions: ['BODY=7BIT'] })).toMatchObject({ code: 'ERR_EIGHT_BIT_CONTENT' });
  });

  it('with NUL or a line that is too long is stopped before the dot', async () => {
    await using server = await start({});
    for (const bad of ['a\0b\r\n', `${'x'.repeat(999)}\r\n`]) {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(Buffer.from(MESSAGE));
        yield Buffer.from(bad);
      }
      expect(await send(server, source)).toMatchObject(NOT_SENT);
      expect(await send(server, `Subject: x\r\n\r\n${bad}`)).toBeInstanceOf(MessageError);
    }
    expect(server.messages.every(({ outcome }) => outcome === 'incomplete')).toBe(true);
  });
});

describe('beforeContent', () => {
  it('is awaited behind 354 and before the first octet, and is told who was accepted', async () => {
    await using server = await start({ 'RCPT:1': '550 5.1.1 no' });
    await using smtp = await SMTP.connect(server.url);
    const seen: unknown[] = [];
    const result = await smtp.sendmail('a@x.test', ['b@x.test', 'c@x.test', 'C@X.test'], MESSAGE, {
      beforeContent: async ({ envelope, recipients }) => {
        await server.waitFor(() => server.log.includes('354'));
        seen.push(
          envelope,
          recipients.map(({ index, address, status, reply }) => [index, address, status, reply?.code]),
        );
        seen.push(server.messages[0]?.raw.length ?? 0);
      },
    });
    expect(result.accepted).toEqual(['c@x.test', 'C@X.test']);
    expect(seen).toEqual([
      { from: 'a@x.test', to: ['b@x.test', 'c@x.test', 'C@X.test'] },
      [
        [0, 'b@x.test', 'refused', 550],
        [1, 'c@x.test', 'not-sent', 250],
        [2, 'C@X.test', 'not-sent', 250],
      ],
      0,
    ]);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no ink'))],
    [
      'throws at once',
      (): Promise<void> => {
        throw new Error('no ink');
      },
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- callers do
    ['rejects with what is no error', () => Promise.reject('no ink')],
  ])('that %s means not-sent', async (_name, beforeContent) => {
    await using server = await start({});
    const error = await send(server, MESSAGE, { beforeContent });
    expect(error).toBeInstanceOf(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_BEFORE_CONTENT', ...NOT_SENT });
    expect((error as Error).message).toContain('no ink');
    await server.waitFor(() => server.connections[0]?.ending !== 'open');
    expect(server.messages[0]?.raw.length).toBe(0);
  });

  it('that is no promise counts as done', async () => {
    await using server = await start({});
    const result = await send(server, MESSAGE, { beforeContent: (() => undefined) as unknown as () => Promise<void> });
    expect(result).toMatchObject({ accepted: ['b@x.test'] });
  });

  it('that never ends is stopped by time-out, deadline, signal, and by the server', async () => {
    const never = (): Promise<void> => new Promise<void>(() => undefined);
    await using server = await start({});
    expect(await send(server, MESSAGE, { beforeContent: never }, { timeoutMs: { body: 30 } })).toMatchObject({
      name: 'SMTPTimeoutError',
      ...NOT_SENT,
    });
    expect(await send(server, MESSAGE, { beforeContent: never, deadlineMs: 100 })).toMatchObject({
      name: 'SMTPTimeoutError',
      ...NOT_SENT,
    });
    const abort = new AbortController();
    const stop = (): Promise<void> => {
      abort.abort(new Error('enough'));
      return never();
    };
    expect(await send(server, MESSAGE, { beforeContent: stop, signal: abort.signal })).toMatchObject({
      name: 'AbortError',
      ...NOT_SENT,
    });
    await using impatient = await start({ DATA: ['354 go on', '(wait 5ms)', '(close)'] });
    expect(await send(impatient, MESSAGE, { beforeContent: never })).toMatchObject({
      name: 'SMTPServerDisconnected',
      ...NOT_SENT,
    });
  });

  it('is not called when nobody was accepted', async () => {
    await using server = await start({ RCPT: '550 5.1.1 no' });
    let called = false;
    const beforeContent = (): Promise<void> => {
      called = true;
      return Promise.resolve();
    };
    expect(await send(server, MESSAGE, { beforeContent })).toMatchObject({ name: 'SMTPRecipientsRefused' });
    expect(called).toBe(false);
  });
});

describe('abort and deadline', () => {
  const stages = {
    EHLO: { on: { 'EHLO:2': '(hold here)' }, delivery: 'not-sent' },
    MAIL: { on: { MAIL: '(hold here)' }, delivery: 'not-sent' },
    RCPT: { on: { RCPT: '(hold here)' }, delivery: 'not-sent' },
    DATA: { on: { DATA: '(hold here)' }, delivery: 'not-sent' },
    final: { on: { final: '(hold here)' }, delivery: 'unknown' },
  } as const;

  it.each(Object.entries(stages).filter(([name]) => name !== 'EHLO'))('at %s', async (name, { on, delivery }) => {
    for (const pipelining of [true, false]) {
      await using server = await start(on);
      const abort = new AbortController();
      const smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
      const sending = rejectionOf(smtp.sendmail('a@x.test', 'b@x.test', MESSAGE, { signal: abort.signal }));
      await server.held('here');
      const reason = new Error(`enough of ${name}`);
      abort.abort(reason);
      const error = await sending;
      expect(error).toBeInstanceOf(SMTPAbortedError);
      expect(error).toMatchObject({ delivery, cause: reason, name: 'AbortError', retryable: false });
      expect((error as SMTPException).recipients.map(({ status }) => status)).toEqual([
        delivery === 'unknown' ? 'unknown' : 'not-sent',
      ]);
      expect(smtp.connected).toBe(false);
      const late = await send(server, MESSAGE, { deadlineMs: 60 });
      expect(late).toBeInstanceOf(SMTPTimeoutError);
      expect(late).toMatchObject({ delivery });
    }
  });

  it('a body that the server does not read ends at the time-out of its block', async () => {
    await using server = await start({ DATA: ['(pause)', '354 go on'] });
    const error = await send(server, HUGE, {}, { timeoutMs: { body: 60 } });
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'body', ...NOT_SENT });
  });

  it('a final reply that comes in drips does not move its deadline', async () => {
    await using server = await start({ final: ['(chunk 1 every 15ms)', '250 2.0.0 queued as 12345678901234567890'] });
    const error = await send(server, MESSAGE, {}, { timeoutMs: { final: 80 } });
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'final', delivery: 'unknown', retryable: false });
  });
});

describe('for every octet', () => {
  const SHORT = 'Subject: k\r\n\r\n.x\r\n';

  interface Run {
    readonly server: MemoryServer;
    readonly outcome: unknown;
  }

  async function run(options: MemoryServerOptions, streamed: boolean, lmtp: boolean): Promise<Run> {
    const server = new MemoryServer({ ...options, lmtp });
    const client = new (lmtp ? LMTP : SMTP)({
      host: 'memory.test',
      localHostname: 'c.test',
      connector: () => Promise.resolve(server),
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      for (const octet of Buffer.from(SHORT)) yield await Promise.resolve(Buffer.of(octet));
    }
    try {
      await client.connect();
      const recipients = ['b@x.test', 'c@x.test'];
      return { server, outcome: await client.sendmail('a@x.test', recipients, streamed ? source : SHORT) };
    } catch (outcome) {
      return { server, outcome };
    } finally {
      client.close();
    }
  }

  const PIPELINED = ['PIPELINING'];
  const SERIAL = ['X-SERIAL'];
  const variants = [
    { extensions: PIPELINED, streamed: false, drop: 'close', lmtp: false },
    { extensions: SERIAL, streamed: false, drop: 'reset', lmtp: false },
    { extensions: PIPELINED, streamed: true, drop: 'reset', lmtp: true },
    { extensions: SERIAL, streamed: true, drop: 'close', lmtp: false },
    { extensions: PIPELINED, streamed: false, drop: 'close', lmtp: true },
  ] as const;

  it.each(variants)('handed over before the drop: %j', async ({ extensions, streamed, drop, lmtp }) => {
    const whole = await run({ extensions }, streamed, lmtp);
    expect(whole.outcome).toMatchObject({ accepted: ['b@x.test', 'c@x.test'] });
    const total = whole.server.handed.length;
    const seen = new Set<string>();
    for (let dropAfterOctets = 0; dropAfterOctets < total; dropAfterOctets += 1) {
      const { server, outcome } = await run({ extensions, drop, dropAfterOctets }, streamed, lmtp);
      if (!(outcome instanceof SMTPServerDisconnected))
        throw new Error(`no disconnection at ${String(dropAfterOctets)}`);
      const expected = server.endHanded ? 'unknown' : 'not-sent';
      expect([dropAfterOctets, outcome.delivery, outcome.retryable]).toEqual([
        dropAfterOctets,
        expected,
        expected === 'not-sent',
      ]);
      expect(outcome.recipients.every(({ status }) => status === expected)).toBe(true);
      if (expected === 'not-sent') expect(server.messages).toEqual([]);
      seen.add(expected);
    }
    expect([...seen].sort()).toEqual(['not-sent', 'unknown']);
  });

  it.each(variants.filter(({ streamed }) => !streamed))('of the replies before the drop: %j', async (variant) => {
    const { extensions, drop, lmtp } = variant;
    const finals = Buffer.byteLength('250 2.0.0 queued as MEM1\r\n') * (lmtp ? 2 : 1);
    let successes = 0;
    for (let dropAfterReplyOctets = 0, settled = 0; settled < 3; dropAfterReplyOctets += 1) {
      const { server, outcome } = await run({ extensions, drop, dropAfterReplyOctets }, false, lmtp);
      if (outcome instanceof SMTPServerDisconnected) {
        expect(outcome.delivery).toBe(server.endHanded ? 'unknown' : 'not-sent');
      } else {
        const { recipients } = outcome as { recipients: readonly { status: string }[] };
        expect(server.messages).toHaveLength(1);
        if (lmtp && settled === 0 && recipients.some(({ status }) => status === 'unknown')) {
          // RFC 2033: the first was decided, and only the first.
          expect(recipients.map(({ status }) => status)).toEqual(['accepted', 'unknown']);
          successes += 1;
        } else {
          expect(recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
          settled += 1;
        }
      }
      if (dropAfterReplyOctets > 1000) throw new Error('no success at all');
    }
    expect(successes).toBe(lmtp ? finals / 2 : 0);
  });
});
