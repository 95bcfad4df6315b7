/** A server that nothing may ever ask: it counts who connects, so that what leaks out of a page shows. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export class Trap implements AsyncDisposable {
  readonly #server = createServer((socket) => {
    this.connections += 1;
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      this.requests.push(data.toString('latin1').split('\r\n')[0] ?? '');
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 0\r\n\r\n');
    });
  });
  connections = 0;
  readonly requests: string[] = [];

  static async open(): Promise<Trap> {
    const trap = new Trap();
    await once(trap.#server.listen(0, '127.0.0.1'), 'listening');
    return trap;
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
