/** Reads what the client sends strictly one thing at a time: a command, a content, a chunk of BDAT. */
import { ContentCollector } from './content.js';
import { Mismatch, shownCommand } from './failures.js';
import type { ReceivedCommand } from './records.js';
import type { ServerWire } from './server-wire.js';

export class Intake {
  readonly #wire: ServerWire;
  #content: ContentCollector | undefined;
  #chunks: Buffer[] = [];

  constructor(wire: ServerWire) {
    this.#wire = wire;
  }

  /** Whether lines are content now: some of it has come, or DATA was answered with 354. */
  get inContent(): boolean {
    return this.#content !== undefined || this.#wire.ledger.contentIsDue;
  }

  /** The next line with its line end, not yet taken; undefined when the client has closed. No limit: no Mismatch. */
  async peekLine(expected: string, limitMs: number | undefined): Promise<Buffer | undefined> {
    const { inbound } = this.#wire;
    const line = await this.#wire.until(() => inbound.peekLine() ?? (this.#wire.gone ? null : undefined), limitMs);
    if (line === undefined) {
      const partial = inbound.take(inbound.sizeBytes);
      const got = partial.length === 0 ? 'nothing' : `${shownCommand(partial)} without a line end`;
      throw new Mismatch(expected, `${got} within ${String(limitMs)} ms`);
    }
    return line ?? undefined;
  }

  #take(): Buffer {
    const { inbound } = this.#wire;
    // A copy: what is recorded must not keep a whole read alive.
    return Buffer.from(inbound.take(inbound.peekLine()?.length ?? 0));
  }

  /** Takes the line that was looked at, as a command or as the answer to a challenge. */
  takeCommand(response = false): ReceivedCommand {
    const command = this.#wire.ledger.command(this.#take(), response);
    this.#wire.ring();
    return command;
  }

  #collect(): ContentCollector {
    if (this.#content === undefined) {
      if (this.#wire.ledger.message === undefined) this.#wire.ledger.beginContent('data');
      this.#content = new ContentCollector();
    }
    return this.#content;
  }

  #finish(collector: ContentCollector, complete: boolean): void {
    this.#content = undefined;
    this.#wire.ledger.endContent(collector.raw(), complete);
    this.#wire.ring();
  }

  /** Takes the line that was looked at as a line of content. */
  takeContentLine(): void {
    const collector = this.#collect();
    collector.feed(this.#take());
    if (collector.ended) this.#finish(collector, true);
  }

  /**
   * Reads content up to its lone dot, or until `firstBytes` octets of it are there. `ended`, `partial`, or `gone` when the
   * client closed before.
   */
  async content(firstBytes: number | undefined, limitMs: number | undefined): Promise<'ended' | 'partial' | 'gone'> {
    const { inbound } = this.#wire;
    const collector = this.#collect();
    const state = await this.#wire.until(() => {
      const arrived = inbound.take(inbound.sizeBytes);
      inbound.push(arrived.subarray(collector.feed(arrived)));
      if (collector.ended) return 'ended';
      if (firstBytes !== undefined && collector.sizeBytes >= firstBytes) return 'partial';
      return this.#wire.gone ? 'gone' : undefined;
    }, limitMs);
    if (state === undefined) {
      throw new Mismatch(
        firstBytes === undefined ? 'the end of the content' : `${String(firstBytes)} octets of content`,
        `${String(collector.sizeBytes)} octets and nothing more within ${String(limitMs)} ms`,
      );
    }
    if (state !== 'partial') this.#finish(collector, state === 'ended');
    return state;
  }

  /** Reads one chunk of BDAT (RFC 3030). False when the client closed before its end. */
  async chunk(sizeBytes: number, last: boolean, limitMs: number | undefined): Promise<boolean> {
    const { inbound, ledger } = this.#wire;
    if (ledger.message === undefined) ledger.beginContent('bdat');
    const arrived = (): boolean | undefined =>
      inbound.sizeBytes >= sizeBytes ? true : this.#wire.gone ? false : undefined;
    const whole = await this.#wire.until(arrived, limitMs);
    if (whole === undefined) {
      const got = `${String(inbound.sizeBytes)} octets within ${String(limitMs)} ms`;
      throw new Mismatch(`a chunk of ${String(sizeBytes)} octets`, got);
    }
    ledger.note(whole ? 'C: <bdat>' : '# the chunk is incomplete');
    this.#chunks.push(Buffer.from(inbound.take(sizeBytes)));
    if (last || !whole) this.#endChunks(whole);
    this.#wire.ring();
    return whole;
  }

  /** Reads and drops this many octets. False when the client closed before. */
  async discard(sizeBytes: number): Promise<boolean> {
    const { inbound } = this.#wire;
    const whole = await this.#wire.until(
      () => (inbound.sizeBytes >= sizeBytes ? true : this.#wire.gone ? false : undefined),
      undefined,
    );
    inbound.take(sizeBytes);
    return whole === true;
  }

  #endChunks(complete: boolean): void {
    const raw = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#wire.ledger.endContent(raw, complete);
  }

  /** Books what has begun and did not end: the client is gone, or gave the transaction up. */
  abandon(): void {
    if (this.#content !== undefined) this.#finish(this.#content, false);
    else if (this.#wire.ledger.message !== undefined) this.#endChunks(false);
  }
}
