/** Delivery status notifications (RFC 3461) in words, and the parameters of MAIL and RCPT that they become. */
import { isAscii } from 'node:buffer';
import { MessageError } from '../errors.js';

export interface DsnOptions {
  /** What a report brings back: the whole message or its header block. */
  ret?: 'full' | 'headers';
  /** Comes back in every report: up to 100 printable ASCII characters. */
  envid?: string;
  /** When to report, for every recipient; `never` stands alone. */
  notify?: readonly ('never' | 'success' | 'failure' | 'delay')[];
}

/** For parseEsmtpParams with MAIL. Throws MessageError for a word that is none of those. */
export function dsnMailParams({ ret, envid }: DsnOptions): Readonly<Record<string, string>> {
  return {
    ...(ret === undefined ? {} : { RET: wordOf('ret', ret, { full: 'FULL', headers: 'HDRS' }) }),
    ...(envid === undefined ? {} : { ENVID: envid }),
  };
}

/** For parseEsmtpParams with RCPT. Throws as dsnMailParams does. */
export function dsnRcptParams({ notify }: DsnOptions): Readonly<Record<string, string>> {
  if (notify === undefined) return {};
  const given: unknown = notify;
  if (!Array.isArray(given)) throw invalid('dsn.notify is no list', "Give a list: ['success', 'failure'].");
  if (notify.length === 0)
    throw invalid('dsn.notify is an empty list', "Leave it out, or say ['never'] for no report at all.");
  const words = { never: 'NEVER', success: 'SUCCESS', failure: 'FAILURE', delay: 'DELAY' };
  return { NOTIFY: notify.map((word) => wordOf('notify', word, words)).join(',') };
}

/** The value of ORCPT for an address: its type is `rfc822`, or `utf-8` when it is not ASCII (RFC 6533 section 3). */
export function originalRecipient(address: string): string {
  return `${isAscii(Buffer.from(address)) ? 'rfc822' : 'utf-8'};${address}`;
}

function wordOf(option: string, given: string, words: Readonly<Record<string, string>>): string {
  const word = Object.hasOwn(words, given) ? words[given] : undefined;
  if (word !== undefined) return word;
  const known = Object.keys(words).join(', ');
  throw invalid(`dsn.${option} ${JSON.stringify(given)} is not known`, `Use one of: ${known}.`);
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_PARAMETER', hint });
}
