/**
 * What happens between 354 and the end of the content. Until its last octet is handed over the message is provably not sent,
 * so everything that could go wrong is looked for in front of it.
 */
import { isAscii } from 'node:buffer';
import { isPosthasteError, MessageError, SMTPException } from '../errors.js';
import type { Content } from '../octets/content.js';
import { END_OF_CONTENT, frameInMemory } from '../protocol/body.js';
import type { Transaction } from '../protocol/transaction.js';
import type { Flight } from './flight.js';
import type { Limits } from './limits.js';
import type { Link } from './link.js';

export interface ContentPlan {
  readonly content: Content;
  /** Content whose octets are not known yet goes to a server without 8BITMIME: an octet above 127 ends the send. */
  readonly sevenBitOnly: boolean;
  /** Awaited behind 354, in front of the first octet. */
  readonly beforeContent: (() => Promise<void>) | undefined;
}

/** Handed over at a time, so that a wait for room, an early reply and an abort are seen in between. */
const BLOCK_OCTETS = 131_072;

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
  await link.poll();
  if (sender.answeredEarly()) return;
  const framed = frameInMemory(plan.content);
  if (framed === undefined) await sender.sendStream(plan);
  else await sender.sendSegments(framed);
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

  async sendStream({ content, sevenBitOnly }: ContentPlan): Promise<void> {
    const source = content.stream({ dotStuffing: true })[Symbol.asyncIterator]();
    let sentOctets = 0;
    let finished = false;
    try {
      for (;;) {
        const next = await this.during(source.next(), 'ERR_CONTENT_SOURCE', 'reading the content');
        if (next === undefined) return;
        if (next.done === true) break;
        if (sevenBitOnly && !isAscii(next.value)) throw eightBitInStream();
        sentOctets += next.value.length;
        if (next.value.length > 0 && !(await this.#handOver([next.value]))) return;
      }
      if (sentOctets === 0) throw failedWork('ERR_CONTENT_SOURCE', 'reading the content', emptyContent());
      finished = true;
    } finally {
      if (!finished) void Promise.resolve(source.return?.()).catch(() => undefined);
    }
    await this.#end([END_OF_CONTENT]);
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

  /** Feeds a reply that came before the end of the content. */
  answeredEarly(): boolean {
    if (this.#transaction.settled) return true;
    const reply = this.#link.early();
    if (reply === undefined) return false;
    this.#transaction.feed(reply);
    return true;
  }

  /** Hands over one block and waits for room. False: the server answered before the end. */
  async #handOver(block: readonly Uint8Array[]): Promise<boolean> {
    if (this.answeredEarly()) return false;
    this.#link.requireOpen('body');
    this.#link.write(block);
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
    while (this.#link.halfReply) {
      this.#link.requireOpen('body');
      await this.#link.change(deadline, 'body', this.#limits);
    }
    if (this.answeredEarly()) return;
    this.#link.requireOpen('body');
    this.#transaction.endContent();
    this.#link.write([...block, ...this.#behind()]);
  }
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
