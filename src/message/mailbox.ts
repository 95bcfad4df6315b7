/**
 * Mailboxes as values, and how they are written. One rule: what is written is quoted from the parsed value, and only where
 * the grammar needs the quotes.
 */
import { domainToAscii } from './domain.js';

/** One mailbox (RFC 5322 section 3.4). */
export interface Mailbox {
  /** The display name, unquoted, as the text has it: encoded-words (RFC 2047) are not decoded. `''` when there is none. */
  readonly name: string;
  /** The addr-spec as SMTP takes it: the local part quoted only when it must be. No domain: the local part alone. */
  readonly address: string;
  /** The local part's value, without quotes. */
  readonly localPart: string;
  /** As written, without comments and folding; `''` for a local user (`root`). */
  readonly domain: string;
}

/** A named group (RFC 5322 section 3.4, RFC 6854). It may be empty: `undisclosed-recipients:;`. */
export interface Group {
  readonly name: string;
  readonly members: readonly Mailbox[];
}

/** A mailbox and where its address begins in the text. */
export interface LocatedMailbox {
  readonly mailbox: Mailbox;
  readonly position: number;
}

export interface ParsedAddressList {
  readonly entries: readonly (Mailbox | Group)[];
  /** The mailboxes of the entries, with those inside groups, in order. */
  readonly mailboxes: readonly LocatedMailbox[];
  /** The grammar refused the text, and it was read another way. */
  readonly lenient: boolean;
}

/**
 * Addresses as an application gives them: text in the syntax of a header field, a name with an addr-spec, or a list of both.
 * In an object, `name` is text for people and is encoded as it needs; in a string, it stands as in a header field.
 */
export type AddressInput =
  | string
  | { readonly name?: string; readonly address: string }
  | readonly (string | { readonly name?: string; readonly address: string })[];

const ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\\u0080-\\u{10ffff}]+";
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
const ATOMS = new RegExp(`^${ATOM}(?: ${ATOM})*$`, 'u');

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** Writes an addr-spec from parsed values. */
export function formatAddrSpec(localPart: string, domain: string): string {
  const local = DOT_ATOM.test(localPart) ? localPart : quoted(localPart);
  return domain === '' ? local : `${local}@${domain}`;
}

/** Two mailboxes are the same when their keys are: the local part exactly, the domain without case (RFC 5321 section 2.4). */
export function mailboxKey({ localPart, domain }: Mailbox): string {
  return `${localPart}@${(domainToAscii(domain) ?? domain).toLowerCase()}`;
}

/** Writes a phrase: a display name or the name of a group. */
export function formatPhrase(name: string): string {
  return ATOMS.test(name) ? name : quoted(name);
}

/**
 * Whether a local part without a domain may stand without angle brackets. A quoted string alone is rather a name without its
 * address, and an encoded-word alone is rather a whole mailbox that somebody encoded: neither is taken for a local user.
 */
export function isPlainUser(localPart: string): boolean {
  return DOT_ATOM.test(localPart) && !(localPart.startsWith('=?') && localPart.endsWith('?='));
}

/** Writes a mailbox from parts that have been checked; `phrase` is in the form of the wire. */
export function formatNameAddress(phrase: string, mailbox: Mailbox): string {
  if (phrase !== '') return `${phrase} <${mailbox.address}>`;
  return mailbox.domain !== '' || isPlainUser(mailbox.localPart) ? mailbox.address : `<${mailbox.address}>`;
}
