/** What programs read: one object per message. docs/cli.md describes it; fields are added, never renamed. */
import {
  isPosthasteError,
  SMTPException,
  SMTPResponseException,
  type EnvelopeExplanation,
  type RecipientResult,
  type Reply,
  type SendResult,
} from '../index.js';
import { CliError } from './cli-error.js';
import { EXIT_CODES } from './exit-codes.js';
import { exitOfError, exitOfResult } from './exit-of-error.js';
import { hintFor } from './hints.js';
import { withoutPasswords } from './one-line.js';

export function resultJson(file: string, result: SendResult): object {
  const { envelope, recipients, accepted, reply, queueId, messageId, sizeBytes, tls, warnings } = result;
  return {
    file: withoutPasswords(file),
    status: accepted.length === recipients.length ? 'sent' : 'partly-sent',
    exitCode: EXIT_CODES[exitOfResult(result)].code,
    envelope,
    recipients: recipients.map(recipientJson),
    reply: replyJson(reply),
    queueId: queueId ?? null,
    messageId: messageId ?? null,
    sizeBytes,
    tls: tls === undefined ? null : { protocol: tls.protocol, cipher: tls.cipher, authorized: tls.authorized },
    warnings,
  };
}

export function explanationJson(file: string, explanation: EnvelopeExplanation, sizeBytes: number): object {
  const { from, to, resent, sources, removed, warnings } = explanation;
  return {
    file: withoutPasswords(file),
    status: 'dry-run',
    exitCode: EXIT_CODES.ok.code,
    envelope: { from, to },
    resent,
    sources,
    removed,
    sizeBytes,
    warnings,
  };
}

/** `status` is the error's word on delivery: `not-sent`, `refused` or `unknown`. */
export function failureJson(file: string, error: unknown): object {
  const exit = exitOfError(error);
  return {
    file: withoutPasswords(file),
    status: isPosthasteError(error) ? error.delivery : exit === 'may-be-delivered' ? 'unknown' : 'not-sent',
    exitCode: EXIT_CODES[exit].code,
    error: errorJson(error),
    recipients: error instanceof SMTPException ? error.recipients.map(recipientJson) : [],
  };
}

export function errorJson(error: unknown, hints?: Readonly<Record<string, string>>): object {
  const ours = isPosthasteError(error) ? error : undefined;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return {
    name,
    code: ours?.code ?? codeOf(error),
    message: withoutPasswords(message),
    hint: hintFor(error, hints) ?? null,
    retryable: ours?.retryable ?? exitOfError(error) === 'try-again',
    reply: error instanceof SMTPResponseException ? replyJson(error.reply) : null,
  };
}

export function recipientJson({ index, address, status, stage, reply }: RecipientResult): object {
  return { index, address, status, stage, reply: reply === undefined ? null : replyJson(reply) };
}

export function replyJson({ code, enhancedCode, text }: Reply): object {
  return { code, enhancedCode: enhancedCode ?? null, text };
}

function codeOf(error: unknown): string {
  if (error instanceof CliError) return `ERR_${error.exit.replaceAll('-', '_').toUpperCase()}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'ERR_INTERNAL';
}
