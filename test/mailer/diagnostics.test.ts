/** What monitoring gets to see, and what it does not. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import {
  errorTrace,
  publishAnomaly,
  SendTracer,
  type AnomalyTrace,
  type ConnectTrace,
  type SendTrace,
} from '../../src/mailer/diagnostics.js';
import { Mailer } from '../../src/mailer/mailer.js';
import { SMTPTimeoutError } from '../../src/errors.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MESSAGE = {
  from: 'ann@example.org',
  to: ['bob@example.org', 'eve@example.org'],
  subject: 'top secret',
  text: 'Hello',
};

type Event<T> = [name: string, trace: T];

/** Listens to a tracing channel while `run` runs. */
async function heard<T extends object>(name: string, run: () => Promise<unknown>): Promise<Event<T>[]> {
  const events: Event<T>[] = [];
  const tracing = tracingChannel<unknown, T>(name);
  const subscribers = {
    start: (trace: T) => void events.push(['start', { ...trace }]),
    end: (trace: T) => void events.push(['end', { ...trace }]),
    asyncStart: (trace: T) => void events.push(['asyncStart', { ...trace }]),
    asyncEnd: (trace: T) => void events.push(['asyncEnd', { ...trace }]),
    error: (trace: T) => void events.push(['error', { ...trace }]),
  };
  tracing.subscribe(subscribers);
  try {
    await run();
  } finally {
    tracing.unsubscribe(subscribers);
  }
  return events;
}

async function server(on: Readonly<Record<string, string>> = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { on } });
}

