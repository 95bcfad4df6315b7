/**
 * Errors with nodemailer's codes. One rule: nothing of what is known is lost: the error of this library is the cause, and what it says
 * about the delivery stands here too.
 */
import {
  AmbiguousSenderError,
  InvalidAddressError,
  isPosthasteError,
  MessageError,
  MessageTooLargeError,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
  SMTPAbortedError,
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
  type Delivery,
  type PosthasteError,
  type Reply,
  type Stage,
} from '../index.js';

/** nodemailer's codes, those of them that are used here. */
export type ErrorCode =
  | 'EABORT'
  | 'EAUTH'
  | 'ECONFIG'
  | 'ECONNECTION'
  | 'EDNS'
  | 'EENVELOPE'
  | 'EFETCH'
  | 'EFILEACCESS'
  | 'EMAXRECIPIENTS'
  | 'EMESSAGE'
  | 'EOAUTH2'
  | 'EPROTOCOL'
  | 'EREQUIRETLS'
  | 'ESOCKET'
  | 'ESTREAM'
  | 'ETIMEDOUT'
  | 'ETLS'
  | 'EURLACCESS';

export type TimeoutType = 'CONNECT_TIMEOUT' | 'GREETING_TIMEOUT' | 'UPGRADE_TIMEOUT' | 'SOCKET_TIMEOUT';

