/**
 * The server's end of one connection: bytes in and out, TLS, and the ways to end it. Every wait ends: by what it waits
 * for, by its limit, or by the server closing.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { Mismatch, Stopped } from './failures.js';
import { Inbound } from './inbound.js';
import type { Ledger } from './ledger.js';

export interface WireOptions {
  readonly timeoutMs: number;
  readonly tls: () => TLSSocketOptions;
  /** Called after everything that changes a record. */
  readonly changed: () => void;
}

export class ServerWire {
  readonly inbound = new Inbound();
  readonly ledger: Ledger;
  readonly timeoutMs: number;
  readonly #raw: Duplex;
  readonly #options: WireOptions;
  readonly #watchers = new Set<() => void>();
  #socket: Duplex;
  #gone = false;
  #ended = false;
  #stopped = false;

  constructor(socket: Duplex, ledger: Ledger, options: WireOptions) {
    this.#raw = socket;
    this.#socket = socket;
    this.#options = options;
    this.ledger = ledger;
    this.timeoutMs = options.timeoutMs;
    if (socket instanceof Socket) socket.setNoDelay(true);
    this.#listen(socket);
  }

  /** True once the client has closed: nothing more will come. */
  get gone(): boolean {
    return this.#gone;
  }

  /** True once the server has. */
  get ended(): boolean {
    return this.#ended;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The limit, for messages. */
  get limit(): string {
    return `${String(this.timeoutMs)} ms`;
  }

  #listen(socket: Duplex): void {
    socket.on('data', (bytes: Buffer) => {
      this.ledger.read(bytes);
      this.inbound.push(bytes);
      this.ring();
    });
    socket.on('end', () => {
      this.#clientGone('by-client');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#clientGone(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset-by-client' : 'by-client');
    });
    socket.on('close', () => {
      this.#clientGone('by-client');
    });
  }

  #clientGone(ending: 'by-client' | 'reset-by-client'): void {
    this.#gone = true;
    this.ledger.ended(ending);
    this.ring();
  }

  /** Looks again at everything that is waited for. */
  ring(): void {
    for (const look of [...this.#watchers]) look();
    this.#options.changed();
  }

  /** Resolves with the first value that `probe` gives, or with undefined after `limitMs`. */
  async until<T>(probe: () => T | undefined, limitMs: number | undefined): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#watchers.delete(look);
        clearTimeout(timer);
      };
      const look = (): void => {
        const value = this.#stopped ? undefined : probe();
        if (value === undefined && !this.#stopped) return;
        done();
        if (this.#stopped) reject(new Stopped());
        else resolve(value);
      };
      const expire = (): void => {
        if (!this.#watchers.has(look)) return;
        done();
        resolve(undefined);
      };
      // A process that was busy for longer than the limit has not looked at its sockets: it does so before it gives up.
      const expireAfterReading = (): void => void setImmediate(() => setImmediate(expire));
      const timer = limitMs === undefined ? undefined : setTimeout(expireAfterReading, limitMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** Waits this long, or until the client closes. */
  async pause(ms: number): Promise<void> {
    await this.until(() => (this.#gone ? true : undefined), ms);
  }

  /** One poll of the event loop lies between two immediates: a client in this process has then read what was written. */
  async nextTurn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    if (this.#stopped) throw new Stopped();
  }

  /** Resolves when the system has taken the bytes. Bytes for a connection that is gone are dropped. */
  async write(bytes: Buffer): Promise<void> {
    if (this.#ended || !this.#socket.writable) return;
    let written = false;
    this.#socket.write(bytes, () => {
      written = true;
      this.ring();
    });
    const done = await this.until(() => (written || this.#socket.destroyed ? true : undefined), this.timeoutMs);
    if (done === undefined) {
      throw new Mismatch('a client that reads', `no room for ${String(bytes.length)} octets within ${this.limit}`);
    }
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** FIN. The client's bytes are still read, so that the close does not turn into a reset, and so that they are recorded. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.ledger.ended('by-server');
    this.#socket.end();
    this.#socket.resume();
    this.ring();
  }

  /** RST. A unix socket knows none: there it is an abrupt close. */
  reset(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.ledger.ended('reset-by-server');
    // A TLS socket cannot be reset (ERR_INVALID_HANDLE_TYPE); the connection below it can.
    const raw: Duplex & { resetAndDestroy?: () => void } = this.#raw;
    const overTcp = !(raw instanceof Socket) || raw.remotePort !== undefined;
    if (overTcp) raw.resetAndDestroy?.();
    raw.destroy();
    this.#socket.destroy();
    this.ring();
  }

  /** Resolves when the handshake is over, also when it failed: then the client is gone, or will go. */
  async startTls(): Promise<void> {
    if (this.#ended || this.#gone) return;
    if (this.inbound.sizeBytes > 0) {
      this.ledger.earlyTalk('STARTTLS', this.inbound.sizeBytes);
      this.inbound.take(this.inbound.sizeBytes);
    }
    this.#raw.removeAllListeners('data').removeAllListeners('end').pause();
    const upgraded = new TLSSocket(this.#raw, { ...this.#options.tls(), isServer: true });
    const handshake = { done: false };
    upgraded.once('secure', () => {
      handshake.done = true;
      this.ring();
    });
    upgraded.on('error', (error: Error) => {
      if (!handshake.done) this.ledger.record.tlsError = error;
    });
    this.#socket = upgraded;
    this.#listen(upgraded);
    const over = await this.until(() => (handshake.done || this.#gone ? true : undefined), this.timeoutMs);
    if (over === undefined) throw new Mismatch('a TLS handshake', `none within ${this.limit}`);
    if (handshake.done) this.ledger.upgraded();
  }

  /** Ends everything at once. */
  stop(): void {
    this.ledger.ended('at-shutdown');
    this.#stopped = true;
    this.ring();
    this.#socket.destroy();
    this.#raw.destroy();
  }
}
