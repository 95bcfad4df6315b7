/** Bytes that arrived and were not yet looked at. Lines come out whole; nothing is looked at twice. */

/** A "line" longer than this is given out without its end, so that a client cannot make the server keep everything. */
const longestCommand = 1_048_576;

export class Inbound {
  #buffer: Buffer = Buffer.alloc(0);
  #arrived: Buffer[] = [];
  #scanned = 0;
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  push(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.#sizeBytes += bytes.length;
  }

  #whole(): Buffer {
    if (this.#arrived.length > 0) {
      this.#buffer = Buffer.concat([this.#buffer, ...this.#arrived]);
      this.#arrived = [];
    }
    return this.#buffer;
  }

  /** The first line with its line end, without taking it. */
  peekLine(): Buffer | undefined {
    const whole = this.#whole();
    const end = whole.indexOf(10, this.#scanned);
    if (end !== -1) return whole.subarray(0, end + 1);
    this.#scanned = whole.length;
    return whole.length > longestCommand ? whole.subarray(0, longestCommand) : undefined;
  }

  /** Takes this many octets, or fewer when there are fewer. */
  take(sizeBytes: number): Buffer {
    const whole = this.#whole();
    const taken = whole.subarray(0, sizeBytes);
    this.#buffer = whole.subarray(taken.length);
    this.#sizeBytes -= taken.length;
    this.#scanned = 0;
    return taken;
  }
}
