/** A client that only moves bytes: the server is tested without any of the package's own client. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import type { ScriptedServer } from '../../src/testing/index.js';

/** Nothing here waits longer than this. */
const limitMs = 5_000;

export class RawClient implements AsyncDisposable {
  socket: Socket;
  /** The server's bytes, one entry per read. */
  readonly reads: string[] = [];
  readonly #watchers = new Set<() => void>();
  ended = false;
  errorCode: string | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen(socket);
  }

  static async connect(server: ScriptedServer): Promise<RawClient> {
    const socket = connect(server.address);
    const client = new RawClient(socket);
    await client.until(() => !socket.connecting, 'the connection');
    return client;
  }

  #listen(socket: Socket): void {
    const ring = (): void => {
      for (const look of [...this.#watchers]) look();
    };
    socket.on('connect', ring);
    socket.on('secureConnect', ring);
    socket.on('data', (bytes: Buffer) => {
      this.reads.push(bytes.toString('latin1'));
      ring();
    });
    socket.on('end', () => {
      this.ended = true;
      ring();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.errorCode = error.code;
      ring();
    });
    socket.on('close', () => {
      this.ended = true;
      ring();
    });
  }

  /** Everything that the server said and that was not yet taken. */
  get heard(): string {
    return this.reads.join('');
  }

  async until<T>(probe: () => T | undefined | false, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`${what}: not within ${String(limitMs)} ms; heard ${JSON.stringify(this.heard)}`));
      }, limitMs);
      const look = (): void => {
        const value = probe();
        if (value === undefined || value === false) return;
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve(value);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Takes one reply, however many lines it has. */
  async reply(): Promise<string> {
    const whole = await this.until(() => /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/.exec(this.heard)?.[0], 'a reply');
    const rest = this.heard.slice(whole.length);
    this.reads.splice(0, this.reads.length, ...(rest === '' ? [] : [rest]));
    return whole.replace(/\r?\n$/, '');
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends a line and takes the reply to it. */
  async say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  async closed(): Promise<void> {
    await this.until(() => this.ended || this.errorCode !== undefined, 'the close');
  }

  async upgrade(ca: string): Promise<void> {
    this.socket.removeAllListeners('data').removeAllListeners('end');
    const socket = connectTls({ socket: this.socket, ca, servername: 'localhost' });
    this.socket = socket;
    this.#listen(socket);
    await this.until(() => socket.authorized || this.errorCode !== undefined, 'a verified TLS session');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }
}
