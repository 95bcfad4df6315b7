import { MessageStore } from '../../src/inbox/message-store.js';
import { resolveInboxOptions, type InboxOptions } from '../../src/inbox/options.js';
import { Waiters } from '../../src/inbox/wait-for.js';
import { WebService } from '../../src/inbox/web-service.js';
import { stored } from './arrivals.js';
import { RawSocket } from './raw-socket.js';

const assets = {
  '/': { type: 'text/html; charset=utf-8', text: '<!doctype html>' },
  '/page.css': { type: 'text/css', text: 'p {}' },
};

class Web implements AsyncDisposable {
  readonly store = new MessageStore({ maxMessages: 9, maxOctets: 1_000_000 });
  #service: WebService | undefined;

  static async start(options: InboxOptions = {}, files: typeof assets | object = assets): Promise<Web> {
    const web = new Web();
    const context = {
      store: web.store,
      waiters: new Waiters(web.store),
      options: resolveInboxOptions(options),
      smtpUrl: 'smtp://x',
    };
    web.#service = await WebService.start(context, files as typeof assets);
    web.store.add(await stored(1));
    return web;
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.#service?.port)}`;
  }

  /** One request as it is, and its whole answer. */
  async raw(request: string): Promise<string> {
    using socket = await RawSocket.to(this.origin);
    socket.say(request);
    return await socket.closed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.close();
  }
}

it('serves the page, its files and the interface, each with the fields that keep it in its place', async () => {
  await using web = await Web.start();
  const page = await fetch(`${web.origin}/`);
  expect([page.status, page.headers.get('content-security-policy')]).toEqual([
    200,
    expect.stringContaining("script-src 'self'"),
  ]);
  expect((await fetch(`${web.origin}/page.css`)).headers.get('content-type')).toBe('text/css');
  const api = await fetch(`${web.origin}/api/messages/1`);
  for (const { headers } of [page, api]) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  }
  expect((await fetch(`${web.origin}/api/messages/1`, { method: 'HEAD' })).headers.get('content-length')).toBe(
    api.headers.get('content-length'),
  );
  expect((await fetch(`${web.origin}/nothing`)).status).toBe(404);
  expect((await fetch(`${web.origin}/constructor`)).status).toBe(404);
  expect((await fetch(`${web.origin}/`, { method: 'POST', body: 'x' })).status).toBe(405);
});

it('a build without the page says so', async () => {
  await using web = await Web.start({}, {});
  expect(await (await fetch(`${web.origin}/`)).text()).toContain('npm run build');
});

it.each(['evil.example', 'localhost.evil.example'])('the Host %s is refused for everything', async (host) => {
  await using web = await Web.start();
  for (const path of ['/', '/api/messages', '/api/events', '/api/wait?timeoutMs=0']) {
    expect(await web.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 403 /,
    );
  }
  expect(await web.raw(`DELETE /api/messages HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 403 /,
  );
  expect(web.store.messages).toHaveLength(1);
});

it.each([
  ['Origin: http://127.0.0.1:1'],
  ['Origin: null'],
  ['Sec-Fetch-Site: cross-site'],
  ['Sec-Fetch-Site: same-site'],
])('a request of another page (%s) gets nothing and deletes nothing', async (field) => {
  await using web = await Web.start();
  const host = new URL(web.origin).host;
  for (const line of [
    'GET /api/messages',
    'DELETE /api/messages',
    'DELETE /api/messages/1',
    'GET /api/events',
    'GET /api/messages/1/source',
  ]) {
    const answer = await web.raw(`${line} HTTP/1.1\r\nHost: ${host}\r\n${field}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).not.toContain('Hello Bob');
  }
  expect(web.store.messages).toHaveLength(1);
});

it('a name that was allowed is answered', async () => {
  await using web = await Web.start({ allowedHosts: ['inbox.test'] });
  expect(await web.raw('GET /api/messages HTTP/1.1\r\nHost: inbox.test\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 /,
  );
});

it.each([
  [
    'a path that is a URL of somebody else',
    'GET http://evil.example/api/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    400,
  ],
  ['a path above the root', 'GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 404],
  [
    'an encoded path above the root',
    'GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    404,
  ],
  ['a header block that is too large', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['no HTTP at all', 'EHLO there\r\n\r\n', 400],
])('%s is %s', async (_name, request, status) => {
  await using web = await Web.start();
  expect(await web.raw(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
});

it('a client that drips its request is cut off, and the others are served meanwhile', async () => {
  await using web = await Web.start();
  using slow = await RawSocket.to(web.origin);
  slow.say('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect((await fetch(`${web.origin}/api/messages`)).status).toBe(200);
  expect(await slow.closed()).toMatch(/^HTTP\/1\.1 408 /);
}, 20_000);

it('what happens comes as events', async () => {
  await using web = await Web.start();
  const response = await fetch(`${web.origin}/api/events`);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let heard = (await reader.read()).value ?? '';
  web.store.add(await stored(2));
  web.store.delete(1);
  while (!heard.includes('event: removed')) heard += (await reader.read()).value ?? '';
  expect(heard).toMatch(
    /^retry: 1000\n\nevent: added\ndata: \{"id":2,.*\}\n\nevent: removed\ndata: \{"ids":\[1\]\}\n\n$/,
  );
  await reader.cancel();
});
