/** What goes wrong with the outbox itself, as opposed to a message or a server. One class; the code says which. */
import { SMTPException, type SMTPExceptionOptions } from '../index.js';

/**
 * - `ERR_OUTBOX_KEY_CONFLICT`: the key stands for another message.
 * - `ERR_OUTBOX_FULL`: the store has no room; `retryable`.
 * - `ERR_OUTBOX_STORE`: the store failed; `cause` has its error.
 * - `ERR_OUTBOX_NO_ENTRY`: there is no entry of that id.
 * - `ERR_OUTBOX_STATE`: the entry is in a state that does not allow it; `retryable` where that passes.
 * - `ERR_OUTBOX_NO_MAILER`: `start()` of an outbox that was opened without a mailer.
 * - `ERR_OUTBOX_NOT_STARTED`: `drain()` while nothing is being sent.
 * - `ERR_OUTBOX_CLOSED`: the outbox is closed.
 * - `ERR_OUTBOX_NEEDS_LMDB`: npm `lmdb` is not installed.
 */
export type OutboxErrorCode =
  | 'ERR_OUTBOX_KEY_CONFLICT'
  | 'ERR_OUTBOX_FULL'
  | 'ERR_OUTBOX_STORE'
  | 'ERR_OUTBOX_NO_ENTRY'
  | 'ERR_OUTBOX_STATE'
  | 'ERR_OUTBOX_NO_MAILER'
  | 'ERR_OUTBOX_NOT_STARTED'
  | 'ERR_OUTBOX_CLOSED'
  | 'ERR_OUTBOX_NEEDS_LMDB';

export class OutboxError extends SMTPException {
  declare readonly code: OutboxErrorCode;

  constructor(message: string, options: SMTPExceptionOptions & { readonly code: OutboxErrorCode }) {
    super(message, { retryable: false, ...options });
  }
}
