/** From what happened to an exit code: one table for errors, and what became of each recipient for a message that was sent. */
import {
  isPosthasteError,
  MessageError,
  SMTPAuthenticationError,
  SMTPException,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPServerDisconnected,
  SMTPTlsError,
  type RecipientResult,
  type SendResult,
} from '../index.js';
import { CliError } from './cli-error.js';
import { mostUrgent, type ExitName } from './exit-codes.js';

/** A file that cannot be read, or changed while it was. */
const FILE_CODES = new Set(['ERR_FILE_NOT_READABLE', 'ERR_NOT_A_FILE', 'ERR_MESSAGE_CHANGED']);

const OUTBOX_EXITS: Readonly<Record<string, ExitName>> = {
  ERR_OUTBOX_NO_ENTRY: 'no-input',
  ERR_OUTBOX_STORE: 'no-input',
  ERR_OUTBOX_NEEDS_LMDB: 'configuration',
};

/** The first row that fits an error names its exit code. */
const ERRORS: readonly (readonly [fits: (error: unknown) => boolean, exit: ExitName])[] = [
  [(error) => isPosthasteError(error) && error.delivery === 'unknown', 'may-be-delivered'],
  [(error) => isPosthasteError(error) && FILE_CODES.has(error.code), 'no-input'],
  [(error) => error instanceof SMTPTlsError || error instanceof SMTPProtocolError, 'protocol'],
  [(error) => error instanceof SMTPServerDisconnected, 'try-again'],
  [(error) => error instanceof SMTPResponseException && error.reply.code < 500, 'try-again'],
  [(error) => error instanceof SMTPAuthenticationError, 'login'],
  [(error) => error instanceof SMTPException && error.stage === 'auth', 'login'],
  [(error) => error instanceof SMTPRecipientsRefused && error.retryable, 'try-again'],
  [(error) => error instanceof SMTPRecipientsRefused, 'recipient-refused'],
  [(error) => error instanceof SMTPException && error.retryable, 'try-again'],
  // Also when it showed while the message was being sent.
  [(error) => [error, causeOf(error)].some((candidate) => candidate instanceof MessageError), 'bad-message'],
  // Not supported, too large, and whatever else ended a send of which nothing is left in doubt.
  [(error) => error instanceof SMTPException, 'refused'],
  // Of a pipe or a device: the operating system's own word.
  [(error) => error instanceof Error && 'syscall' in error, 'no-input'],
];

/** An error that no row knows is a fault of this program: nobody can say what became of the message. */
export function exitOfError(error: unknown): ExitName {
  if (error instanceof CliError) return error.exit;
  const ofOutbox = isPosthasteError(error) ? OUTBOX_EXITS[error.code] : undefined;
  return ofOutbox ?? ERRORS.find(([fits]) => fits(error))?.[1] ?? 'may-be-delivered';
}

/** A message that somebody got: what became of the others. */
export function exitOfResult(result: Pick<SendResult, 'recipients'>): ExitName {
  return mostUrgent(result.recipients.map(exitOfRecipient));
}

function exitOfRecipient({ status, reply }: RecipientResult): ExitName {
  switch (status) {
    case 'accepted':
      return 'ok';
    case 'unknown':
      return 'may-be-delivered';
    case 'not-sent':
      return 'try-again';
    case 'refused':
      return reply !== undefined && reply.code < 500 ? 'try-again' : 'recipient-refused';
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
