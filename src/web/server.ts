/**
 * The web side of a command: a page, a REST interface and server-sent events. Every request passes the guard first, and a client
 * that drips, or asks for too much, is cut off.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { EventStreams } from './event-stream.js';
import { judge } from './guard.js';
import type { PageAssets } from './page-assets.js';
import { COMMON_FIELDS, failure, NOTHING_RUNS, PAGE_POLICY, send, type Answer } from './responses.js';

/** A request must have said what it wants by then. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** So many connections at a time: pages hold one each, waits too. */
const MAX_CONNECTIONS = 1_200;
const MAX_HEADER_OCTETS = 16_384;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface WebServerOptions {
  /** What it is, in its own sentences: `inbox`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Names beside `localhost` and addresses, under which a browser may ask. */
  readonly allowedHosts: readonly string[];
  readonly assets: PageAssets;
  /** The REST interface. Undefined for a path that is not of it. */
  readonly answer: (call: Call) => Answer | undefined | Promise<Answer | undefined>;
}

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #streams = new EventStreams();
  readonly #server: Server;
  #port = 0;

  private constructor(options: WebServerOptions) {
    this.#options = options;
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
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects with the error of its socket when it cannot listen. */
  static async start(options: WebServerOptions): Promise<WebServer> {
    const web = new WebServer(options);
    const listening = once(web.#server, 'listening');
    web.#server.listen(options.port, options.host);
    await listening;
    web.#port = (web.#server.address() as AddressInfo).port;
    return web;
  }

  get port(): number {
    return this.#port;
  }

  /** How many pages listen. */
  get listeners(): number {
    return this.#streams.size;
  }

  /** An event for every page that listens. */
  send(event: string, data: object): void {
    this.#streams.send(event, data);
  }

  async close(): Promise<void> {
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
      else send(response, failure(500, 'ERR_INTERNAL', `a fault of the ${this.#options.name}: ${why}`));
    }
  }

  /** Undefined when the answer is an event stream, which goes on. */
  async #answer(request: IncomingMessage, response: ServerResponse, method: string): Promise<Answer | undefined> {
    const url = urlOf(request);
    if (url === undefined) return failure(400, 'ERR_BAD_REQUEST', 'the request names no path');
    const { pathname: path, searchParams: query } = url;
    const { assets, host, allowedHosts, name } = this.#options;
    const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
    const isPage = path === '/' || asset !== undefined;
    const verdict = judge({ method, headers: request.headers, isPage }, [host, ...allowedHosts]);
    if (!verdict.allowed) return failure(403, 'ERR_FORBIDDEN', verdict.why);
    if (isPage) return method === 'GET' ? pageAnswer(asset) : failure(405, 'ERR_METHOD', 'the page takes GET');
    if (path === '/api/events') return this.#stream(response, method);
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    return (
      (await this.#options.answer({ method, path, query, signal: gone.signal })) ??
      failure(404, 'ERR_NOT_FOUND', 'there is nothing here', `The documentation of the ${name} says what there is.`)
    );
  }

  #stream(response: ServerResponse, method: string): Answer | undefined {
    if (method !== 'GET') return failure(405, 'ERR_METHOD', 'the events take GET');
    const fields = { ...COMMON_FIELDS, 'content-security-policy': NOTHING_RUNS };
    if (this.#streams.add(response, fields)) return undefined;
    return failure(503, 'ERR_TOO_MANY_PAGES', `too many pages of this ${this.#options.name} are open`, 'Close some.');
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
    return new URL(`http://here${url}`);
  } catch {
    return undefined;
  }
}
