/**
 * What an attempt comes to: for each recipient, and for the entry. One rule: who was accepted is never asked again, and only what was
 * said about the message ends it; what is wrong with the server, or with how it is reached, is waited for. Pure.
 */
import {
  isPosthasteError,
  MessageError,
  MessageTooLargeError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  type PosthasteError,
  type RecipientResult,
  type Reply,
  type SendResult,
} from '../index.js';
import type { OutboxFailure, OutboxRecipient } from './entry.js';
import { changed, finalState } from './record.js';
import type { OutboxRecord } from './store.js';

export type Attempted =
  | { readonly result: SendResult }
  /** `departed`: the content may have left when it was thrown. */
  | { readonly error: unknown; readonly departed: boolean };

export interface VerdictOptions {
  readonly onUnknown: 'hold' | 'retry';
  readonly nowMs: number;
  /** How long to wait behind the attempt of that number. */
  readonly backoffMs: (attempt: number) => number;
}

/** @param positions the numbers of the recipients that were tried, in the order in which they were given. */
export function verdictOf(
  record: OutboxRecord,
  positions: readonly number[],
  attempted: Attempted,
  options: VerdictOptions,
): OutboxRecord {
  const told = toldOf(attempted);
  const recipients = [...record.recipients];
  for (const [place, position] of positions.entries()) {
    const before = record.recipients[position];
    if (before === undefined) continue;
    const after = recipientAfter(before, told.get(place), attempted);
    recipients[position] =
      after.status === 'unknown' && options.onUnknown === 'retry' ? { ...after, status: 'pending' } : after;
  }
  const failure = failureOf(attempted);
  return settled(record, recipients, failure, options);
}

/** The entry with what is known of its recipients: another attempt, or the end. */
export function settled(
  record: OutboxRecord,
  recipients: readonly OutboxRecipient[],
  failure: OutboxFailure | undefined,
  { nowMs, backoffMs }: Pick<VerdictOptions, 'nowMs' | 'backoffMs'>,
): OutboxRecord {
  const common = { failure, attemptedAtMs: nowMs, owner: undefined, departed: undefined } as const;
  const known = allOrNothing(record, recipients);
  if (known.some(({ status }) => status === 'pending')) {
    const nextAttemptAtMs = nowMs + backoffMs(record.attempts);
    if (nextAttemptAtMs <= record.expiresAtMs) {
      return changed(record, {
        ...common,
        state: 'deferred',
        recipients: known,
        nextAttemptAtMs,
        finishedAtMs: undefined,
      });
    }
  }
  return ended(record, known, { ...common, failure }, nowMs);
}

/** An entry that is over, or is held: nobody is tried any more. */
export function ended(
  record: OutboxRecord,
  recipients: readonly OutboxRecipient[],
  change: { readonly failure: OutboxFailure | undefined; readonly attemptedAtMs?: number; readonly attempts?: number },
  nowMs: number,
): OutboxRecord {
  const decided = recipients.map((recipient) =>
    recipient.status === 'pending' ? { ...recipient, status: 'refused' as const } : recipient,
  );
  const state = finalState(decided);
  return changed(record, {
    ...change,
    state,
    recipients: decided,
    owner: undefined,
    departed: undefined,
    nextAttemptAtMs: undefined,
    finishedAtMs: state === 'unknown' ? undefined : nowMs,
  });
}

/** With `requireAllRecipients` one refusal for good is the end for all who did not get it. */
function allOrNothing(record: OutboxRecord, recipients: readonly OutboxRecipient[]): readonly OutboxRecipient[] {
  if (record.parameters.requireAllRecipients !== true || !recipients.some(({ status }) => status === 'refused')) {
    return recipients;
  }
  return recipients.map((recipient) =>
    recipient.status === 'pending' ? { ...recipient, status: 'refused' } : recipient,
  );
}

function toldOf(attempted: Attempted): ReadonlyMap<number, RecipientResult> {
  const results = 'result' in attempted ? attempted.result.recipients : recipientsOf(attempted.error);
  return new Map(results.map((result) => [result.index, result]));
}

function recipientsOf(error: unknown): readonly RecipientResult[] {
  if (!isPosthasteError(error) || !('recipients' in error)) return [];
  return (error as SMTPException).recipients;
}

function recipientAfter(
  { address, reply: lastReply }: OutboxRecipient,
  told: RecipientResult | undefined,
  attempted: Attempted,
): OutboxRecipient {
  const status = told?.status ?? (mayHaveLeft(attempted) ? 'unknown' : 'not-sent');
  const word = refusalOf(told, attempted);
  const reply = word ?? told?.reply ?? lastReply;
  const withReply = (next: OutboxRecipient['status']): OutboxRecipient =>
    reply === undefined ? { address, status: next } : { address, status: next, reply };
  switch (status) {
    case 'accepted':
    case 'unknown':
      return withReply(status);
    case 'refused':
    case 'not-sent':
      return withReply(isForGood(word, attempted) ? 'refused' : 'pending');
  }
}

