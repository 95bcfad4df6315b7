// Messages that are sent in front of and behind the one that a scenario looks at, so that it rides and is ridden on. They go to
// a mailbox of their own, and each must lie there once, octet for octet.
import { byteDifference } from './byte-difference.js';
import { content } from './contents.js';
import { NEIGHBOUR } from './mailboxes.js';
import type { Arrival } from './servers/server.js';

let count = 0;

export class Neighbours {
  readonly #expected = new Map<string, Buffer>();

  get outstanding(): boolean {
    return this.#expected.size > 0;
  }

  make(): { readonly name: string; readonly bytes: Buffer } {
    count += 1;
    const name = `neighbour ${String(count)}`;
    return { name, bytes: content(name, `.${name}\r\n..\r\n.\r\n`) };
  }

  /** It was accepted, so it must be among what is taken next. */
  expect(name: string, bytes: Buffer): void {
    this.#expected.set(name, bytes);
  }

  /** Takes the neighbours out of what has arrived: those expected, no other, each once. */
  take(arrivals: readonly Arrival[]): Arrival[] {
    const ours = arrivals.filter(({ recipient }) => recipient === NEIGHBOUR);
    for (const { bytes } of ours) {
      const name = /^Subject: (.*)\r$/m.exec(bytes.toString('latin1'))?.[1] ?? '';
      const expected = this.#expected.get(name);
      if (expected === undefined) throw new Error(`A neighbour arrived that was not accepted, or twice: ${name}`);
      expect(byteDifference(bytes, expected)).toBeUndefined();
      this.#expected.delete(name);
    }
    expect([...this.#expected.keys()]).toEqual([]);
    return arrivals.filter(({ recipient }) => recipient !== NEIGHBOUR);
  }
}
