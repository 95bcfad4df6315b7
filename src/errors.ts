/**
 * Every error that leaves this package: class for `catch`, `code` for logs, `delivery` and `retryable` for machines, `hint`
 * for people, `cause` kept. The classes are those of Python's smtplib, and some that it lacks.
 */
import type { Delivery, HeaderFields, RecipientResult, Reply, Stage } from './types.js';

/** A key in the global symbol registry, so that two copies of the package know each other's errors. */
const brand = Symbol.for('posthaste.error');

/** What every error of this package tells. */
export interface PosthasteError extends Error {
  /** Stable, for logs and switches: `ERR_...`. */
  readonly code: string;
  readonly delivery: Delivery;
  /** True when sending the same message again, later, is safe and may succeed. */
  readonly retryable: boolean;
  /** What to do next, in one sentence. */
  readonly hint: string | undefined;
}

/** True for every error of this package, also for one made by another copy of it. */
export function isPosthasteError(value: unknown): value is PosthasteError {
  return value instanceof Error && (value as { [brand]?: unknown })[brand] === true;
}

function markAsOurs(error: Error): void {
  Object.defineProperty(error, brand, { value: true });
}

/** Server text is not trusted on a terminal or in a log: controls are shown as escapes. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- finding controls is the purpose
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** One line for messages: `550 5.1.1 no such user`. */
export function describeReply(reply: Reply): string {
  return printable(`${String(reply.code)} ${reply.lines.join(' / ')}`.trimEnd());
}

export interface SMTPExceptionOptions {
  readonly code?: string;
  readonly delivery?: Delivery;
  readonly retryable?: boolean;
  readonly hint?: string | undefined;
  readonly stage?: Stage | undefined;
  readonly recipients?: readonly RecipientResult[];
  readonly cause?: unknown;
}

/** The base of all errors that have to do with a session (Python: `smtplib.SMTPException`). */
export class SMTPException extends Error implements PosthasteError {
  readonly code: string;
  readonly delivery: Delivery;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly stage: Stage | undefined;
  /** What was known about each recipient when the error was raised; empty before MAIL. */
  readonly recipients: readonly RecipientResult[];

  constructor(message: string, options: SMTPExceptionOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code ?? 'ERR_SMTP';
    this.delivery = options.delivery ?? 'not-sent';
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
    this.stage = options.stage;
    this.recipients = options.recipients ?? [];
    markAsOurs(this);
  }
}

/** The server does not offer what the message or the caller needs. Nothing was sent. */
export class SMTPNotSupportedError extends SMTPException {
  constructor(message: string, options: SMTPExceptionOptions = {}) {
    super(message, { code: 'ERR_NOT_SUPPORTED', ...options });
  }
}

/** The message is larger than the limit in the server's SIZE (RFC 1870 section 6.1). Nothing was sent. */
export class MessageTooLargeError extends SMTPException {
  readonly sizeBytes: number;
  readonly limitBytes: number;
  constructor(
    message: string,
    options: SMTPExceptionOptions & { readonly sizeBytes: number; readonly limitBytes: number },
  ) {
    super(message, { code: 'ERR_MESSAGE_TOO_LARGE', ...options });
    this.sizeBytes = options.sizeBytes;
    this.limitBytes = options.limitBytes;
  }
}

/** The connection is gone, or was never there ("please run connect() first"). */
export class SMTPServerDisconnected extends SMTPException {
  constructor(message: string, options: SMTPExceptionOptions = {}) {
    super(message, { code: 'ERR_DISCONNECTED', ...options });
  }
}

/** No connection could be made: DNS or TCP. */
export class SMTPDialError extends SMTPServerDisconnected {
  /** The system's error code, such as `ECONNREFUSED` or `ENOTFOUND`. */
  readonly syscode: string | undefined;
  readonly address: string | undefined;
  constructor(
    message: string,
    options: SMTPExceptionOptions & {
      readonly syscode?: string | undefined;
      readonly address?: string | undefined;
    } = {},
  ) {
    super(message, { code: 'ERR_DIAL', ...options });
    this.syscode = options.syscode;
    this.address = options.address;
  }
}

/** The TLS handshake failed, or the certificate did not pass. */
export class SMTPTlsError extends SMTPServerDisconnected {
  /** OpenSSL's or Node's code, such as `CERT_HAS_EXPIRED`. */
  readonly reason: string;
  constructor(message: string, options: SMTPExceptionOptions & { readonly reason: string }) {
    super(message, { code: 'ERR_TLS', ...options });
    this.reason = options.reason;
  }
}

/** A stage took longer than its time-out. The connection is destroyed. */
export class SMTPTimeoutError extends SMTPServerDisconnected {
  readonly timeoutMs: number;
  constructor(message: string, options: SMTPExceptionOptions & { readonly timeoutMs: number }) {
    super(message, { code: 'ERR_TIMEOUT', ...options });
    this.timeoutMs = options.timeoutMs;
  }
}

/** The caller's AbortSignal fired; `cause` is its reason and `name` is `AbortError`. */
export class SMTPAbortedError extends SMTPServerDisconnected {
  constructor(message: string, options: SMTPExceptionOptions = {}) {
    super(message, { code: 'ERR_ABORTED', ...options });
    this.name = 'AbortError';
  }
}

/** The server broke the protocol: garbage, surplus replies, injected bytes. The connection is destroyed, never reused. */
export class SMTPProtocolError extends SMTPServerDisconnected {
  constructor(message: string, options: SMTPExceptionOptions = {}) {
    super(message, { code: 'ERR_PROTOCOL', ...options });
  }
}

