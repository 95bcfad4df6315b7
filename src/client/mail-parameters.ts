/**
 * The parameters of MAIL and RCPT for one message: those that the message needs, and those that the caller asked for. What the
 * server does not offer is an error in front of MAIL; nothing is dropped, and no limit is overstepped.
 */
import { MessageTooLargeError, SMTPNotSupportedError } from '../errors.js';
import { dsnMailParams, dsnRcptParams, type DsnOptions } from '../protocol/dsn-params.js';
import {
  formatEsmtpParams,
  parseEsmtpParams,
  requireOffered,
  type EsmtpParam,
  type ParameterSession,
} from '../protocol/esmtp-params.js';
import type { ParameterVerb } from '../protocol/esmtp-values.js';
import type { Content } from '../octets/content.js';
import type { Extensions } from '../protocol/extensions.js';
import type { EsmtpParams } from '../types.js';

/** What the caller asked for, checked against the grammar before any I/O. */
export interface WantedParameters {
  readonly mail: readonly EsmtpParam[];
  readonly rcpt: (recipient: string, index: number) => readonly EsmtpParam[];
}

export interface ParameterOptions {
  readonly mailOptions?: EsmtpParams | undefined;
  readonly rcptOptions?: EsmtpParams | ((recipient: string, index: number) => EsmtpParams) | undefined;
  readonly dsn?: DsnOptions | undefined;
  readonly requireTls?: boolean | undefined;
}

const NO_PARAMETERS: readonly EsmtpParam[] = [];
const NOTHING_WANTED: WantedParameters = { mail: NO_PARAMETERS, rcpt: () => NO_PARAMETERS };

/** Throws MessageError, code `ERR_INVALID_PARAMETER`. */
export function parseWanted(options: ParameterOptions): WantedParameters {
  const { mailOptions, rcptOptions, dsn, requireTls } = options;
  const isNothing = mailOptions === undefined && rcptOptions === undefined && dsn === undefined && requireTls !== true;
  return isNothing ? NOTHING_WANTED : parseGiven(options);
}

function parseGiven({ mailOptions = [], rcptOptions = [], dsn = {}, requireTls }: ParameterOptions): WantedParameters {
  const mail = merged('MAIL', mailOptions, {
    ...dsnMailParams(dsn),
    ...(requireTls === true ? { REQUIRETLS: true } : {}),
  });
  const notify = dsnRcptParams(dsn);
  if (typeof rcptOptions !== 'function') {
    const same = merged('RCPT', rcptOptions, notify);
    return { mail, rcpt: () => same };
  }
  return { mail, rcpt: (recipient, index) => merged('RCPT', rcptOptions(recipient, index), notify) };
}

/** Both forms of one parameter are one too many: parseEsmtpParams sees them as a pair. */
function merged(
  verb: ParameterVerb,
  given: EsmtpParams,
  more: Readonly<Record<string, string | true>>,
): readonly EsmtpParam[] {
  const parsed = parseEsmtpParams(given, verb);
  const added = parseEsmtpParams(more, verb).filter(
    ({ keyword, value }) => !parsed.some((known) => known.keyword === keyword && known.value === value),
  );
  if (added.length === 0) return parsed;
  const words = [...parsed, ...added].map(({ keyword, value }) =>
    value === undefined ? keyword : `${keyword}=${value}`,
  );
  return parseEsmtpParams(words, verb);
}

/** The content in the form that this server takes. Only a composed message has a choice. */
export function contentFor(content: Content, wanted: readonly EsmtpParam[], extensions: Extensions): Content {
  const is7Bit = wanted.some(({ keyword, value }) => keyword === 'BODY' && value?.toUpperCase() === '7BIT');
  const takes8Bit = extensions.has('8bitmime') && !is7Bit;
  return content.eightBit === false || takes8Bit ? content : (content.sevenBit?.() ?? content);
}

