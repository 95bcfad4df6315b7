/** The server that all pages share; test/inbox/web-service.test.ts asks it what browsers and others may ask. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { json } from '../../src/web/responses.js';
import { WebServer, type Call, type WebServerOptions } from '../../src/web/server.js';

async function start(options: Partial<WebServerOptions> = {}): Promise<{ web: WebServer; origin: string }> {
  const answer = ({ method, path }: Call): ReturnType<typeof json> | undefined =>
    path === '/api/x' ? json(200, { method }) : undefined;
  const web = await WebServer.start({
    name: 'thing',
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    assets: { '/': { type: 'text/html', text: '<!doctype html>' } },
    answer,
    ...options,
  });
  return { web, origin: `http://127.0.0.1:${String(web.port)}` };
}

it('gives the page with its policy, the interface, and 404 for the rest', async () => {
  const { web, origin } = await start();
  const page = await fetch(`${origin}/`);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(await (await fetch(`${origin}/api/x`)).json()).toEqual({ method: 'GET' });
  expect((await fetch(`${origin}/y`)).status).toBe(404);
  await web.close();
});

it('what a handler throws is said in its name, and the next request is served', async () => {
  let isBroken = true;
  const { web, origin } = await start({
    answer: () => {
      if (isBroken) throw new Error('it broke');
      return json(200, {});
    },
  });
  const answer = await fetch(`${origin}/api/x`);
  expect([answer.status, await answer.text()]).toEqual([
    500,
    expect.stringContaining('a fault of the thing: it broke'),
  ]);
  isBroken = false;
  expect((await fetch(`${origin}/api/x`)).status).toBe(200);
  await web.close();
});

it('a post of a form is refused before anything is asked', async () => {
  const calls: string[] = [];
  const { web, origin } = await start({
    answer: ({ path }) => {
      calls.push(path);
      return json(200, {});
    },
  });
  const form = { method: 'POST', body: new URLSearchParams({ id: '1' }) };
  expect((await fetch(`${origin}/api/x`, form)).status).toBe(403);
  expect(calls).toEqual([]);
  const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect((await fetch(`${origin}/api/x`, posted)).status).toBe(200);
  expect(calls).toEqual(['/api/x']);
  await web.close();
});

it('knows how many pages listen, and tells them', async () => {
  const { web, origin } = await start();
  expect(web.listeners).toBe(0);
  const response = await fetch(`${origin}/api/events`);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let heard = (await reader.read()).value ?? '';
  expect(web.listeners).toBe(1);
  web.send('news', { n: 1 });
  while (!heard.includes('news')) heard += (await reader.read()).value ?? '';
  expect(heard).toContain('event: news\ndata: {"n":1}\n\n');
  await web.close();
});

it('rejects with the error of the socket when it cannot listen', async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  taken.close();
});