describe('posthaste:send', () => {
  it('tells the end of the synchronous part before the end of the send, also of what fails within it', async () => {
    await using mailer = new Mailer('smtp://127.0.0.1:1');
    for (const options of [{ to: [] }, { signal: AbortSignal.abort() }]) {
      const events = await heard<SendTrace>('posthaste:send', async () => {
        await rejectionOf(mailer.send(MESSAGE, options));
      });
      expect(events.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    }
  });

  it('tells the begin and the end of a send, with counts and times, and no recipient or subject', async () => {
    await using mx = await server({ 'RCPT:2': '550 5.1.1 no such user' });
    await using mailer = new Mailer(mx.url);
    const events = await heard<SendTrace>('posthaste:send', async () => await mailer.send(MESSAGE));
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(events.at(-1)?.[1]).toMatchObject({
      server: { host: '127.0.0.1', port: mx.port },
      recipients: 2,
      accepted: 1,
      refused: 1,
      unknown: 0,
      attempts: 1,
      error: undefined,
      messageId: expect.stringMatching(/^<.*>$/) as string,
    });
    expect(events.at(-1)?.[1].timing?.total).toBeGreaterThan(0);
    expect(inspect(events, { depth: 10 })).not.toMatch(/bob@|eve@|ann@|top secret/);
  });

  it('tells an error without its text, which quotes addresses', async () => {
    await using mx = await server({ RCPT: '550 5.1.1 no such user' });
    await using mailer = new Mailer(mx.url);
    const events = await heard<SendTrace>('posthaste:send', async () => await rejectionOf(mailer.send(MESSAGE)));
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(events.at(-1)?.[1].error).toEqual({
      name: 'SMTPRecipientsRefused',
      code: 'ERR_RECIPIENTS_REFUSED',
      delivery: 'refused',
      retryable: false,
      stage: 'rcpt',
      replyCode: undefined,
    });
    expect(inspect(events, { depth: 10 })).not.toMatch(/bob@|eve@|ann@/);
  });

  it('tells of a message that cannot be read', async () => {
    await using mailer = new Mailer('localhost');
    const events = await heard<SendTrace>(
      'posthaste:send',
      async () => await rejectionOf(mailer.send({ ...MESSAGE, to: [] })),
    );
    expect(events.at(-1)?.[1]).toMatchObject({
      error: { code: 'ERR_MISSING_RECIPIENTS' },
      server: undefined,
      recipients: undefined,
    });
  });

  it('gives the envelope to who asks for it', async () => {
    await using mx = await server();
    await using mailer = new Mailer(mx.url, { diagnostics: { recipients: true } });
    const events = await heard<SendTrace>('posthaste:send', async () => await mailer.send(MESSAGE));
    expect(events.at(-1)?.[1].envelope).toEqual({ from: 'ann@example.org', to: MESSAGE.to });
  });

  it('runs the send in the store that was bound to its start', async () => {
    await using mx = await server();
    const store = new AsyncLocalStorage<SendTrace>();
    const { start } = tracingChannel<unknown, SendTrace>('posthaste:send');
    start.bindStore(store, (trace) => trace);
    let inside: SendTrace | undefined;
    try {
      await using mailer = new Mailer(mx.url);
      const message = {
        toBytes: async () => {
          inside = store.getStore();
          return await Promise.resolve(Buffer.from('From: a@example.org\r\nTo: b@example.org\r\n\r\n'));
        },
      };
      await mailer.send(message);
    } finally {
      start.unbindStore(store);
    }
    expect(inside).toMatchObject({ attempts: 1, accepted: 1 });
  });

  it('asks for nothing when nobody listens', () => {
    let asked = false;
    SendTracer.around((tracer) => {
      tracer.settled(() => {
        asked = true;
      });
    });
    // Other tests of this process may have left somebody who listens.
    expect(asked).toBe(tracingChannel('posthaste:send').hasSubscribers);
  });
});

describe('posthaste:connect', () => {
  it('tells each connection, and what became of it', async () => {
    await using mx = await server();
    const events = await heard<ConnectTrace>('posthaste:connect', async () => {
      await using mailer = new Mailer(mx.url);
      await mailer.send(MESSAGE);
    });
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(events.at(-1)?.[1]).toEqual({
      server: { host: '127.0.0.1', port: mx.port, path: undefined },
      tlsProtocol: undefined,
      error: undefined,
    });
  });

  it('tells why there is none, and no secret', async () => {
    await using mx = await ScriptedServer.start({
      behave: { extensions: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 no' } },
    });
    const events = await heard<ConnectTrace>('posthaste:connect', async () => {
      await using mailer = new Mailer(mx.url, { auth: { user: 'ann', password: 'zwiebel' }, tls: 'never' });
      await rejectionOf(mailer.send(MESSAGE));
    });
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(events.at(-1)?.[1].error).toMatchObject({ code: 'ERR_AUTHENTICATION', replyCode: 535, stage: 'auth' });
    expect(inspect(events, { depth: 10 })).not.toContain('zwiebel');
  });

  it('tells the version of TLS', async () => {
    await using mx = await ScriptedServer.start({ behave: {} }, { implicitTls: true });
    const events = await heard<ConnectTrace>('posthaste:connect', async () => {
      await using mailer = new Mailer(mx.url, { tls: { ca: mx.certificate, servername: 'localhost' } });
      await mailer.send(MESSAGE);
    });
    expect(events.at(-1)?.[1].tlsProtocol).toBe('TLSv1.3');
  });
});

describe('posthaste:anomaly', () => {
  it('tells what is done with a server from now on', () => {
    const heardOf: unknown[] = [];
    const listen = (trace: unknown): void => void heardOf.push(trace);
    const where = { host: 'mx.example', port: 25, path: undefined };
    const policy = { overlap: 'message', chunking: 'off' } as const;
    publishAnomaly(where, { kind: 'slow-final', message: 'nobody listens' }, policy);
    subscribe('posthaste:anomaly', listen);
    publishAnomaly(where, { kind: 'slow-final', message: 'quotes <bob@example.org>' }, policy);
    unsubscribe('posthaste:anomaly', listen);
    const expected: AnomalyTrace = { server: where, kind: 'slow-final', overlap: 'message', chunking: 'off' };
    expect(heardOf).toEqual([expected]);
  });
});

describe('the trace of an error', () => {
  it.each([
    [
      new SMTPTimeoutError('slow', { timeoutMs: 5, stage: 'mail', retryable: true }),
      { name: 'SMTPTimeoutError', code: 'ERR_TIMEOUT', delivery: 'not-sent', retryable: true, stage: 'mail' },
    ],
    [
      new RangeError('not ours'),
      { name: 'RangeError', code: 'ERR_UNKNOWN', delivery: undefined, retryable: false, stage: undefined },
    ],
    ['a text', { name: 'string', code: 'ERR_UNKNOWN' }],
  ])('of %s', (error, trace) => {
    expect(errorTrace(error)).toMatchObject(trace);
  });
});
