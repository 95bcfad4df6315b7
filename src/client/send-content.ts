/**
 * What happens between 354, or an accepted recipient with BDAT, and the end of the content. Until its last octet is handed over the message is provably not sent,
 * so everything that could go wrong is looked for in front of it.
 */
import { isAscii } from 'node:buffer';
import { isPosthasteError, MessageError, SMTPException } from '../errors.js';
import type { Content, StreamOptions } from '../octets/content.js';
import { END_OF_CONTENT, frameInMemory } from '../protocol/body.js';
import { encodeCommand } from '../protocol/command.js';
import type { Transaction } from '../protocol/transaction.js';
import type { ContentPlan, Flight } from './flight.js';
import type { Limits } from './limits.js';
import type { Link } from './link.js';

/** Streamed content goes out in chunks of at least this size, but for the last (RFC 3030). */
const CHUNK_OCTETS = 65_536;

/** Handed over at a time, so that a wait for room, an early reply and an abort are seen in between. */
export const BLOCK_OCTETS = 131_072;

/**
 * Sends content and end, or feeds the reply that came before the end. Throws what makes the message `not-sent`. `behind` is
 * asked, when the end is handed over, for what goes out in the same write.
 */
export async function sendContent(
  link: Link,
  { transaction, plan, limits }: Flight,
  behind: () => readonly Uint8Array[],
): Promise<void> {
  const sender = new ContentSender(link, transaction, limits, behind);
  const { beforeContent } = plan;
  if (beforeContent !== undefined) {
    // What it throws at once is as much its rejection as what it throws later.
    const work = async (): Promise<void> => {
      await beforeContent();
    };
    await sender.during(work(), 'ERR_BEFORE_CONTENT', 'beforeContent');
  }
  // A reply that is readable now was not asked for; it must not be taken for the answer to the content.
  if (plan.framing !== 'unasked') await link.poll();
  if (sender.answeredEarly()) return;
  if (plan.framing === undefined || plan.framing === 'dot') {
    const framed = frameInMemory(plan.content);
    if (framed === undefined) await sender.sendStream(plan);
    else if (!sender.endsAtOnce(framed)) await sender.sendSegments(framed);
  } else if (plan.content.segments === undefined) {
    await sender.streamChunks(plan);
  } else {
    await sender.sendChunks(plan.content.segments, plan);
  }
  link.clock.reached('body');
}

class ContentSender {
  readonly #link: Link;
  readonly #transaction: Transaction;
  readonly #limits: Limits;
  readonly #behind: () => readonly Uint8Array[];

  constructor(link: Link, transaction: Transaction, limits: Limits, behind: () => readonly Uint8Array[]) {
    this.#link = link;
    this.#transaction = transaction;
    this.#limits = limits;
    this.#behind = behind;
  }

