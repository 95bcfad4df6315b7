/** A stream whose other end the test plays: what is written is collected, and finished only when the test says so. */
import { Duplex } from 'node:stream';

type Callback = (error?: Error | null) => void;

export class HeldStream extends Duplex {
  /** Each write of the stream as one entry; several that came together are one. */
  readonly writes: Buffer[] = [];
  readonly #held: Callback[] = [];
  #holding: boolean;

  constructor({ holding = false, allowHalfOpen = false }: { holding?: boolean; allowHalfOpen?: boolean } = {}) {
    super({ writableHighWaterMark: 16, allowHalfOpen });
    this.#holding = holding;
  }

  /** The other end has room again. */
  release(): void {
    this.#holding = false;
    for (const done of this.#held.splice(0)) done();
  }

  /** The other end sends. */
  arrive(text: string | Uint8Array): void {
    this.push(typeof text === 'string' ? Buffer.from(text) : text);
  }

  /** The other end sends no more. */
  finish(): void {
    this.push(null);
  }

  override _read(): void {
    // What arrives is pushed by the test.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    this.#take([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Callback): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #take(chunks: readonly Buffer[], done: Callback): void {
    this.writes.push(Buffer.concat(chunks));
    if (this.#holding) this.#held.push(done);
    else done();
  }
}
