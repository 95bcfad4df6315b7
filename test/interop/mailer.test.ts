// What only a Mailer does: a pool over a server that is reloaded, killed and restarted, connections that the server ended while
// they were idle; and the reports that come back, read by posthaste/inspect.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isPosthasteError, Mailer, type MailerOptions, type SendTrace } from '../../src/index.js';
import { inspect } from '../../src/inspect/index.js';
import { byteDifference } from './byte-difference.js';
import { content } from './contents.js';
import { startCountingProxy } from './counting-proxy.js';
import { ALICE, BOB, CAROL, CLOSED, SENDER } from './mailboxes.js';
import { startExim } from './servers/exim.js';
import { startPostfix } from './servers/postfix.js';
import type { Arrival, Control, Endpoint, InteropServer } from './servers/server.js';
import { expectArrivals, urlOf } from './trial.js';
import { waitFor } from './wait-for.js';

const MESSAGES = 200;
const CONNECTIONS = 5;

interface Numbered {
  readonly bytes: Buffer;
  readonly to: string;
}

const numbered: readonly Numbered[] = Array.from({ length: MESSAGES }, (_, index) => ({
  bytes: content(`pool ${String(index)}`, `.${String(index)}\r\n`.repeat(1 + ((index * 37) % 600))),
  to: [ALICE, BOB, CAROL][index % 3] ?? ALICE,
}));

/**
 * How many times the server took each message; throws when anything else lies there. A server that was ended between a delivery
 * and its note of it delivers what it took once more, under the same name.
 */
function countsOf(arrivals: readonly Arrival[]): number[] {
  const taken = numbered.map(() => new Set<string>());
  for (const { bytes, recipient, queueId } of arrivals) {
    const index = Number(/^Subject: pool (\d+)\r$/m.exec(bytes.toString('latin1'))?.[1] ?? -1);
    const expected = numbered[index];
    if (expected === undefined) throw new Error(`Nobody sent this: ${bytes.toString('latin1')}`);
    expect(recipient).toBe(expected.to);
    expect(byteDifference(bytes, expected.bytes)).toBeUndefined();
    if (queueId === undefined) throw new Error('The server did not tell its name for the message.');
    taken[index]?.add(queueId);
  }
  return taken.map(({ size }) => size);
}

const mailers: Mailer[] = [];

function openMailer(url: string, options: MailerOptions): Mailer {
  const mailer = new Mailer(url, options);
  mailers.push(mailer);
  return mailer;
}

/** Sends all of them. `at` is called as each one settles, with how many have. Gives the ends by the number of the message. */
async function sendAllNumbered(mailer: Mailer, at: (settled: number) => void): Promise<string[]> {
  let settled = 0;
  return await Promise.all(
    numbered.map(async ({ bytes, to }) => {
      try {
        await mailer.send(bytes, { from: SENDER, to });
        return 'sent';
      } catch (error) {
        return isPosthasteError(error) ? error.delivery : String(error);
      } finally {
        settled += 1;
        at(settled);
      }
    }),
  );
}

