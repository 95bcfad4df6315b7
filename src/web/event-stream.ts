/** Server-sent events: what happens, to every page that is open. A page that does not read is let go of. */
import type { ServerResponse } from 'node:http';

/** So many pages may be open at a time. */
export const MAX_EVENT_STREAMS = 100;
/** A page that has so much waiting for it does not read. */
const MAX_WAITING_OCTETS = 4 * 1024 * 1024;
/** A connection that is gone is noticed by writing to it. */
const HEARTBEAT_MS = 15_000;

export class EventStreams {
  readonly #open = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#open.size;
  }

  /** False when there are too many; the response is untouched then. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean {
    if (this.#open.size >= MAX_EVENT_STREAMS) return false;
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
    // After a lost connection the page tries again so soon.
    response.write('retry: 1000\n\n');
    this.#open.add(response);
    response.once('close', () => {
      this.#remove(response);
    });
    this.#heartbeat ??= setInterval(() => {
      this.#write(': still here\n\n');
    }, HEARTBEAT_MS).unref();
    return true;
  }

  send(event: string, data: object): void {
    // JSON has no line ends of its own.
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    for (const response of this.#open) response.end();
    this.#open.clear();
    this.#stopWhenIdle();
  }

  #write(text: string): void {
    for (const response of this.#open) {
      if (response.writableLength > MAX_WAITING_OCTETS) response.destroy();
      else response.write(text);
    }
  }

  #remove(response: ServerResponse): void {
    this.#open.delete(response);
    this.#stopWhenIdle();
  }

  #stopWhenIdle(): void {
    if (this.#open.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
