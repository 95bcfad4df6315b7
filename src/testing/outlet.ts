/** Decides in which pieces, and when, the server's bytes leave. Bytes leave in the order in which they were said. */
import type { Chunking } from './server-step.js';
import type { ServerWire } from './server-wire.js';

/** A flood ends here, whoever is still reading. */
const floodBytes = 268_435_456;
const blockBytes = 65_536;

export class Outlet {
  readonly #wire: ServerWire;
  #pending: Buffer[] = [];
  chunking: Chunking | undefined;
  /** Bytes are kept back until the next flush that is asked for by name. */
  corked = false;

  constructor(wire: ServerWire, chunking: Chunking | undefined) {
    this.#wire = wire;
    this.chunking = chunking;
  }

  add(bytes: Buffer): void {
    this.#pending.push(bytes);
  }

  /** Sends what was kept: in one write, or as `chunking` says. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    const { chunking } = this;
    if (chunking === undefined) return this.#wire.write(bytes);
    const cuts =
      'at' in chunking
        ? [...chunking.at].sort((a, b) => a - b)
        : Array.from({ length: Math.ceil(bytes.length / chunking.sizeBytes) }, (_, k) => (k + 1) * chunking.sizeBytes);
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      const to = Math.min(cut, bytes.length);
      if (to <= from) continue;
      if (from > 0) {
        await this.#wire.nextTurn();
        if (chunking.everyMs !== undefined) await this.#wire.pause(chunking.everyMs);
      }
      await this.#wire.write(bytes.subarray(from, to));
      from = to;
    }
  }

  /** Sends the same bytes again and again, while the client stays. */
  async flood(bytes: Buffer, times: number): Promise<void> {
    const perBlock = Math.max(1, Math.floor(blockBytes / bytes.length));
    for (let left = Math.min(times, Math.ceil(floodBytes / bytes.length)); left > 0; left -= perBlock) {
      if (this.#wire.gone || this.#wire.ended) return;
      await this.#wire.write(Buffer.concat(Array.from({ length: Math.min(left, perBlock) }, () => bytes)));
      await this.#wire.nextTurn();
    }
  }
}
