import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventStreams, MAX_EVENT_STREAMS } from '../../src/web/event-stream.js';

/** A server whose every answer is a stream of `streams`, or 503. */
async function serve(streams: EventStreams): Promise<{ open: () => Promise<IncomingMessage>; close: () => void }> {
  const server = createServer((request, response) => {
    request.resume();
    if (!streams.add(response, {})) response.writeHead(503).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    open: async () => {
      const [response] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [IncomingMessage];
      return response.setEncoding('utf8');
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

it('every page hears what is sent, after it has read its whole request, until it goes or all end', async () => {
  const streams = new EventStreams();
  const server = await serve(streams);
  const pages = [await server.open(), await server.open()];
  for (const page of pages) await once(page, 'data');
  const heard = pages.map((page) => once(page, 'data'));
  streams.send('added', { text: 'a\nb' });
  expect(await Promise.all(heard)).toEqual([
    ['event: added\ndata: {"text":"a\\nb"}\n\n'],
    ['event: added\ndata: {"text":"a\\nb"}\n\n'],
  ]);
  const ended = pages.map((page) => once(page.resume(), 'end'));
  streams.close();
  await Promise.all(ended);
  server.close();
});

it('so many pages may listen, and no more; one that goes makes room', async () => {
  const streams = new EventStreams();
  const server = await serve(streams);
  const pages = await Promise.all(Array.from({ length: MAX_EVENT_STREAMS }, () => server.open()));
  expect(new Set(pages.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect((await server.open()).statusCode).toBe(503);
  pages[0]?.destroy();
  let status = 503;
  for (let tries = 0; status === 503 && tries < 1000; tries += 1) status = (await server.open()).statusCode ?? 0;
  expect(status).toBe(200);
  streams.close();
  server.close();
});