export interface NodemailerErrorOptions {
  readonly command?: string | undefined;
  readonly reply?: Reply | undefined;
  readonly recipient?: string | undefined;
  readonly rejected?: readonly string[] | undefined;
  readonly rejectedErrors?: readonly NodemailerError[] | undefined;
  readonly originalCode?: string | undefined;
  readonly timeoutType?: TimeoutType | undefined;
  readonly hint?: string | undefined;
  readonly delivery?: Delivery | undefined;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** What `sendMail`, `verify` and `createTransport` fail with. */
export class NodemailerError extends Error {
  readonly code: ErrorCode;
  /** What was being done: an SMTP command, `CONN`, or `API` when nothing was begun. */
  declare readonly command?: string;
  declare readonly responseCode?: number;
  /** The reply as the server gave it. */
  declare readonly response?: string;
  /** Whether the reply is one for good (5xx but 503). Absent without a reply. */
  declare readonly permanent?: boolean;
  declare readonly recipient?: string;
  declare readonly rejected?: string[];
  declare readonly rejectedErrors?: NodemailerError[];
  /** The code below, such as `ECONNREFUSED`. */
  declare readonly originalCode?: string;
  declare readonly timeoutType?: TimeoutType;
  /** What the server may have done with the message. `unknown`: sending it again may deliver it twice. */
  readonly delivery: Delivery;
  /** Whether sending the same message again is safe and of use. */
  readonly retryable: boolean;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(message: string, code: ErrorCode, options: NodemailerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // EABORT is an abort for everybody who asks for its name, as with nodemailer.
    this.name = code === 'EABORT' ? 'AbortError' : 'NodemailerError';
    this.code = code;
    const { reply, rejected, rejectedErrors } = options;
    const said = {
      command: options.command,
      responseCode: reply?.code,
      response: reply === undefined ? undefined : responseOf(reply),
      permanent: reply === undefined ? undefined : isPermanent(reply.code),
      recipient: options.recipient,
      rejected: rejected === undefined ? undefined : [...rejected],
      rejectedErrors: rejectedErrors === undefined ? undefined : [...rejectedErrors],
      originalCode: options.originalCode,
      timeoutType: options.timeoutType,
    };
    // Absent where there is nothing to say: programs ask `'responseCode' in error`.
    for (const [key, value] of Object.entries(said)) {
      if (value !== undefined) Object.assign(this, { [key]: value });
    }
    this.delivery = options.delivery ?? 'not-sent';
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
  }
}

/** A reply as one text with its code on each line, as it came. */
export function responseOf({ code, lines }: Reply): string {
  const last = lines.length - 1;
  return lines.map((line, index) => `${String(code)}${index === last ? ' ' : '-'}${line}`.trimEnd()).join('\n');
}

/** 503 is about the session, and not about the message. */
function isPermanent(code: number): boolean {
  return code >= 500 && code < 600 && code !== 503;
}

/** What this library throws, in nodemailer's words. Anything else, such as an error of a plugin, is passed on as it is. */
export function toNodemailerError(error: unknown): Error {
  if (error instanceof NodemailerError) return error;
  if (isPosthasteError(error)) return translated(error);
  return error instanceof Error ? error : new NodemailerError(String(error), 'EMESSAGE', { cause: error });
}

function translated(error: PosthasteError): NodemailerError {
  const { delivery, retryable, hint } = error;
  const known = { delivery, retryable, hint, cause: error };
  const { code, ...told } = error instanceof MessageError ? wordsOfMessageError(error) : wordsOf(error);
  return new NodemailerError(error.message, code, { ...told, ...known });
}

type Words = NodemailerErrorOptions & { readonly code: ErrorCode };

function wordsOfMessageError(error: MessageError): Words {
  const isEnvelope =
    error instanceof MissingRecipientsError ||
    error instanceof MissingSenderError ||
    error instanceof AmbiguousSenderError ||
    error instanceof MultipleResentSetsError ||
    error instanceof InvalidAddressError ||
    error.code === 'ERR_TOO_MANY_RECIPIENTS' ||
    error.code === 'ERR_INVALID_PARAMETER';
  if (isEnvelope) return { code: 'EENVELOPE', command: 'API' };
  if (CONFIGURATION.has(error.code) || error.code.startsWith('ERR_INVALID_DKIM')) return { code: 'ECONFIG' };
  if (STREAM.has(error.code)) return { code: 'ESTREAM', command: 'API', originalCode: systemCodeOf(error.cause) };
  return { code: 'EMESSAGE', command: 'API' };
}

const CONFIGURATION: ReadonlySet<string> = new Set([
  'ERR_INVALID_OPTION',
  'ERR_INVALID_URL',
  'ERR_INVALID_TARGET',
  'ERR_INVALID_SOURCE',
  'ERR_INVALID_CONNECTOR',
  'ERR_INVALID_TLS_OPTIONS',
  'ERR_CONTROL_IN_COMMAND',
  'ERR_UNKNOWN_MECHANISM',
  'ERR_DKIM_KEY_TOO_WEAK',
]);

const STREAM: ReadonlySet<string> = new Set([
  'ERR_FILE_NOT_READABLE',
  'ERR_NOT_A_FILE',
  'ERR_MESSAGE_CHANGED',
  'ERR_MESSAGE_CONSUMED',
]);

function wordsOf(error: PosthasteError): Words {
  if (error instanceof SMTPResponseException) return wordsOfReply(error);
  if (error instanceof SMTPRecipientsRefused) return wordsOfRefusals(error);
  const { stage, code } = error instanceof SMTPException ? error : { stage: undefined, code: error.code };
  const command = commandOf(stage);
  if (error instanceof SMTPDialError) {
    const isDns = /^(?:ENOTFOUND|ENODATA|EAI_)/.test(error.syscode ?? '');
    return { code: isDns ? 'EDNS' : 'ESOCKET', command: 'CONN', originalCode: error.syscode };
  }
  if (error instanceof SMTPTlsError) return { code: 'ESOCKET', command: 'CONN', originalCode: error.reason };
  if (error instanceof SMTPTimeoutError)
    return { code: 'ETIMEDOUT', command: 'CONN', timeoutType: timeoutTypeOf(stage) };
  if (error instanceof SMTPAbortedError) return { code: 'EABORT' };
  if (error instanceof SMTPProtocolError) return { code: 'EPROTOCOL', command };
  if (error instanceof MessageTooLargeError) return { code: 'EMESSAGE', command: 'MAIL FROM' };
  if (error instanceof SMTPNotSupportedError) return wordsOfMissing(error, command);
  if (code === 'ERR_INSECURE_AUTH' || stage === 'auth') return { code: 'EAUTH', command };
  if (stage === 'body' && !(error instanceof SMTPServerDisconnected)) return wordsOfContent(error);
  return { code: 'ECONNECTION', command: code === 'ERR_MAILER_CLOSED' ? 'API' : 'CONN' };
}

/** What the content threw while it was read, or what it turned out to be. */
function wordsOfContent({ code, cause }: PosthasteError): Words {
  if (code !== 'ERR_CONTENT_SOURCE' && !STREAM.has(code)) return { code: 'EMESSAGE', command: 'DATA' };
  return { code: 'ESTREAM', command: 'API', originalCode: systemCodeOf(cause) };
}

function wordsOfReply(error: SMTPResponseException): Words {
  const { reply } = error;
  if (error instanceof SMTPConnectError) return { code: 'EPROTOCOL', command: 'CONN', reply };
  if (error instanceof SMTPAuthenticationError) {
    return { code: 'EAUTH', command: `AUTH ${error.mechanism}`, reply };
  }
  if (error instanceof SMTPHeloError) {
    return { code: reply.code === 421 ? 'ECONNECTION' : 'EPROTOCOL', command: 'EHLO', reply };
  }
  if (error instanceof SMTPSenderRefused) return { code: 'EENVELOPE', command: 'MAIL FROM', reply };
  if (error instanceof SMTPDataError)
    return { code: error.stage === 'data' ? 'EENVELOPE' : 'EMESSAGE', command: 'DATA', reply };
  if (error.stage === 'starttls') return { code: 'ETLS', command: 'STARTTLS', reply };
  return { code: 'EPROTOCOL', command: commandOf(error.stage), reply };
}

/** As nodemailer does, a refusal for now is shown before one for good: the message may be worth another try. */
function wordsOfRefusals(error: SMTPRecipientsRefused): Words {
  const refusals = [...error.refused];
  const deferred = refusals.find(([, { code }]) => code < 500);
  const shown = deferred ?? refusals.at(-1);
  const behindContent = error.stage === 'body';
  return {
    code: behindContent ? 'EMESSAGE' : 'EENVELOPE',
    command: behindContent ? 'DATA' : 'RCPT TO',
    reply: shown?.[1],
    rejected: refusals.map(([address]) => address),
    rejectedErrors: refusals.map(([address, reply]) => refusalOf(address, reply, behindContent)),
  };
}

/** The error of one recipient. */
export function refusalOf(recipient: string, reply: Reply, behindContent = false): NodemailerError {
  return new NodemailerError(
    `the server refused the recipient <${recipient}>: ${responseOf(reply)}`,
    behindContent ? 'EMESSAGE' : 'EENVELOPE',
    {
      command: behindContent ? 'DATA' : 'RCPT TO',
      reply,
      recipient,
      delivery: 'refused',
      retryable: reply.code >= 400 && reply.code < 500,
    },
  );
}

function wordsOfMissing(error: SMTPNotSupportedError, command: string): Words {
  if (error.stage === 'starttls' || error.stage === 'tls') {
    const { cause } = error;
    const reply = cause instanceof SMTPResponseException ? cause.reply : undefined;
    return { code: 'ETLS', command: 'STARTTLS', reply };
  }
  if (error.stage === 'auth') return { code: 'EAUTH', command };
  if (error.message.includes('REQUIRETLS')) return { code: 'EREQUIRETLS', command: 'MAIL FROM' };
  return { code: 'EENVELOPE', command };
}

const COMMANDS: Readonly<Partial<Record<Stage, string>>> = {
  hello: 'EHLO',
  starttls: 'STARTTLS',
  auth: 'AUTH',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'DATA',
  body: 'DATA',
  final: 'DATA',
  rset: 'RSET',
  quit: 'QUIT',
};

function commandOf(stage: Stage | undefined): string {
  return (stage === undefined ? undefined : COMMANDS[stage]) ?? 'CONN';
}

function timeoutTypeOf(stage: Stage | undefined): TimeoutType {
  if (stage === 'connect') return 'CONNECT_TIMEOUT';
  if (stage === 'greeting') return 'GREETING_TIMEOUT';
  return stage === 'tls' || stage === 'starttls' ? 'UPGRADE_TIMEOUT' : 'SOCKET_TIMEOUT';
}

/** The code of the system's error (`ENOENT`), at whatever depth it is the cause. */
function systemCodeOf(cause: unknown): string | undefined {
  for (const error of causesOf(cause)) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && !code.startsWith('ERR_')) return code;
  }
  return undefined;
}

/** An error and what caused it. Not by `instanceof`: the system's may come from another realm, such as a test runner's. */
export function causesOf(error: unknown): readonly object[] {
  const causes: object[] = [];
  for (let one = error; typeof one === 'object' && one !== null && causes.length < 8; one = (one as Error).cause) {
    causes.push(one);
  }
  return causes;
}

/** Options that cannot be used. */
export function configError(message: string, hint: string, cause?: unknown): NodemailerError {
  return new NodemailerError(message, 'ECONFIG', { hint, cause });
}

/** A message that cannot be sent. */
export function mailError(message: string, hint: string): NodemailerError {
  return new NodemailerError(message, 'EMESSAGE', { command: 'API', hint });
}
