/** The page of an outbox: what is in it, to look at, and two things to ask of it, retry and cancel. It sends nothing itself. */
import { isPosthasteError, MessageError, SMTPException } from '../index.js';
import { hostInUrl, isHost, reachableHost, WebServer, whyNotListening, type PageAssets } from '../web/index.js';
import type { ChangedJson, TroubleJson } from './api-types.js';
import { PAGE_ASSETS } from './page-assets.js';
import { route } from './routes.js';
import type { OutboxSource } from './source.js';
import { Watch } from './watch.js';

export interface OutboxPageOptions {
  readonly outbox: OutboxSource;
  /** What the store is called on the page. */
  readonly store: string;
  /** The address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names, beside `localhost` and addresses, under which a browser may ask for the page. */
  readonly allowedHosts: readonly string[];
  /** Rejects when the store is not there any more. */
  readonly probe?: () => Promise<void>;
  readonly assets?: PageAssets;
}

export class OutboxPage implements AsyncDisposable {
  readonly #server: WebServer;
  readonly #watch: Watch;
  readonly #host: string;

  private constructor(server: WebServer, watch: Watch, host: string) {
    this.#server = server;
    this.#watch = watch;
    this.#host = host;
    watch.start({
      isNeeded: () => server.listeners > 0,
      changed: (asOfMs) => {
        server.send('changed', { asOfMs } satisfies ChangedJson);
      },
      failed: (error) => {
        server.send('trouble', troubleOf(error));
      },
    });
  }

  /** @throws MessageError, code `ERR_INVALID_OPTION`; SMTPException, code `ERR_OUTBOX_CANNOT_LISTEN`. */
  static async start(options: OutboxPageOptions): Promise<OutboxPage> {
    const { outbox, store, host, port, allowedHosts, assets = PAGE_ASSETS } = options;
    for (const name of [host, ...allowedHosts]) {
      if (!isHost(name)) {
        const hint = "Give '127.0.0.1', '::1' or a name, without a port.";
        throw new MessageError('a host is no address and no host name', { code: 'ERR_INVALID_OPTION', hint });
      }
    }
    const probe = options.probe ?? ((): Promise<void> => Promise.resolve());
    const watch = new Watch({ outbox, store, probe, now: Date.now });
    try {
      const server = await WebServer.start({
        name: 'outbox',
        host,
        port,
        allowedHosts,
        assets,
        answer: (call) => route(call, { outbox, watch }),
      });
      return new OutboxPage(server, watch, host);
    } catch (cause) {
      throw cannotListen(host, port, cause);
    }
  }

  /** `http://127.0.0.1:8026/`. The REST interface is below it, at `api/`. */
  get url(): string {
    return `http://${reachableHost(this.#host)}:${String(this.#server.port)}/`;
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function cannotListen(host: string, port: number, cause: unknown): SMTPException {
  const { why, portInUse } = whyNotListening(cause);
  const hint = portInUse ? 'Choose another port; 0 takes a free one.' : 'Choose another host or port.';
  return new SMTPException(`the page cannot listen on ${hostInUrl(host)}:${String(port)}: ${why}`, {
    code: 'ERR_OUTBOX_CANNOT_LISTEN',
    hint,
    cause,
  });
}

function troubleOf(error: unknown): TroubleJson {
  const message = error instanceof Error ? error.message : String(error);
  const hint = isPosthasteError(error) ? error.hint : undefined;
  return hint === undefined ? { message } : { message, hint };
}
