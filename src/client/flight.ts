/**
 * A flight is one transaction on its way over a connection, with all that is its own: its content, its limits, its clock. It
 * may be written behind the content of another one, and is answered in its turn.
 */
import type { Content } from '../octets/content.js';
import type { Outcome, Transaction } from '../protocol/transaction.js';
import type { Limits } from './limits.js';
import type { StageClock } from './stage-clock.js';

export interface ContentPlan {
  readonly content: Content;
  /** Content whose octets are not known yet goes to a server without 8BITMIME: an octet above 127 ends the send. */
  readonly sevenBitOnly: boolean;
  /** Awaited behind 354, or an accepted recipient with BDAT, in front of the first octet. */
  readonly beforeContent: (() => Promise<void>) | undefined;
  /** `dot`: DATA. `bdat`: counted chunks. `unasked`: so, and it does not wait for the answers to MAIL and RCPT. Default `dot`. */
  readonly framing?: 'dot' | 'bdat' | 'unasked';
  /**
   * Whether this server has taken a chunk before; asked when the first one is written. One that reads a chunk as commands, as it
   * does not know BDAT after all, is to be found out with a single octet. Default: it has.
   */
  readonly bdatProven?: (() => boolean) | undefined;
}

export interface Flight {
  readonly transaction: Transaction;
  readonly plan: ContentPlan;
  readonly limits: Limits;
  readonly clock: StageClock;
}

/** A flight that is written before its turn. What becomes of it before that turn comes, it is told; exactly one of them. */
export interface Rider extends Flight {
  /** It was aborted or its time was up, or its content had left and no answer will come. */
  landed(outcome: Outcome): void;
  /** Nothing of its content left, and that was not its own fault. */
  turnedBack(cause: Error): void;
}

/** Who may be written behind a content whose answer is not there yet. */
export interface Followers {
  /** Asked when it can be written at once. `quit`: say QUIT, nobody comes behind it. */
  next(): Rider | 'quit' | undefined;
  /** The answer lets its rider wait so long that it is turned back. */
  slow(): void;
  /** What became of the head; told before its riders are told anything. */
  answered(outcome: Outcome): void;
}

/** A final reply that takes longer than this may take much longer: nobody waits behind it. */
export const LONGEST_RIDE_MS = 5_000;
