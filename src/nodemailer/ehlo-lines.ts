/** What a server said to EHLO, out of the lines of the conversation: the answer is traced in one piece. */
import type { WireEvent } from '../index.js';

export class EhloLines {
  #lines: readonly string[] = [];
  #coming: string[] = [];

  /** The lines behind the first one of the last answer to EHLO or LHLO. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  see({ direction, stage, text }: WireEvent): void {
    if (direction !== 'received' || stage !== 'hello') return;
    const line = /^250([ -])(.*)$/.exec(text);
    if (line === null) {
      this.#coming = [];
      return;
    }
    this.#coming.push(line[2] ?? '');
    if (line[1] === '-') return;
    this.#lines = this.#coming.slice(1);
    this.#coming = [];
  }
}