describe.each([
  { name: 'Postfix', start: startPostfix, reporter: 'postfix.interop.test', status: '5.1.1', envelopeId: 'job+42=x y' },
  { name: 'Exim', start: startExim, reporter: 'exim.interop.test', status: '5.0.0', envelopeId: 'job+2B42+3Dx+20y' },
])('$name', ({ start, reporter, status, envelopeId }) => {
  let server: InteropServer;
  let control: Control;
  let impatient: Endpoint;

  beforeAll(async () => {
    server = await start();
    if (server.control === undefined || server.impatient === undefined) throw new Error('no control, or no such port');
    ({ control, impatient } = server);
  });
  beforeEach(async () => {
    await server.received();
  });
  afterEach(async () => {
    for (const mailer of mailers.splice(0)) await mailer.close({ drain: false });
  });
  afterAll(async () => {
    await server.stop();
  });

  it(`takes ${String(MESSAGES)} messages over ${String(CONNECTIONS)} connections, each once`, async () => {
    const proxy = await startCountingProxy(server.plain.address);
    const mailer = openMailer(urlOf({ ...server.plain, address: proxy.address }), {
      tls: 'never',
      maxConnections: CONNECTIONS,
    });
    try {
      const ends = await sendAllNumbered(mailer, () => undefined);
      await mailer.close();
      expect(new Set(ends)).toEqual(new Set(['sent']));
      expect(countsOf(await server.received())).toEqual(numbered.map(() => 1));
      expect(proxy.connections()).toBe(CONNECTIONS);
    } finally {
      await proxy.close();
    }
  });

  it('reloaded, its sessions killed, restarted: it took all that was sent, each once, and few others', async () => {
    const mailer = openMailer(urlOf(server.plain), {
      tls: 'never',
      timeoutMs: 10_000,
      maxConnections: CONNECTIONS,
      // As the messages last for a moment only, the rate lets the trouble find some of them.
      rate: '150/s',
      retry: { attempts: 40, backoffMs: () => 250 },
    });
    const trouble: Promise<unknown>[] = [];
    const ends = await sendAllNumbered(mailer, (settled) => {
      if (settled === 40) control.reload();
      if (settled === 80) {
        trouble.push(waitFor('sessions to kill', async () => (await control.endSessions()) > 0));
      }
      if (settled === 130) trouble.push(control.restart());
    });
    await Promise.all(trouble);
    await mailer.send(content('pool 0', 'never mind'), { from: SENDER, to: SENDER });
    await mailer.close();
    const arrivals = (await server.received()).filter(({ recipient }) => recipient !== SENDER);
    const counts = countsOf(arrivals);
    const wrong = ends.flatMap((end, index) => {
      const count = counts[index] ?? 0;
      const right = end === 'sent' ? count === 1 : end === 'unknown' && count <= 1;
      return right ? [] : [`${String(index)} ended as ${end} and lies there ${String(count)} times`];
    });
    expect(wrong).toEqual([]);
    // At most the one whose answer was awaited, and nothing behind it, on each connection, at each of two troubles.
    expect(ends.filter((end) => end === 'unknown').length).toBeLessThanOrEqual(2 * CONNECTIONS);
  });

  it.each(['the client sees it', 'the client finds out when it writes'])(
    'ends an idle connection, and %s: the next message is sent at its first attempt',
    async (way) => {
      const proxy = await startCountingProxy(impatient.address);
      const attempts: number[] = [];
      const onSend = (trace: unknown): void => {
        attempts.push((trace as SendTrace).attempts);
      };
      const timeouts = async (): Promise<number> => (await server.log()).split('timeout').length;
      subscribe('tracing:posthaste:send:asyncEnd', onSend);
      const mailer = openMailer(urlOf({ ...impatient, address: proxy.address }), {
        tls: 'never',
        maxConnections: 1,
        idleTimeoutMs: 60_000,
      });
      try {
        const before = await timeouts();
        const first = content('pool 0', 'first\r\n');
        await mailer.send(first, { from: SENDER, to: ALICE });
        if (way !== 'the client sees it') proxy.hold();
        await waitFor('the server to end the idle connection', async () => (await timeouts()) > before);
        await mailer.send(first, { from: SENDER, to: ALICE });
        await mailer.close();
        expect(attempts).toEqual([1, 1]);
        expect(proxy.connections()).toBe(2);
        expectArrivals(await server.received(), { recipients: [ALICE, ALICE], bytes: first });
      } finally {
        unsubscribe('tracing:posthaste:send:asyncEnd', onSend);
        await proxy.close();
      }
    },
  );

  it.each(['headers', 'full'] as const)(
    'reports what it could not deliver, with %s; inspect() reads it',
    async (ret) => {
      const message = content('to a closed mailbox', 'a body\r\n');
      const mailer = openMailer(urlOf(server.plain), { tls: 'never' });
      const result = await mailer.send(message, {
        from: SENDER,
        to: [CLOSED, ALICE],
        dsn: { ret, envid: 'job+42=x y', notify: ['failure'] },
        rcptOptions: (recipient) => (recipient === CLOSED ? { ORCPT: 'rfc822;first+1@example.org' } : {}),
      });
      await mailer.close();
      expect(result.accepted).toEqual([CLOSED, ALICE]);
      const arrivals: Arrival[] = [];
      const take = async (): Promise<boolean> => {
        arrivals.push(...(await server.received()));
        return arrivals.length >= 2;
      };
      await waitFor('the report and the message', take, () => server.log());
      expectArrivals(
        arrivals.filter(({ recipient }) => recipient === ALICE),
        { recipients: [ALICE], bytes: message },
      );
      const [report, ...others] = arrivals.filter(({ recipient }) => recipient !== ALICE);
      expect(others).toEqual([]);
      expect([report?.recipient, report?.envelopeFrom]).toEqual([SENDER, '']);
      const { deliveryStatus, warnings } = await inspect(report?.bytes ?? Buffer.alloc(0));
      expect(warnings).toEqual([]);
      expect(deliveryStatus).toMatchObject({
        reportingMta: { type: 'dns', value: reporter },
        originalEnvelopeId: envelopeId,
      });
      expect(deliveryStatus?.recipients).toHaveLength(1);
      expect(deliveryStatus?.recipients[0]).toMatchObject({
        action: 'failed',
        status,
        finalRecipient: { type: 'rfc822', address: CLOSED },
      });
      const returned = deliveryStatus?.returned;
      expect(returned?.headersOnly).toBe(ret === 'headers');
      expect(returned?.message.headers.get('Subject')).toBe('to a closed mailbox');
      expect(returned?.message.headers.get('Message-ID')).toBe('<a-message@interop.test>');
      const text = Buffer.from((await returned?.message.toBytes()) ?? []).toString();
      expect(text.endsWith('a body\r\n')).toBe(ret === 'full');
    },
  );
});
