/** The web side of an inbox: the page, the REST interface, and an event for each message that comes or goes. */
import { WebServer, type PageAssets } from '../web/index.js';
import { summaryOf } from './message-json.js';
import { PAGE_ASSETS } from './page-assets.js';
import { cannotListen } from './smtp-service.js';
import { route, type RouteContext } from './web-routes.js';

export class WebService {
  readonly #server: WebServer;
  readonly #stopListening: () => void;

  private constructor(server: WebServer, { store }: RouteContext) {
    this.#server = server;
    this.#stopListening = store.listen((event) => {
      if (event.type === 'added') server.send('added', summaryOf(event.message));
      else server.send('removed', { ids: event.ids });
    });
  }

  /** Throws SMTPException, code `ERR_INBOX_CANNOT_LISTEN`. `assets` are the files of the page. */
  static async start(context: RouteContext, assets: PageAssets = PAGE_ASSETS): Promise<WebService> {
    const { host, webPort: port, allowedHosts } = context.options;
    const answer = (call: Parameters<typeof route>[0]): ReturnType<typeof route> => route(call, context);
    try {
      const server = await WebServer.start({ name: 'inbox', host, port, allowedHosts, assets, answer });
      return new WebService(server, context);
    } catch (cause) {
      throw cannotListen('the page', host, port, cause);
    }
  }

  get port(): number {
    return this.#server.port;
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#server.close();
  }
}
