/** What a message that never had its transaction is rejected with: nothing of it was sent, and the error says whose doing that was. */
import { SMTPAbortedError, SMTPException, SMTPTimeoutError } from '../errors.js';

export function closedError(): SMTPException {
  return new SMTPException('the mailer was closed before the message was sent', {
    code: 'ERR_MAILER_CLOSED',
    stage: 'command',
    retryable: true,
    hint: 'close() without { drain: false } sends what was taken in.',
  });
}

export function abandonedError(): SMTPException {
  return new SMTPException('nobody waits for the message any more, and it was not begun', {
    code: 'ERR_ABANDONED',
    stage: 'command',
    retryable: true,
    hint: 'The loop over sendAll() was left.',
  });
}

export function abortedError(reason: unknown): SMTPAbortedError {
  return new SMTPAbortedError('aborted by the caller before the message was begun', {
    stage: 'command',
    cause: reason,
    hint: 'The signal that was given has fired; its reason is the cause of this error.',
  });
}

export function lateError(timeoutMs: number): SMTPTimeoutError {
  return new SMTPTimeoutError(`the message did not get its turn within ${String(timeoutMs)} ms`, {
    stage: 'command',
    timeoutMs,
    retryable: true,
    hint: 'Allow more connections, or a longer deadlineMs; the message was not sent.',
  });
}
