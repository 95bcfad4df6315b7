import type { ListJson, MessageJson } from '../../src/inbox/api-types.js';
import { MessageStore } from '../../src/inbox/message-store.js';
import { resolveInboxOptions } from '../../src/inbox/options.js';
import { Waiters } from '../../src/inbox/wait-for.js';
import type { Answer, ErrorJson } from '../../src/web/index.js';
import { route, type RouteContext } from '../../src/inbox/web-routes.js';
import { PLAIN, stored } from './arrivals.js';

const ATTACHED =
  'From: a@b.org\nSubject: ../x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x</p>\n' +
  '--b\nContent-Type: text/html; name="../evil.html"\nContent-Disposition: attachment; filename="../evil.html"\n\n<script>1</script>\n--b--\n';

let context: RouteContext;
beforeEach(async () => {
  const store = new MessageStore({ maxMessages: 9, maxOctets: 1_000_000 });
  store.add(await stored(1, PLAIN));
  store.add(await stored(2, ATTACHED));
  context = { store, waiters: new Waiters(store), options: resolveInboxOptions(), smtpUrl: 'smtp://127.0.0.1:1025' };
});

async function ask(path: string, method = 'GET', signal = new AbortController().signal): Promise<Answer> {
  const url = new URL(path, 'http://inbox');
  const answer = await route({ method, path: url.pathname, query: url.searchParams, signal }, context);
  if (answer === undefined) throw new Error('there is no such route');
  return answer;
}

const parsed = ({ body }: Answer): unknown => JSON.parse(String(body));
const listIn = (answer: Answer): ListJson => parsed(answer) as ListJson;
const messageIn = (answer: Answer): MessageJson => parsed(answer) as MessageJson;
const codeIn = (answer: Answer): string => (parsed(answer) as ErrorJson).error.code;

it('the list has the newest first, and can be filtered', async () => {
  const list = listIn(await ask('/api/messages'));
  expect([list.smtpUrl, list.limits, list.messages.map(({ id }) => id)]).toEqual([
    'smtp://127.0.0.1:1025',
    { messages: 500, octets: 268_435_456 },
    [2, 1],
  ]);
  expect(listIn(await ask('/api/messages?subject=Hello')).messages.map(({ id }) => id)).toEqual([1]);
  expect(listIn(await ask('/api/messages?to=bob%40example.org&after=1')).messages.map(({ id }) => id)).toEqual([2]);
});

it('a message, its source, its octets and its HTML', async () => {
  expect(messageIn(await ask('/api/messages/1'))).toMatchObject({
    id: 1,
    subject: 'Hello',
    text: 'Hello Bob\n',
  });
  const source = await ask('/api/messages/1/source');
  expect(source.headers['content-type']).toBe('text/plain; charset=utf-8');
  const eml = await ask('/api/messages/1.eml');
  expect([eml.headers['content-type'], eml.headers['content-disposition']]).toEqual([
    'message/rfc822',
    `attachment; filename="Hello.eml"; filename*=UTF-8''Hello.eml`,
  ]);
  expect(eml.body).toEqual(context.store.get(1)?.raw);
  expect((await ask('/api/messages/2/html')).headers['content-security-policy']).toMatch(/img-src data:;/);
  expect((await ask('/api/messages/2/html?images=remote')).headers['content-security-policy']).toMatch(
    /img-src data: https:/,
  );
  expect((await ask('/api/messages/2/html?images=yes')).headers['content-security-policy']).toMatch(/img-src data:;/);
});

it('octets that are no UTF-8 are shown as Latin-1', async () => {
  context.store.add(await stored(3, 'Subject: \xe9\n\n\xe9\n'));
  expect((await ask('/api/messages/3/source')).headers['content-type']).toBe('text/plain; charset=iso-8859-1');
});

it('an attachment is never told to be anything that a browser opens', async () => {
  const { headers, body } = await ask('/api/messages/2/attachments/0');
  expect(headers).toEqual({
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="_evil.html"; filename*=UTF-8''_evil.html`,
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  });
  expect(String(body)).toContain('<script>1</script>');
});

it.each([
  ['/api/messages/9', 404, 'ERR_NO_SUCH_MESSAGE'],
  ['/api/messages/9.eml', 404, 'ERR_NO_SUCH_MESSAGE'],
  ['/api/messages/1/html', 404, 'ERR_NO_HTML'],
  ['/api/messages/1/attachments/0', 404, 'ERR_NO_SUCH_ATTACHMENT'],
  ['/api/messages?sbject=x', 400, 'ERR_UNKNOWN_PARAMETER'],
  ['/api/messages?after=x', 400, 'ERR_INVALID_OPTION'],
  ['/api/wait?timeoutMs=soon', 400, 'ERR_INVALID_OPTION'],
  ['/api/wait?id=1', 400, 'ERR_UNKNOWN_PARAMETER'],
  ['/api/wait?subject=never&timeoutMs=0', 504, 'ERR_INBOX_WAIT_TIMEOUT'],
])('%s is %d %s', async (path, status, code) => {
  const answer = await ask(path);
  expect([answer.status, codeIn(answer)]).toEqual([status, code]);
});

it('wait gives the message that is here, and the one that comes', async () => {
  expect(messageIn(await ask('/api/wait?subject=Hello')).id).toBe(1);
  const coming = ask('/api/wait?after=2&timeoutMs=60000');
  context.store.add(await stored(3));
  expect(messageIn(await coming).id).toBe(3);
});

it('a wait ends when nobody waits for its answer', async () => {
  const gone = new AbortController();
  const waiting = ask('/api/wait?after=2', 'GET', gone.signal);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
});

it('messages are deleted one by one, or all', async () => {
  expect(parsed(await ask('/api/messages/1', 'DELETE'))).toEqual({ deleted: 1 });
  expect((await ask('/api/messages/1', 'DELETE')).status).toBe(404);
  expect(parsed(await ask('/api/messages', 'DELETE'))).toEqual({ deleted: 1 });
  expect(context.store.messages).toEqual([]);
});

it('other methods are refused, and other paths are nobody’s', async () => {
  expect(await ask('/api/messages', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, DELETE' } });
  for (const path of [
    '/api',
    '/api/messages/',
    '/api/messages/1x',
    '/api/messages/1/../2',
    '/api/messages/1/attachments/',
  ]) {
    const { pathname } = new URL(path, 'http://inbox');
    if (pathname === '/api/messages/2') continue;
    expect(
      route(
        { method: 'GET', path: pathname, query: new URLSearchParams(), signal: new AbortController().signal },
        context,
      ),
    ).toBeUndefined();
  }
});
