// A conversation with a server in raw lines, so that a server is proved without the client that it is to prove.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import type { Address } from './servers/server.js';

export interface RawReply {
  readonly code: number;
  readonly lines: readonly string[];
}

export class RawSession {
  #socket: Socket;
  #pending = '';
  readonly #replies: RawReply[] = [];
  readonly #lines: string[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async open(address: Address, implicitTlsCa?: string): Promise<RawSession> {
    const socket = connectTcp(address);
    await once(socket, 'connect');
    const session = new RawSession(socket);
    if (implicitTlsCa !== undefined) await session.upgrade(implicitTlsCa);
    return session;
  }

  /** The TLS handshake, with the server's certificate checked against `ca` and the name localhost. */
  async upgrade(ca: string, client: { cert?: string; key?: string } = {}): Promise<void> {
    this.#socket.removeAllListeners();
    const socket = connectTls({ socket: this.#socket, ca, servername: 'localhost', ...client });
    await once(socket, 'secureConnect');
    this.#socket = socket;
    this.#listen();
  }

  /** Writes a command and gives its reply. */
  async command(line: string): Promise<RawReply> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Writes content that is already dot-stuffed, and the final dot; gives the reply. */
  async content(stuffed: Buffer | string): Promise<RawReply> {
    this.#socket.write(stuffed);
    return this.command('.');
  }

  async reply(): Promise<RawReply> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#socket.destroyed || this.#socket.readableEnded) throw new Error('The server closed the connection.');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Keywords of the EHLO or LHLO reply, sorted, without parameters. */
  async keywords(hello: 'EHLO' | 'LHLO' = 'EHLO'): Promise<string[]> {
    const { lines } = await this.command(`${hello} localhost`);
    const words = lines.slice(1).map((line) => line.split(/[ =]/)[0] ?? '');
    return [...new Set(words.filter((word) => word !== ''))].sort();
  }

  end(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (chunk) => {
      this.#take(chunk.toString('latin1'));
    });
    this.#socket.on('error', () => {
      this.#wake();
    });
    this.#socket.on('close', () => {
      this.#wake();
    });
  }

  #take(text: string): void {
    const lines = (this.#pending + text).split('\r\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      this.#lines.push(line.slice(4));
      if (line[3] === '-') continue;
      this.#replies.push({ code: Number(line.slice(0, 3)), lines: this.#lines.splice(0) });
    }
    this.#wake();
  }
}