export type SMTPResponseExceptionOptions = SMTPExceptionOptions & { readonly reply: Reply };

/** The server answered, and the answer was no. */
export class SMTPResponseException extends SMTPException {
  readonly reply: Reply;
  constructor(message: string, options: SMTPResponseExceptionOptions) {
    const { code } = options.reply;
    super(message, { code: 'ERR_RESPONSE', delivery: 'refused', retryable: code >= 400 && code < 500, ...options });
    this.reply = options.reply;
  }
  /** Python's `smtp_code`. */
  get smtpCode(): number {
    return this.reply.code;
  }
  /** Python's `smtp_error`: the reply's text, as the server sent it. */
  get smtpError(): string {
    return this.reply.text;
  }
}

/** The greeting was not 220. */
export class SMTPConnectError extends SMTPResponseException {
  constructor(message: string, options: SMTPResponseExceptionOptions) {
    super(message, { code: 'ERR_CONNECT', delivery: 'not-sent', stage: 'greeting', ...options });
  }
}

/** EHLO, HELO or LHLO was refused. */
export class SMTPHeloError extends SMTPResponseException {
  constructor(message: string, options: SMTPResponseExceptionOptions) {
    super(message, { code: 'ERR_HELO', delivery: 'not-sent', stage: 'hello', ...options });
  }
}

/** The credentials were refused. */
export class SMTPAuthenticationError extends SMTPResponseException {
  readonly mechanism: string;
  constructor(message: string, options: SMTPResponseExceptionOptions & { readonly mechanism: string }) {
    super(message, { code: 'ERR_AUTHENTICATION', delivery: 'not-sent', stage: 'auth', ...options });
    this.mechanism = options.mechanism;
  }
}

/** MAIL was refused; `sender` is the reverse-path that was given. */
export class SMTPSenderRefused extends SMTPResponseException {
  readonly sender: string;
  constructor(message: string, options: SMTPResponseExceptionOptions & { readonly sender: string }) {
    super(message, { code: 'ERR_SENDER_REFUSED', stage: 'mail', ...options });
    this.sender = options.sender;
  }
}

/** DATA, or the content, was refused for all recipients at once. */
export class SMTPDataError extends SMTPResponseException {
  constructor(message: string, options: SMTPResponseExceptionOptions) {
    super(message, { code: 'ERR_DATA', stage: 'data', ...options });
  }
}

/** Every recipient was refused. Each one's reply is in `refused` (Python's `recipients`). */
export class SMTPRecipientsRefused extends SMTPException {
  readonly refused: ReadonlyMap<string, Reply>;
  constructor(message: string, options: SMTPExceptionOptions & { readonly refused: ReadonlyMap<string, Reply> }) {
    const retryable = [...options.refused.values()].some((reply) => reply.code >= 400 && reply.code < 500);
    super(message, { code: 'ERR_RECIPIENTS_REFUSED', delivery: 'refused', retryable, stage: 'rcpt', ...options });
    this.refused = options.refused;
  }
}

export interface MessageErrorOptions {
  readonly code?: string;
  readonly hint?: string | undefined;
  /** The header field that is at fault. */
  readonly header?: string | undefined;
  readonly cause?: unknown;
}

/** A bad message or argument, found before any I/O. */
export class MessageError extends TypeError implements PosthasteError {
  readonly code: string;
  readonly delivery = 'not-sent' as const;
  readonly retryable = false as const;
  readonly hint: string | undefined;
  readonly header: string | undefined;
  constructor(message: string, options: MessageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code ?? 'ERR_MESSAGE';
    this.hint = options.hint;
    this.header = options.header;
    markAsOurs(this);
  }
}

/** The message holds more than one set of Resent-* fields (RFC 5322 section 3.6.6): which one counts is the caller's to say. */
export class MultipleResentSetsError extends MessageError {
  /** The sets, the newest (topmost) first. */
  readonly sets: readonly HeaderFields[];
  constructor(message: string, options: MessageErrorOptions & { readonly sets: readonly HeaderFields[] }) {
    super(message, { code: 'ERR_MULTIPLE_RESENT_SETS', ...options });
    this.sets = options.sets;
  }
}

/** Neither Sender nor From (or their Resent-* forms) gives a reverse-path. */
export class MissingSenderError extends MessageError {
  constructor(message: string, options: MessageErrorOptions = {}) {
    super(message, { code: 'ERR_MISSING_SENDER', ...options });
  }
}

/** Sender names more than one mailbox, or stands more than once (RFC 5322 section 3.6.2). */
export class AmbiguousSenderError extends MessageError {
  constructor(message: string, options: MessageErrorOptions = {}) {
    super(message, { code: 'ERR_AMBIGUOUS_SENDER', ...options });
  }
}

/** Nobody to send to. */
export class MissingRecipientsError extends MessageError {
  constructor(message: string, options: MessageErrorOptions = {}) {
    super(message, { code: 'ERR_MISSING_RECIPIENTS', ...options });
  }
}

/** Text that is no address by RFC 5322 and RFC 6531; `position` counts UTF-16 code units into `input`. */
export class InvalidAddressError extends MessageError {
  readonly input: string;
  readonly position: number;
  constructor(message: string, options: MessageErrorOptions & { readonly input: string; readonly position: number }) {
    super(message, { code: 'ERR_INVALID_ADDRESS', ...options });
    this.input = options.input;
    this.position = options.position;
  }
}
