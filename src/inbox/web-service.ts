/** The web side of an inbox: the page, the REST interface and the events. Every request passes the guard first. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { EventStreams } from './event-stream.js';
import { summaryOf } from './message-json.js';
import { PAGE_ASSETS, type PageAssets } from './page-assets.js';
import { cannotListen } from './smtp-service.js';
import { judge } from './web-guard.js';
import { COMMON_FIELDS, failure, NOTHING_RUNS, PAGE_POLICY, send, type Answer } from './web-responses.js';
import { route, type RouteContext } from './web-routes.js';

/** A request must have said what it wants by then; one that drips is cut off. */
export const HEADERS_TIMEOUT_MS = 5_000;
export const REQUEST_TIMEOUT_MS = 10_000;
/** So many connections at a time: pages hold one each, waits too. */
export const MAX_WEB_CONNECTIONS = 1_200;
const MAX_HEADER_OCTETS = 16_384;

export class WebService {
  readonly #context: RouteContext;
  readonly #assets: PageAssets;
  readonly #streams = new EventStreams();
  readonly #server: Server;
  readonly #stopListening: () => void;
  #port = 0;

  private constructor(context: RouteContext, assets: PageAssets) {
    this.#context = context;
    this.#assets = assets;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_OCTETS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = MAX_WEB_CONNECTIONS;
    this.#stopListening = context.store.listen((event) => {
      if (event.type === 'added') this.#streams.send('added', summaryOf(event.message));
      else this.#streams.send('removed', { ids: event.ids });
    });
  }

  /** Throws SMTPException, code `ERR_INBOX_CANNOT_LISTEN`. `assets` are the files of the page. */
  static async start(context: RouteContext, assets: PageAssets = PAGE_ASSETS): Promise<WebService> {
    const service = new WebService(context, assets);
    const { host, webPort } = context.options;
    const listening = once(service.#server, 'listening');
    service.#server.listen(webPort, host);
    try {
      await listening;
    } catch (cause) {
      service.#stopListening();
      throw cannotListen('the page', host, webPort, cause);
    }
    service.#port = (service.#server.address() as AddressInfo).port;
    return service;
  }

  get port(): number {
    return this.#port;
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#streams.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Nothing that is sent along is of interest.
    request.resume();
    response.on('error', () => undefined);
    const { method = 'GET' } = request;
    try {
      const answer = await this.#answer(request, response, method === 'HEAD' ? 'GET' : method);
      if (answer !== undefined && !response.destroyed) send(response, answer, method !== 'HEAD');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else send(response, failure(500, 'ERR_INTERNAL', `a fault of the inbox: ${why}`));
    }
  }

  /** Undefined when the answer is an event stream, which goes on. */
  async #answer(request: IncomingMessage, response: ServerResponse, method: string): Promise<Answer | undefined> {
    const url = urlOf(request);
    if (url === undefined) return failure(400, 'ERR_BAD_REQUEST', 'the request names no path');
    const { pathname: path, searchParams: query } = url;
    const asset = Object.hasOwn(this.#assets, path) ? this.#assets[path] : undefined;
    const isPage = path === '/' || asset !== undefined;
    const verdict = judge(request.headers, isPage, this.#allowedHosts());
    if (!verdict.allowed) return failure(403, 'ERR_FORBIDDEN', verdict.why);
    if (isPage) return method === 'GET' ? pageAnswer(asset) : failure(405, 'ERR_METHOD', 'the page takes GET');
    if (path === '/api/events') return this.#stream(response, method);
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    const answer = route({ method, path, query, signal: gone.signal }, this.#context);
    return (
      (await answer) ?? failure(404, 'ERR_NOT_FOUND', 'there is nothing here', 'See docs/inbox.md for what there is.')
    );
  }

  #stream(response: ServerResponse, method: string): Answer | undefined {
    if (method !== 'GET') return failure(405, 'ERR_METHOD', 'the events take GET');
    const fields = { ...COMMON_FIELDS, 'content-security-policy': NOTHING_RUNS };
    if (this.#streams.add(response, fields)) return undefined;
    return failure(503, 'ERR_TOO_MANY_PAGES', 'too many pages of this inbox are open', 'Close some.');
  }

  #allowedHosts(): readonly string[] {
    const { host, allowedHosts } = this.#context.options;
    return [host, ...allowedHosts];
  }
}

function pageAnswer(asset: PageAssets[string] | undefined): Answer {
  if (asset === undefined) {
    const hint = 'Run npm run build; the REST interface works without it.';
    return failure(404, 'ERR_NO_PAGE', 'the page is not part of this build', hint);
  }
  const { type, text } = asset;
  return { status: 200, headers: { 'content-type': type, 'content-security-policy': PAGE_POLICY }, body: text };
}

/** Only the path and the query count; a full URL in a request line is for proxies. */
function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  if (!url.startsWith('/')) return undefined;
  try {
    return new URL(`http://inbox${url}`);
  } catch {
    return undefined;
  }
}
