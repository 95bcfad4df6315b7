/** examples/web-app, its server and its store as they are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
import { ExampleProgram } from './example-program.js';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'posthaste-example-'));
});
afterEach(() => {
  rmSync(store, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: unknown;
}

/** The application on a free port. */
class WebApp extends ExampleProgram {
  constructor(server: ScriptedServer) {
    super('web-app/server.ts', [], { SMTP_URL: server.url, OUTBOX: store, PORT: '0' });
  }

  async order(order: object): Promise<Answer> {
    return await this.#ask('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
  }

  async mail(id: string): Promise<Answer> {
    return await this.#ask(`/mails/${id}`);
  }

  async #ask(path: string, request: RequestInit = {}): Promise<Answer> {
    const [, origin = ''] = await this.line(/listening at (http:[^"]+)"/);
    const response = await fetch(origin + path, request);
    return { status: response.status, location: response.headers.get('location'), body: await response.json() };
  }
}

const order = { number: '1843', email: 'ann@example.org', total: '12.00 EUR' };

/** The id of the mail of an accepted order. */
async function ordered(app: WebApp, words: object = order): Promise<string> {
  const { status, body, location } = await app.order(words);
  const { mail } = body as { mail: string };
  expect([status, location]).toEqual([202, `/mails/${mail}`]);
  return mail;
}

describe('the web application', () => {
  it('answers before the mail server has said a word, and the mail arrives', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { greeting: ['(hold greeting)', '220 mx.example.org'], final: '250 2.0.0 queued as 4F2' } },
    });
    await using app = new WebApp(server);
    const mail = await ordered(app);
    await server.held('greeting');
    expect((await app.mail(mail)).body).toMatchObject({ state: 'sending' });
    server.release('greeting');
    await app.line(new RegExp(`"mail":"${mail}".*"msg":"sent"`));
    expect(await app.mail(mail)).toMatchObject({
      status: 200,
      body: {
        state: 'sent',
        attempts: 1,
        recipients: [{ address: order.email, status: 'accepted' }],
        nextAttempt: null,
      },
    });
    expect(server.messages.map(({ envelope }) => envelope)).toEqual([{ from: 'shop@example.org', to: [order.email] }]);
    expect(server.messages[0]?.content.toString()).toContain('order 1843.\r\nThe total is 12.00 EUR.\r\n');
  });

  it('sends one mail for an order that comes twice, and refuses another order of the same number', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using app = new WebApp(server);
    const mail = await ordered(app);
    expect(await ordered(app)).toBe(mail);
    expect(await app.order({ ...order, total: '99.00 EUR' })).toMatchObject({
      status: 409,
      body: { code: 'ERR_OUTBOX_KEY_CONFLICT' },
    });
    await app.line(/"msg":"sent"/);
    expect(await ordered(app)).toBe(mail);
    // What it has taken in is settled when it ends.
    expect(await app.end('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(server.messages).toHaveLength(1);
  });

  it('tells the caller what is wrong with an order, and keeps nothing of it', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using app = new WebApp(server);
    for (const email of [
      'ann at example.org',
      'ann@example.org, bob@example.org',
      'ann@example.org\r\nBcc: all@example.org',
    ]) {
      expect(await app.order({ ...order, email })).toMatchObject({
        status: 400,
        body: { code: 'ERR_INVALID_ADDRESS' },
      });
    }
    expect(await app.order({ number: '1' })).toMatchObject({ status: 400 });
    expect(await app.mail('nothing')).toMatchObject({ status: 404 });
    expect(await app.end('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(server.connections).toEqual([]);
  });

  it('shows why a mail waits, and until when', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { RCPT: '450 4.2.0 greylisted' } } });
    await using app = new WebApp(server);
    const mail = await ordered(app);
    await app.line(/"msg":"deferred"/);
    const { body } = await app.mail(mail);
    expect(body).toMatchObject({
      state: 'deferred',
      attempts: 1,
      recipients: [{ address: order.email, status: 'pending', reply: '450 4.2.0 greylisted' }],
    });
    expect(Date.parse((body as { nextAttempt: string }).nextAttempt)).toBeGreaterThan(Date.now());
    expect(await app.end('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends on SIGTERM when the mail that is on its way is answered, and knows afterwards what became of it', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: ['(hold final)', '250 2.0.0 ok'] } } });
    await using app = new WebApp(server);
    const mail = await ordered(app);
    await server.held('final');
    const ended = app.end('SIGTERM');
    await app.line(/"msg":"Shutting down"/);
    server.release('final');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    await using again = new WebApp(server);
    expect((await again.mail(mail)).body).toMatchObject({ state: 'sent' });
    expect(server.messages.map(({ outcome }) => outcome)).toEqual(['queued']);
  });

  it('loses nothing when it is killed, and sends it once when it is started again', async () => {
    await using stuck = await ScriptedServer.start({ behave: { on: { greeting: '(hold greeting)' } } });
    await using app = new WebApp(stuck);
    const mails = [await ordered(app), await ordered(app, { ...order, number: '1844', email: 'bob@example.org' })];
    await stuck.held('greeting');
    await app.end('SIGKILL');
    expect(stuck.messages).toEqual([]);
    await using server = await ScriptedServer.start({ behave: {} });
    await using again = new WebApp(server);
    for (const mail of mails) {
      await again.line(new RegExp(`"mail":"${mail}".*"msg":"sent"`));
      expect((await again.mail(mail)).body).toMatchObject({ state: 'sent' });
    }
    const recipients = server.messages.map(({ envelope }) => envelope.to.join());
    expect(recipients.sort()).toEqual(['ann@example.org', 'bob@example.org']);
  });
});
