/**
 * ESMTP parameters of MAIL and RCPT (RFC 5321 section 4.1.2): each is checked before it can reach a command, none stands there
 * twice, and none goes to a server that did not offer it.
 */
import { MessageError, printable, SMTPNotSupportedError } from '../errors.js';
import type { EsmtpParams } from '../types.js';
import { KNOWN_PARAMETERS, type Offers, type ParameterVerb } from './esmtp-values.js';

/** A checked parameter. Only parseEsmtpParams makes them. */
export interface EsmtpParam {
  /** In upper case. */
  readonly keyword: string;
  /** As it stands on the wire; undefined: the parameter has none. */
  readonly value: string | undefined;
}

export interface ParameterSession {
  readonly offers: Offers;
  /** The connection is encrypted, and the server's certificate was verified. */
  readonly verifiedTls: boolean;
  /** SMTPUTF8 is declared for this transaction. */
  readonly smtpUtf8: boolean;
}

/** esmtp-keyword. */
const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
/** esmtp-value, with the UTF-8 of RFC 6531 section 3.3. */
const VALUE = /^[!-<>-~\u0080-\u{10ffff}]+$/u;
const NO_VALUE_HINT = 'Give it without a value: true in an object, the bare word in a list.';

/**
 * Checks what the caller gave. In an object a value is what is meant, and is encoded here (`{ ENVID: 'a+b' }`); in a list a
 * word is what goes on the wire (`['ENVID=a+2Bb']`), as in Python, and is only checked.
 *
 * Throws MessageError, code `ERR_INVALID_PARAMETER`, before any I/O: for a word that is no parameter, a value that its
 * parameter cannot have, a parameter of the other verb, and a parameter given twice.
 */
export function parseEsmtpParams(params: EsmtpParams, verb: ParameterVerb): readonly EsmtpParam[] {
  if (typeof params !== 'object' || (params as unknown) === null) {
    throw invalid('the parameters are neither a list nor an object', "Give ['KEYWORD=value'] or { KEYWORD: 'value' }.");
  }
  const parsed = isList(params)
    ? params.map((word) => parseWord(word, verb))
    : Object.entries(params).map(([keyword, value]) => parseEntry(keyword, value, verb));
  const seen = new Set<string>();
  for (const { keyword } of parsed) {
    if (seen.has(keyword)) throw invalid(`the parameter ${keyword} is given twice`, 'Give it once.');
    seen.add(keyword);
  }
  if (seen.has('HOLDFOR') && seen.has('HOLDUNTIL')) {
    throw invalid('HOLDFOR and HOLDUNTIL exclude each other (RFC 4865 section 3)', 'Give one of them.');
  }
  return parsed;
}

/** Throws SMTPNotSupportedError when the server, or this connection, does not have what a parameter needs. */
export function requireOffered(params: readonly EsmtpParam[], session: ParameterSession, verb: ParameterVerb): void {
  const { offers } = session;
  for (const param of params) {
    const { keyword, value = '' } = param;
    const known = KNOWN_PARAMETERS.get(keyword);
    const extensions = known?.extensions ?? [keyword];
    const needed = typeof extensions === 'function' ? extensions(value) : extensions;
    const missing = needed.filter((extension) => !offers.has(extension));
    if (missing.length > 0) {
      const hint =
        'Leave the parameter out, or use a server that offers it; it is not dropped, as the mail would mean something else.';
      throw notSupported(
        `${format(param)} needs ${missing.join(' and ')}, which the server does not offer`,
        hint,
        verb,
      );
    }
    const limit = known?.limit?.(value, offers);
    if (limit !== undefined) throw notSupported(`${format(param)} cannot be met: ${limit}`, 'Change the value.', verb);
    if (keyword === 'REQUIRETLS' && !session.verifiedTls) {
      const hint = 'Use TLS, and do not turn its verification off (RFC 8689 section 4.2.1).';
      throw notSupported('REQUIRETLS needs a connection with TLS and a verified certificate', hint, verb);
    }
    if (!session.smtpUtf8 && /[^ -~]/.test(value)) {
      const hint = 'Write it in ASCII; an ORCPT of the type utf-8 may use \\x{HEX} (RFC 6533 section 3).';
      throw notSupported(`${format(param)} is not ASCII, and SMTPUTF8 is not in use`, hint, verb);
    }
  }
}

