/** A client that says what a test tells it to say, octet by octet. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawSocket implements Disposable {
  readonly socket: Socket;
  received = '';
  readonly #closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
    });
    socket.on('error', () => undefined);
    // A reset is an end like another: `once` would reject.
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
  }

  static async to(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** All that came, once it holds `text`. Rejects when the connection ends before. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      const more = await Promise.race([once(this.socket, 'data'), this.#closed.then(() => undefined)]);
      if (more === undefined && !this.received.includes(text)) throw new Error(`it ended after: ${this.received}`);
    }
    return this.received;
  }

  /** Says it and waits for what comes back. */
  async ask(text: string, answer: string): Promise<string> {
    this.received = '';
    this.say(text);
    return await this.until(answer);
  }

  async closed(): Promise<string> {
    await this.#closed;
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
