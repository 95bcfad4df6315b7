/** Standard input as sendmail reads it: to its end, or, without -i, to a line with a dot alone. */
import { addAbortSignal, type Readable } from 'node:stream';
import { CliError } from '../cli-error.js';
import { PIPE_LIMIT_BYTES } from '../input.js';

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;

export async function readMessage(stdin: Readable, dotEnds: boolean, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const finder = new DotLine();
  for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer>) {
    const end = dotEnds ? finder.push(chunk) : undefined;
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (end !== undefined) return Buffer.concat(chunks).subarray(0, end);
    if (sizeBytes > PIPE_LIMIT_BYTES) {
      throw new CliError('bad-message', `the input is larger than ${String(PIPE_LIMIT_BYTES)} octets`);
    }
  }
  const octets = Buffer.concat(chunks);
  // A dot may also be the last line of all, without a line end.
  return dotEnds && finder.endsWithDot ? octets.subarray(0, -1) : octets;
}

/** Finds the line at every split. */
class DotLine {
  /** Octets before the chunk. */
  #before = 0;
  /** What stands at the end of the last chunk: the beginning of a line, a dot there, a dot and a CR there, or other text. */
  #state: 'start' | 'dot' | 'dot-cr' | 'text' = 'start';
  #lineStart = 0;

  get endsWithDot(): boolean {
    return this.#state === 'dot';
  }

  /** Where the line begins, once it has come. */
  push(chunk: Uint8Array): number | undefined {
    for (let position = 0; position < chunk.length; position += 1) {
      const octet = chunk[position];
      if (this.#state === 'text') {
        const end = chunk.indexOf(LF, position);
        if (end === -1) break;
        position = end;
        this.#begin(end);
        continue;
      }
      if (octet === LF) {
        if (this.#state !== 'start') return this.#lineStart;
        this.#begin(position);
      } else if (octet === DOT && this.#state === 'start') this.#state = 'dot';
      else if (octet === CR && this.#state === 'dot') this.#state = 'dot-cr';
      else this.#state = 'text';
    }
    this.#before += chunk.length;
    return undefined;
  }

  #begin(end: number): void {
    this.#state = 'start';
    this.#lineStart = this.#before + end + 1;
  }
}
