/**
 * Who is tried again. Only what is provably not delivered and may succeed later: a recipient that was refused for now (4xx), or one
 * whose message never left. Never one whose fate is not known, unless the caller says that twice is better than never.
 */
import { MessageError, type SMTPException } from '../errors.js';
import { classOf, isShutdown } from '../protocol/reply.js';
import type { Outcome } from '../protocol/transaction.js';
import { checkDuration } from '../client/options.js';

export interface RetryOptions {
  /** How many times a message is tried in all, the first time included. */
  attempts: number;
  /**
   * How long to wait behind attempt 1, 2, ... in milliseconds. Default: 1 s, doubled each time, at most a minute, and up to half of
   * that taken off at random, so that many messages do not come back at the same moment. A greylisting server wants minutes.
   */
  backoffMs?: (attempt: number) => number;
  /** `retry`: also what may have been delivered already, which then may arrive twice. Default `never`. */
  onUnknown?: 'never' | 'retry';
}

export interface RetryPolicy {
  readonly attempts: number;
  readonly backoffMs: (attempt: number) => number;
  readonly unknownToo: boolean;
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveRetry(given: RetryOptions | undefined): RetryPolicy {
  const { attempts = 1, backoffMs = defaultBackoffMs, onUnknown = 'never' } = given ?? {};
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw invalid(`retry.attempts must be a whole number above 0, not ${String(attempts)}`, 'Write 1 for no retry.');
  }
  if (typeof backoffMs !== 'function') throw invalid('retry.backoffMs must be a function', 'It gets 1, 2, ...');
  // A caller without types may write anything.
  const wanted: string = onUnknown;
  if (wanted !== 'never' && wanted !== 'retry') {
    throw invalid(`retry.onUnknown is ${JSON.stringify(onUnknown)}`, "It is 'never' or 'retry'.");
  }
  return { attempts, backoffMs, unknownToo: onUnknown === 'retry' };
}

/** What the caller's function said, if it is a time. */
export function pauseOf(policy: RetryPolicy, attempt: number): number {
  const pauseMs: unknown = policy.backoffMs(attempt);
  if (pauseMs === 0) return 0;
  checkDuration('what retry.backoffMs gave', pauseMs);
  return pauseMs;
}

function defaultBackoffMs(attempt: number): number {
  return Math.min(1_000 * 2 ** (attempt - 1), 60_000) * (1 - Math.random() / 2);
}

export interface Circumstances {
  /** What the outcome comes to as an exception; undefined when nothing failed. */
  readonly error: SMTPException | undefined;
  readonly requireAllRecipients: boolean;
  readonly unknownToo: boolean;
}

/** Positions of those that may be tried again, ascending. */
export function temporaryOf({ recipients }: Outcome, circumstances: Circumstances): readonly number[] {
  const { error, requireAllRecipients, unknownToo } = circumstances;
  const again: number[] = [];
  for (const [position, { status, reply }] of recipients.entries()) {
    const refusedForNow = status === 'refused' && reply !== undefined && classOf(reply) === 'transient';
    const refusedForGood = status === 'refused' && !refusedForNow;
    // One refusal for good is the end for all of them.
    if (requireAllRecipients && refusedForGood) return [];
    const neverLeft = status === 'not-sent' && (error?.retryable === true || requireAllRecipients);
    if (refusedForNow || neverLeft || (status === 'unknown' && unknownToo)) again.push(position);
  }
  // All or nothing: what failed here without a refusal decides whether it is worth another try.
  if (requireAllRecipients && again.length > 0 && error !== undefined && !error.retryable) return [];
  return again;
}

/** Whether the content was not begun: one that can be read only once is still whole. */
export function contentUntouched({ failure, finalReply }: Outcome): boolean {
  if (failure === undefined || finalReply !== undefined) return false;
  if (failure.kind === 'sender-refused') return true;
  return failure.stage === 'mail' || failure.stage === 'rcpt' || failure.stage === 'data';
}

/**
 * Whether the server closed the session with 421 in front of the content. On a connection that carried messages before, that is its
 * way to say how many it takes; it says nothing about this message.
 */
export function closedInFront({ failure, recipients }: Outcome): boolean {
  switch (failure?.kind) {
    case 'sender-refused':
      return isShutdown(failure.reply);
    case 'data-refused':
      return failure.stage === 'data' && isShutdown(failure.reply);
    case 'recipients-refused':
      return failure.stage === 'rcpt' && recipients.every(({ reply }) => reply !== undefined && isShutdown(reply));
    default:
      return false;
  }
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
