import { OutboxPage, type OutboxPageOptions } from '../../src/outbox-view/outbox-page.js';
import { RawSocket } from '../inbox/raw-socket.js';
import { entry, FakeOutbox } from './fake-outbox.js';

const assets = { '/': { type: 'text/html; charset=utf-8', text: '<!doctype html>' } };
let outbox: FakeOutbox;
beforeEach(() => {
  outbox = new FakeOutbox([entry({ id: 'a', to: ['bob@example.org'] })]);
});

async function start(options: Partial<OutboxPageOptions> = {}): Promise<OutboxPage> {
  return await OutboxPage.start({
    outbox,
    store: './outbox',
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    assets,
    ...options,
  });
}

const asJson = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };

it('serves the page, the overview and the two changes', async () => {
  await using page = await start();
  expect((await fetch(page.url)).headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(await (await fetch(`${page.url}api/overview`)).json()).toMatchObject({ store: './outbox', entries: 1 });
  expect(await (await fetch(`${page.url}api/entries/a/cancel`, asJson)).json()).toMatchObject({ state: 'cancelled' });
  expect((await fetch(`${page.url}api/nothing`)).status).toBe(404);
});

const HERE = 'Host: 127.0.0.1';
const JSON_FIELDS = 'Content-Type: application/json\r\nContent-Length: 2';

it.each([
  ['the form of another page', `${HERE}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 2`],
  ['a form that says it is text', `${HERE}\r\nContent-Type: text/plain\r\nContent-Length: 2`],
  ['nothing at all', `${HERE}\r\nContent-Length: 2`],
  ['another origin', `${HERE}\r\n${JSON_FIELDS}\r\nOrigin: http://127.0.0.1:1`],
  ['an opaque origin', `${HERE}\r\n${JSON_FIELDS}\r\nOrigin: null`],
  ['another site', `${HERE}\r\n${JSON_FIELDS}\r\nSec-Fetch-Site: cross-site`],
  ['another port of this machine', `${HERE}\r\n${JSON_FIELDS}\r\nSec-Fetch-Site: same-site`],
  ['a foreign name that was made to point here', `Host: evil.example\r\n${JSON_FIELDS}`],
])('a post of %s changes nothing', async (_name, fields) => {
  await using page = await start();
  for (const action of ['retry', 'cancel']) {
    using socket = await RawSocket.to(page.url);
    socket.say(`POST /api/entries/a/${action} HTTP/1.1\r\n${fields}\r\nConnection: close\r\n\r\n{}`);
    expect(await socket.closed()).toMatch(/^HTTP\/1\.1 403 /);
  }
  expect(outbox.asked).toEqual([]);
});

it('a page of another origin is not told that it may post', async () => {
  await using page = await start();
  const answer = await fetch(`${page.url}api/entries/a/cancel`, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  });
  expect([answer.status, [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([
    403,
    [],
  ]);
});

it('tells the pages when it has looked again, and what went wrong', async () => {
  await using page = await start();
  const response = await fetch(`${page.url}api/events`);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const until = async (text: string): Promise<void> => {
    while (!heard.includes(text)) heard += (await reader.read()).value ?? '';
  };
  await until('event: changed\ndata: {"asOfMs":');
  outbox.fault = new Error('it is gone');
  await until('event: trouble\ndata: {"message":"it is gone"}');
  await reader.cancel();
});

it('says where it cannot listen', async () => {
  await using page = await start();
  const { port } = new URL(page.url);
  await expect(start({ port: Number(port) })).rejects.toMatchObject({
    code: 'ERR_OUTBOX_CANNOT_LISTEN',
    message: `the page cannot listen on 127.0.0.1:${port}: the port is in use`,
  });
  await expect(start({ host: 'a b' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  await expect(start({ allowedHosts: ['http://x'] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});
