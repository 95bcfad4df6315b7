/**
 * What a message is rejected with that is not tried (again): nothing of it was delivered, and the error says whose doing that was.
 * `recipients`: what the servers said of them, where it was tried before.
 */
import { isPosthasteError, SMTPAbortedError, SMTPException, SMTPTimeoutError, type PosthasteError } from '../errors.js';
import type { RecipientResult } from '../types.js';

export function closedError(recipients: readonly RecipientResult[] = []): SMTPException {
  return new SMTPException('the mailer was closed before the message was sent', {
    code: 'ERR_MAILER_CLOSED',
    stage: 'command',
    recipients,
    retryable: true,
    hint: 'close() without { drain: false } sends what was taken in.',
  });
}

export function abandonedError(recipients: readonly RecipientResult[] = []): SMTPException {
  return new SMTPException('nobody waits for the message any more, and it was not begun', {
    code: 'ERR_ABANDONED',
    stage: 'command',
    recipients,
    retryable: true,
    hint: 'The loop over sendAll() was left.',
  });
}

export function abortedError(reason: unknown, recipients: readonly RecipientResult[] = []): SMTPAbortedError {
  return new SMTPAbortedError('aborted by the caller before the message was begun', {
    stage: 'command',
    recipients,
    cause: reason,
    hint: 'The signal that was given has fired; its reason is the cause of this error.',
  });
}

export function lateError(timeoutMs: number, recipients: readonly RecipientResult[] = []): SMTPTimeoutError {
  const what =
    recipients.length === 0 ? 'did not get its turn within' : 'was tried in vain, and was not to be tried again within';
  return new SMTPTimeoutError(`the message ${what} ${String(timeoutMs)} ms`, {
    stage: 'command',
    recipients,
    timeoutMs,
    retryable: true,
    hint:
      recipients.length === 0
        ? 'Allow more connections, or a longer deadlineMs; the message was not sent.'
        : 'Allow a longer deadlineMs, or a shorter retry.backoffMs; error.recipients has what the server said.',
  });
}

/** What the source of a message, or a function among its options, threw in front of the transaction. Ours stay as they are. */
export function sourceError(cause: unknown): PosthasteError {
  if (isPosthasteError(cause)) return cause;
  return new SMTPException(`the message could not be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: 'ERR_CONTENT_SOURCE',
    stage: 'body',
    hint: 'Look at the source of the message, and at the functions among its options; nothing was sent.',
    cause,
  });
}