/** Of an error that says nothing of its recipients. */
function mayHaveLeft(attempted: Attempted): boolean {
  if ('result' in attempted) return false;
  const { error, departed } = attempted;
  return isPosthasteError(error) ? error.delivery === 'unknown' : departed;
}

function isForGood(reply: Reply | undefined, attempted: Attempted): boolean {
  if (reply !== undefined) return reply.code >= 500 && !isAboutSession(reply) && !isBeforeMail(attempted);
  return 'error' in attempted && isAboutMessage(attempted.error);
}

/**
 * 5yz that is an answer to the session and not to the message: what was said is out of order or not known (500, 502, 503), no TLS or login
 * yet, or not a good one (530, 534, 535, 538), or the host takes no mail at all (521, RFC 7504).
 */
const ABOUT_SESSION: ReadonlySet<number> = new Set([500, 502, 503, 521, 530, 534, 535, 538]);

function isAboutSession({ code }: Reply): boolean {
  return ABOUT_SESSION.has(code);
}

/** A greeting, a hello or a login that was refused: nothing was said of the message yet. */
function isBeforeMail(attempted: Attempted): boolean {
  return (
    'error' in attempted && attempted.error instanceof SMTPResponseException && !isMailStage(attempted.error.stage)
  );
}

function isMailStage(stage: SMTPException['stage']): boolean {
  return stage === 'mail' || stage === 'rcpt' || stage === 'data' || stage === 'body' || stage === 'final';
}

/** What every attempt at such a server would come to. Credentials, certificates and what TLS needs can be put right meanwhile. */
function isAboutMessage(error: unknown): boolean {
  if (error instanceof MessageError || error instanceof MessageTooLargeError) return true;
  return error instanceof SMTPNotSupportedError && isMailStage(error.stage);
}

/** What the server said against this recipient: to RCPT or the content; or to all of them, at MAIL or in front of it. */
function refusalOf(told: RecipientResult | undefined, attempted: Attempted): Reply | undefined {
  if (told?.reply !== undefined && told.reply.code >= 400) return told.reply;
  if ('result' in attempted || (told !== undefined && told.status !== 'not-sent')) return undefined;
  const { error } = attempted;
  const speaksForAll =
    error instanceof SMTPSenderRefused || (error instanceof SMTPResponseException && told === undefined);
  return speaksForAll ? error.reply : undefined;
}

/** In words that can be stored. Undefined when everybody was accepted. */
function failureOf(attempted: Attempted): OutboxFailure | undefined {
  if ('error' in attempted) return failureOfError(attempted.error, attempted.departed);
  const { recipients } = attempted.result;
  const worst =
    recipients.find(({ status }) => status === 'unknown') ?? recipients.find(({ status }) => status !== 'accepted');
  if (worst === undefined) return undefined;
  const { address, stage, reply, status } = worst;
  if (status === 'unknown') {
    return { code: 'ERR_NO_ANSWER', message: `no complete answer came for <${address}>`, delivery: 'unknown', stage };
  }
  return {
    code: 'ERR_RECIPIENTS_REFUSED',
    message: `the server refused a recipient: <${address}>${reply === undefined ? '' : ` ${inOneLine(reply)}`}`,
    delivery: reply === undefined ? 'not-sent' : 'refused',
    stage,
    ...(reply && { reply }),
  };
}

/** Controls do not belong on a terminal. */
function inOneLine({ code, lines }: Reply): string {
  // eslint-disable-next-line no-control-regex -- finding controls is the purpose
  return `${String(code)} ${lines.join(' / ')}`.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}

function failureOfError(error: unknown, departed: boolean): OutboxFailure {
  if (!isPosthasteError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: 'ERR_SEND', message, delivery: departed ? 'unknown' : 'not-sent' };
  }
  const { code, message, delivery } = error;
  const stage = stageOf(error);
  const reply = replyIn(error);
  return { code, message, delivery, ...(stage && { stage }), ...(reply && { reply }) };
}

function stageOf(error: PosthasteError): SMTPException['stage'] {
  return error instanceof SMTPException ? error.stage : undefined;
}

function replyIn(error: PosthasteError): Reply | undefined {
  if (error instanceof SMTPResponseException) return error.reply;
  return error instanceof SMTPRecipientsRefused ? error.refused.values().next().value : undefined;
}