  /** Most messages are one block, and nothing has to be waited for. False: this one is not. */
  endsAtOnce(framed: readonly Uint8Array[]): boolean {
    if (this.#link.halfReply || octetsOf(framed) > BLOCK_OCTETS) return false;
    this.#handOverEnd(framed);
    return true;
  }

  /** Hands over framed segments in blocks; the last block holds the end of the content. */
  async sendSegments(framed: readonly Uint8Array[]): Promise<void> {
    let block: Uint8Array[] = [];
    let blockOctets = 0;
    for (const segment of framed) {
      for (let start = 0; start < segment.length; start += BLOCK_OCTETS) {
        const piece = segment.length <= BLOCK_OCTETS ? segment : segment.subarray(start, start + BLOCK_OCTETS);
        if (blockOctets + piece.length > BLOCK_OCTETS) {
          if (!(await this.#handOver(block))) return;
          block = [];
          blockOctets = 0;
        }
        block.push(piece);
        blockOctets += piece.length;
      }
    }
    await this.#end(block);
  }

  async sendStream(plan: ContentPlan): Promise<void> {
    const transient = this.#link.copies;
    const finished = await this.#read(plan, transient, async (piece) =>
      transient ? await this.#passOn(piece) : await this.#handOver([piece]),
    );
    if (finished) await this.#end([END_OF_CONTENT]);
  }

  /** Content in memory is one chunk, behind a first one of a single octet where the server has to prove itself. */
  async sendChunks(segments: readonly Uint8Array[], { bdatProven }: ContentPlan): Promise<void> {
    let rest = segments;
    if (bdatProven?.() === false) {
      const [first, ...others] = segments.filter(({ length }) => length > 0);
      if (first === undefined) throw failedWork('ERR_CONTENT_SOURCE', 'reading the content', emptyContent());
      if (!(await this.#prove(first.subarray(0, 1)))) return;
      rest = [first.subarray(1), ...others];
    }
    await this.sendSegments([this.#chunkHead(octetsOf(rest), true), ...rest]);
  }

  /** Streamed content goes out in chunks of some size; the last one when all others were taken. */
  async streamChunks(plan: ContentPlan): Promise<void> {
    let chunk: Uint8Array[] = [];
    let octets = 0;
    let proven = plan.bdatProven?.() !== false;
    // A chunk is made of several pieces.
    const finished = await this.#read(plan, false, async (piece) => {
      let rest = piece;
      if (!proven) {
        proven = true;
        if (!(await this.#prove(piece.subarray(0, 1)))) return false;
        rest = piece.subarray(1);
      }
      chunk.push(rest);
      octets += rest.length;
      if (octets < CHUNK_OCTETS) return true;
      const whole = [this.#chunkHead(octets, false), ...chunk];
      chunk = [];
      octets = 0;
      return await this.#handOver(whole, true);
    });
    if (finished && (await this.#chunksTaken())) await this.#end([this.#chunkHead(octets, true), ...chunk]);
  }

  /** Reads the source piece by piece, and closes it in any case. False: the server answered before the end. */
  async #read(
    { content, sevenBitOnly, framing }: ContentPlan,
    transient: boolean,
    take: (piece: Uint8Array) => Promise<boolean>,
  ): Promise<boolean> {
    const dotStuffing = framing === undefined || framing === 'dot';
    const source = openSource(content, { dotStuffing, transient });
    let sentOctets = 0;
    let finished = false;
    try {
      for (;;) {
        const next = await this.during(source.next(), 'ERR_CONTENT_SOURCE', 'reading the content');
        if (next === undefined) return false;
        if (next.done === true) break;
        if (sevenBitOnly && !isAscii(next.value)) throw eightBitInStream();
        sentOctets += next.value.length;
        if (next.value.length > 0 && !(await take(next.value))) return false;
      }
      if (sentOctets === 0) throw failedWork('ERR_CONTENT_SOURCE', 'reading the content', emptyContent());
      finished = true;
      return true;
    } finally {
      if (!finished) void Promise.resolve(source.return?.()).catch(() => undefined);
    }
  }

  /** The first chunk is one octet, and no more until it is taken: no line end, and so no command, is in it. */
  async #prove(octet: Uint8Array): Promise<boolean> {
    return (await this.#handOver([this.#chunkHead(1, false), octet], true)) && (await this.#chunksTaken());
  }

  /** Waits for the answers to all chunks. False: one of them was refused. */
  async #chunksTaken(): Promise<boolean> {
    const deadline = this.#link.deadline('body', this.#limits);
    for (;;) {
      if (this.answeredEarly()) return false;
      if (this.#transaction.repliesOwed === 0) return true;
      this.#link.requireOpen('body');
      await this.#link.change(deadline, 'body', this.#limits);
    }
  }

  #chunkHead(octets: number, last: boolean): Uint8Array {
    return this.#link.groupOf([encodeCommand(`BDAT ${String(octets)}${last ? ' LAST' : ''}`)], 'body');
  }

  /** Waits for work that is not the server's, watching the link. Undefined: the server answered meanwhile. */
  async during<T>(work: Promise<T>, code: string, what: string): Promise<T | undefined> {
    let settled: { readonly value: T } | { readonly error: unknown } | undefined;
    const settle = (outcome: NonNullable<typeof settled>): void => {
      settled = outcome;
      this.#link.wake();
    };
    work.then(
      (value) => {
        settle({ value });
      },
      (error: unknown) => {
        settle({ error });
      },
    );
    // Work that is done already is done in the microtasks that run before any event.
    await Promise.resolve();
    const look = (): typeof settled => settled;
    const deadline = this.#link.deadline('body', this.#limits);
    for (let outcome = look(); ; outcome = look()) {
      if (outcome !== undefined) {
        if ('value' in outcome) return outcome.value;
        throw failedWork(code, what, outcome.error);
      }
      if (this.answeredEarly()) return undefined;
      this.#link.requireOpen('body');
      await this.#link.change(deadline, 'body', this.#limits, what);
    }
  }

  /** Feeds what came before the end of the content. True: nothing more of it is to be sent. */
  answeredEarly(): boolean {
    while (!this.#transaction.settled) {
      const reply = this.#link.early();
      if (reply === undefined) return false;
      this.#transaction.feed(reply);
    }
    return true;
  }

  /** Hands over one piece, and waits until nothing of the stream needs its memory. False: the server answered before the end. */
  async #passOn(piece: Uint8Array): Promise<boolean> {
    if (this.answeredEarly()) return false;
    this.#link.requireOpen('body');
    this.#link.writeThrough(piece);
    const deadline = this.#link.deadline('body', this.#limits);
    while (this.#link.passing) {
      await this.#link.change(deadline, 'body', this.#limits);
      if (this.answeredEarly()) return false;
    }
    return true;
  }

  /** Hands over one block, a chunk with its own reply where it is one, and waits for room. False: the server answered before the end. */
  async #handOver(block: readonly Uint8Array[], isChunk = false): Promise<boolean> {
    if (this.answeredEarly()) return false;
    this.#link.requireOpen('body');
    this.#link.write(block);
    if (isChunk) this.#transaction.chunkWritten();
    const deadline = this.#link.deadline('body', this.#limits);
    while (this.#link.congested) {
      await this.#link.change(deadline, 'body', this.#limits);
      if (this.answeredEarly()) return false;
    }
    return true;
  }

  /** Hands over the block that ends the content. From then on the message may have been delivered (RFC 1047). */
  async #end(block: readonly Uint8Array[]): Promise<void> {
    const deadline = this.#link.deadline('body', this.#limits);
    // Half a reply is here already: it answers no end that was not sent, so its other half is waited for.
    while (this.#link.halfReply && this.#transaction.repliesOwed === 0) {
      this.#link.requireOpen('body');
      await this.#link.change(deadline, 'body', this.#limits);
    }
    if (!this.answeredEarly()) this.#handOverEnd(block);
  }

  #handOverEnd(block: readonly Uint8Array[]): void {
    this.#link.requireOpen('body');
    this.#transaction.endContent();
    this.#link.write(block.concat(this.#behind()));
  }
}

/** One that was read before, as when the same message is sent twice, says so at once. */
function openSource(content: Content, options: StreamOptions): AsyncIterator<Uint8Array> {
  try {
    return content.stream(options)[Symbol.asyncIterator]();
  } catch (error) {
    throw failedWork('ERR_CONTENT_SOURCE', 'reading the content', error);
  }
}

function octetsOf(segments: readonly Uint8Array[]): number {
  let octets = 0;
  for (const { length } of segments) octets += length;
  return octets;
}

function eightBitInStream(): SMTPException {
  return new SMTPException('the streamed content has 8-bit octets, and the server does not offer 8BITMIME', {
    code: 'ERR_EIGHT_BIT_CONTENT',
    stage: 'body',
    hint: 'Encode the message as quoted-printable or base64 (RFC 6152).',
  });
}

export function emptyContent(): MessageError {
  return new MessageError('the message is empty', {
    code: 'ERR_MESSAGE_EMPTY',
    hint: 'A message has at least a header block.',
  });
}

/** What the caller's own work threw, wrapped so that it tells what became of the message; ours keep their code. */
function failedWork(code: string, what: string, cause: unknown): SMTPException {
  const ours = isPosthasteError(cause) ? cause : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SMTPException(ours === undefined ? `${what} failed: ${message}` : message, {
    code: ours?.code ?? code,
    stage: 'body',
    hint: ours?.hint ?? 'The connection was destroyed before the end of the message: nothing was delivered.',
    cause,
  });
}
