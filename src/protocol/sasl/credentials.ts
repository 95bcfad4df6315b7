/** Credentials are taken as they are, or refused: nothing is trimmed, replaced or cut at a NUL (RFC 4616 section 2). */
import { MessageError } from '../../errors.js';

export interface PasswordCredentials {
  readonly user: string;
  readonly password: string;
}

/** Throws MessageError, code `ERR_INVALID_CREDENTIALS`; the text of a secret is in no message. */
export function checkPasswordCredentials({ user, password }: PasswordCredentials): void {
  checkUser(user);
  checkText('password', password);
}

/** Throws as checkPasswordCredentials does. */
export function checkUser(user: string): void {
  checkText('user name', user);
}

/** A token for XOAUTH2 or OAUTHBEARER. Throws as above. */
export function checkBearerCredentials({
  user,
  accessToken,
}: {
  readonly user: string;
  readonly accessToken: string;
}): void {
  checkUser(user);
  checkBearerField('user name', user);
  checkText('access token', accessToken);
  // RFC 6750 section 2.1 has printable ASCII only; what else came is no token but, say, an error page.
  if (!/^[!-~]+$/.test(accessToken)) {
    throw invalid(
      'the access token holds a blank, a control or a non-ASCII character',
      'Give the bare token, without "Bearer".',
    );
  }
}

/** U+0001 separates the fields of a bearer message: a value that held it could forge the next one. Throws as above. */
export function checkBearerField(what: string, text: string): void {
  if (text.includes('\u0001')) throw invalid(`the ${what} holds the control character U+0001`, 'Remove it.');
}

function checkText(what: string, text: string): void {
  const given: unknown = text;
  if (typeof given !== 'string') {
    throw invalid(`the ${what} is not text but ${given === null ? 'null' : typeof given}`, 'Give a string.');
  }
  if (given === '')
    throw invalid(`the ${what} is empty`, 'Check where it comes from: an environment variable may be unset.');
  if (given.includes('\0'))
    throw invalid(`the ${what} holds a NUL character`, 'Remove it: SASL uses NUL as a separator.');
  if (/\p{Surrogate}/u.test(given)) {
    throw invalid(
      `the ${what} holds half of a surrogate pair, which UTF-8 cannot carry`,
      'Give well-formed Unicode text.',
    );
  }
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_CREDENTIALS', hint });
}