/** Each parameter with a space in front, for the end of a command. */
export function formatEsmtpParams(params: readonly EsmtpParam[]): string {
  return params.map((param) => ` ${format(param)}`).join('');
}

function parseWord(word: string, verb: ParameterVerb): EsmtpParam {
  const given: unknown = word;
  if (typeof given !== 'string')
    throw invalid('a parameter in a list must be a string', 'Write KEYWORD or KEYWORD=value.');
  const equals = given.indexOf('=');
  const keyword = checkKeyword(equals === -1 ? given : given.slice(0, equals), verb);
  if (equals === -1) return bare(keyword);
  return { keyword, value: checkValue(keyword, given.slice(equals + 1), 'check') };
}

function parseEntry(name: string, value: string | number | true, verb: ParameterVerb): EsmtpParam {
  const keyword = checkKeyword(name, verb);
  const given: unknown = value;
  if (given === true) return bare(keyword);
  if (typeof given === 'number') {
    if (!Number.isSafeInteger(given)) throw invalid(`the number of ${keyword} is no whole number`, 'Give an integer.');
    return { keyword, value: checkValue(keyword, String(given), 'encode') };
  }
  if (typeof given !== 'string') {
    throw invalid(
      `the value of ${keyword} is neither text nor a number nor true`,
      'Leave the parameter out of the object instead.',
    );
  }
  return { keyword, value: checkValue(keyword, given, 'encode') };
}

function checkKeyword(given: string, verb: ParameterVerb): string {
  if (!KEYWORD.test(given)) {
    throw invalid(`${shown(given)} is no keyword of a parameter`, 'Write KEYWORD or KEYWORD=value, one in each entry.');
  }
  const keyword = given.toUpperCase();
  const known = KNOWN_PARAMETERS.get(keyword);
  if (known !== undefined && known.verb !== verb) {
    const place = known.verb === 'MAIL' ? 'mailOptions' : 'rcptOptions';
    throw invalid(`${keyword} is a parameter of ${known.verb}, not of ${verb}`, `Give it in ${place}.`);
  }
  return keyword;
}

function bare(keyword: string): EsmtpParam {
  if (KNOWN_PARAMETERS.get(keyword)?.value !== undefined) {
    throw invalid(`the parameter ${keyword} needs a value`, `Write ${keyword}=value.`);
  }
  return { keyword, value: undefined };
}

function checkValue(keyword: string, text: string, form: 'encode' | 'check'): string {
  const known = KNOWN_PARAMETERS.get(keyword);
  if (known !== undefined && known.value === undefined)
    throw invalid(`the parameter ${keyword} has no value`, NO_VALUE_HINT);
  const checked = known?.value === undefined ? { wire: text } : known.value[form](text);
  if ('fault' in checked) throw invalid(`${keyword}=${shown(text)} ${checked.fault}`, 'Change the value.');
  // The grammar has the last word, also over what was encoded here.
  if (!VALUE.test(checked.wire) || /\p{Surrogate}/u.test(checked.wire)) {
    throw invalid(
      `${keyword}=${shown(text)} holds a character that no parameter can have`,
      'Remove blanks, controls and equals signs.',
    );
  }
  return checked.wire;
}

function format({ keyword, value }: EsmtpParam): string {
  return value === undefined ? keyword : `${keyword}=${value}`;
}

function isList(params: EsmtpParams): params is readonly string[] {
  return Array.isArray(params);
}

function shown(text: string): string {
  return printable(JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text));
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_PARAMETER', hint });
}

function notSupported(message: string, hint: string, verb: ParameterVerb): SMTPNotSupportedError {
  return new SMTPNotSupportedError(message, { stage: verb === 'MAIL' ? 'mail' : 'rcpt', hint });
}
