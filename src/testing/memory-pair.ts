/**
 * Two ends of a connection that exists in memory only. What one end writes the other reads in a later turn of the event
 * loop, one read for each write, as from a socket.
 */
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers';

function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}

export class MemoryEnd extends Duplex {
  #other: MemoryEnd | undefined;
  /** The other end's write that waits for this one to read. */
  #waiting: (() => void) | undefined;
  #reset = false;
  #ended = false;

  /** Two ends; the second is a server's: it stays writable when the first has ended. */
  static pair(): [client: MemoryEnd, server: MemoryEnd] {
    const client = new MemoryEnd({ allowHalfOpen: false });
    const server = new MemoryEnd({ allowHalfOpen: true });
    client.#other = server;
    server.#other = client;
    return [client, server];
  }

  override _read(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    setImmediate(() => {
      const other = this.#other;
      if (other === undefined || other.destroyed || other.#ended) callback();
      else if (other.push(bytes)) callback();
      else other.#waiting = callback;
    });
  }

  override _final(callback: (error?: Error | null) => void): void {
    setImmediate(() => {
      MemoryEnd.#endOf(this.#other);
      callback();
    });
  }

  static #endOf(end: MemoryEnd | undefined): void {
    if (end === undefined || end.#ended || end.destroyed) return;
    end.#ended = true;
    end.push(null);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this._read();
    const reset = this.#reset;
    setImmediate(() => {
      if (reset) this.#other?.destroy(resetError());
      else MemoryEnd.#endOf(this.#other);
      callback(error);
    });
  }

  /** The other end sees ECONNRESET. */
  resetAndDestroy(): this {
    this.#reset = true;
    return this.destroy();
  }
}