/** The end of the MAIL line; `chunked`: the content goes by BDAT. Throws MessageTooLargeError and SMTPNotSupportedError, stage `mail`. */
export function mailParameters(
  content: Content,
  wanted: readonly EsmtpParam[],
  extensions: Extensions,
  session: ParameterSession,
  chunked = false,
): string {
  checkSize(content, extensions);
  const has = (keyword: string): boolean => wanted.some((param) => param.keyword === keyword);
  const own: EsmtpParam[] = [];
  // RFC 1870 section 6.3: a size that is not known exactly may be an estimate.
  const sizeBytes = content.sizeBytes ?? content.leastSizeBytes;
  if (sizeBytes !== undefined && extensions.has('size') && !has('SIZE')) {
    own.push({ keyword: 'SIZE', value: String(sizeBytes) });
  }
  if (content.eightBit !== false && !has('BODY')) {
    // Of content that is not known yet, 8BITMIME is declared wherever it may be.
    if (extensions.has('8bitmime')) own.push({ keyword: 'BODY', value: '8BITMIME' });
    else if (content.eightBit === true) throw eightBitNotOffered();
  }
  if (
    content.eightBit === true &&
    wanted.some(({ keyword, value }) => keyword === 'BODY' && value?.toUpperCase() === '7BIT')
  ) {
    throw new SMTPNotSupportedError('the message has 8-bit octets, and BODY=7BIT was asked for', {
      stage: 'mail',
      hint: 'Leave BODY out: what the message needs is declared anyway.',
    });
  }
  if (session.smtpUtf8 && !has('SMTPUTF8')) own.push({ keyword: 'SMTPUTF8', value: undefined });
  const all = [...own, ...wanted];
  if (!chunked) refuseBinary(all);
  requireOffered(all, session, 'MAIL');
  return formatEsmtpParams(all);
}

/** The end of a RCPT line. Throws SMTPNotSupportedError, stage `rcpt`. */
export function rcptParameters(wanted: readonly EsmtpParam[], session: ParameterSession): string {
  if (wanted.length === 0) return '';
  requireOffered(wanted, session, 'RCPT');
  return formatEsmtpParams(wanted);
}

/** RFC 1870 section 6.1: what the server will not take is not sent. */
function checkSize(content: Content, { sizeLimitBytes }: Extensions): void {
  const sizeBytes = content.sizeBytes ?? content.leastSizeBytes;
  if (sizeBytes === undefined || sizeLimitBytes === undefined || sizeBytes <= sizeLimitBytes) return;
  const size = `${content.sizeBytes === undefined ? 'at least ' : ''}${String(sizeBytes)}`;
  const message = `the message has ${size} octets, and the server takes ${String(sizeLimitBytes)} at most`;
  throw new MessageTooLargeError(message, {
    sizeBytes,
    limitBytes: sizeLimitBytes,
    stage: 'mail',
    hint: 'Send smaller attachments, or links to them.',
  });
}

/** Whether the body is to go out as it is, octet for octet (RFC 3030 section 3). Throws MessageError, code `ERR_INVALID_PARAMETER`. */
export function asksBinary(mailOptions: EsmtpParams | undefined): boolean {
  return mailOptions !== undefined && declaresBinary(parseEsmtpParams(mailOptions, 'MAIL'));
}

export function declaresBinary(params: readonly EsmtpParam[]): boolean {
  return params.some(({ keyword, value }) => keyword === 'BODY' && value?.toUpperCase() === 'BINARYMIME');
}

/** RFC 3030 section 3: binary content needs BDAT, and DATA would change its line ends. */
export function refuseBinary(params: readonly EsmtpParam[]): void {
  if (!declaresBinary(params)) return;
  throw new SMTPNotSupportedError('BODY=BINARYMIME needs BDAT, and this message would go out with DATA', {
    stage: 'mail',
    hint: "Encode the binary parts as base64, or send with a Mailer and chunking: 'safe'.",
  });
}

function eightBitNotOffered(): SMTPNotSupportedError {
  return new SMTPNotSupportedError('the message has 8-bit octets, and the server does not offer 8BITMIME', {
    stage: 'mail',
    hint: 'Encode it as quoted-printable or base64: a raw message is not re-encoded here, as that would break its signatures.',
  });
}
