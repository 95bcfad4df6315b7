/**
 * From what a transaction came to, to what the caller gets: a SendResult when at least one recipient was accepted, else one
 * exception that carries what is known about every recipient.
 */
import {
  describeReply,
  SMTPAbortedError,
  SMTPDataError,
  SMTPException,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
} from '../errors.js';
import { classOf } from '../protocol/reply.js';
import type { Failure, Outcome } from '../protocol/transaction.js';
import type { Delivery, Envelope, RecipientResult, Reply, SendResult, Timing, TlsInfo, Warning } from '../types.js';
import { queueIdOf } from './queue-id.js';

export interface SendFacts {
  readonly envelope: Envelope;
  readonly messageId: string | undefined;
  readonly sizeBytes: number;
  readonly tls: TlsInfo | undefined;
  readonly warnings: readonly Warning[];
  readonly timing: Timing;
}

/** Throws the exception that the outcome calls for, when nobody was accepted. */
export function settle(outcome: Outcome, facts: SendFacts): SendResult {
  const { recipients, finalReply } = outcome;
  const accepted: string[] = [];
  let last: RecipientResult | undefined;
  for (const result of recipients) {
    if (result.status !== 'accepted') continue;
    accepted.push(result.address);
    last = result;
  }
  if (accepted.length === 0 || finalReply === undefined) throw exceptionOf(outcome, facts.envelope.from);
  // Written out: spreading this many properties costs as much as a write to the socket.
  return {
    envelope: facts.envelope,
    messageId: facts.messageId,
    sizeBytes: facts.sizeBytes,
    tls: facts.tls,
    warnings: facts.warnings,
    timing: facts.timing,
    recipients,
    accepted,
    refused: refusedOf(recipients),
    reply: finalReply,
    // LMTP's last reply may be a refusal.
    queueId: queueIdOf(last?.reply ?? finalReply),
  };
}

/** Python's dictionary: address to reply. Of a mailbox that was given twice, the last reply. */
export function refusedOf(recipients: readonly RecipientResult[]): ReadonlyMap<string, Reply> {
  const refused = new Map<string, Reply>();
  for (const { status, address, reply } of recipients) {
    if (status === 'refused' && reply !== undefined) refused.set(address, reply);
  }
  return refused;
}

const UNKNOWN_HINT =
  'The message may have been delivered: its end was sent, and no complete answer came. Sending it again may deliver it twice.';

export function exceptionOf(outcome: Outcome, sender: string): SMTPException {
  const { recipients, failure } = outcome;
  const unknown = recipients.some(({ status }) => status === 'unknown');
  const delivery: Delivery = unknown ? 'unknown' : 'not-sent';
  const known = unknown
    ? { recipients, delivery, retryable: false, hint: UNKNOWN_HINT }
    : { recipients, delivery, retryable: true };
  switch (failure?.kind) {
    case 'sender-refused':
      return new SMTPSenderRefused(`the server refused the sender <${sender}>: ${describeReply(failure.reply)}`, {
        reply: failure.reply,
        sender,
        recipients,
        hint: hintFor(failure.reply),
      });
    case 'recipients-refused':
      return recipientsRefused(recipients, failure.stage);
    case 'data-refused':
      return new SMTPDataError(`the server refused the message: ${describeReply(failure.reply)}`, {
        reply: failure.reply,
        stage: failure.stage,
        recipients,
        // Some may have been refused for now, by RCPT, and the others for good, here.
        retryable: [failure.reply, ...refusedOf(recipients).values()].some((reply) => classOf(reply) === 'transient'),
        hint: hintFor(failure.reply),
      });
    case 'protocol':
      return new SMTPProtocolError(failure.reason, {
        stage: failure.stage,
        hint: 'Is this an SMTP server, and is nothing in between that rewrites the session? The connection was destroyed.',
        ...known,
      });
    case 'lost':
      return lostException(failure, known);
    case undefined:
      return ownFault('the transaction ended without an answer', undefined, known);
  }
}

function recipientsRefused(recipients: readonly RecipientResult[], stage: 'rcpt' | 'final'): SMTPRecipientsRefused {
  const refused = refusedOf(recipients);
  const [first] = refused;
  const example = first === undefined ? '' : `: <${first[0]}> ${describeReply(first[1])}`;
  const more = refused.size > 1 ? ` (and ${String(refused.size - 1)} more)` : '';
  const all = recipients.every(({ status }) => status === 'refused');
  return new SMTPRecipientsRefused(`the server refused ${all ? 'every recipient' : 'a recipient'}${example}${more}`, {
    refused,
    recipients,
    // LMTP refuses behind the content, recipient by recipient.
    stage: stage === 'final' ? 'body' : 'rcpt',
    hint: 'The reply of each one is in error.refused.',
  });
}

interface Known {
  readonly recipients: readonly RecipientResult[];
  readonly delivery: Delivery;
  readonly retryable: boolean;
  readonly hint?: string;
}

/** The same error as the driver's, of the same class, with what it means for the message. */
function lostException(failure: Extract<Failure, { kind: 'lost' }>, known: Known): SMTPException {
  const { cause } = failure;
  if (!(cause instanceof SMTPException)) {
    return ownFault('the send failed within this library', cause, known);
  }
  const { message, code, stage } = cause;
  const retryable = known.delivery === 'not-sent' && cause.retryable;
  const options = { code, stage, cause: cause.cause, ...known, retryable, hint: known.hint ?? cause.hint };
  if (cause instanceof SMTPTimeoutError)
    return new SMTPTimeoutError(message, { ...options, timeoutMs: cause.timeoutMs });
  if (cause instanceof SMTPAbortedError) return new SMTPAbortedError(message, options);
  if (cause instanceof SMTPServerDisconnected) return new SMTPServerDisconnected(message, options);
  return new SMTPException(message, options);
}

function ownFault(message: string, cause: unknown, known: Known): SMTPException {
  const hint = known.hint ?? 'This is a fault of the library: please report it, with the cause.';
  return new SMTPException(message, { code: 'ERR_INTERNAL', cause, ...known, retryable: false, hint });
}

function hintFor(reply: Reply): string {
  return reply.code < 500
    ? 'The server asks to try again later.'
    : 'The server will not take it; change the message or the envelope.';
}
