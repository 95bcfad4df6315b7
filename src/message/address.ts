/**
 * Addresses: the public ways in and out. One rule: what these functions accept, they have understood to the last character,
 * and what they write, they read back as the same value.
 */
import { InvalidAddressError, MessageError } from '../errors.js';
import { parseLenientList } from './address-lenient.js';
import {
  parseStrictAddrSpec,
  parseStrictList,
  parseStrictMailbox,
  type AddressSyntax,
  type ParsedAddressList,
} from './address-parser.js';
import { checkChoice, checkOptions, checkText } from './check-argument.js';
import { formatNameAddress, formatPhrase, type Group, type Mailbox } from './mailbox.js';

export interface AddressListOptions {
  /**
   * `strict` (default): RFC 5322 with its obsolete forms, RFC 6854, RFC 6532. `lenient`: where the grammar refuses the list, up
   * to 16 KiB of it are read again, and accepted if only one reading exists.
   */
  mode?: 'strict' | 'lenient';
}

/**
 * Parses the value of an address field, unfolded or not, into mailboxes and groups, in order. Empty elements are dropped.
 * Addresses without a domain are accepted only when no address of the list has one. Encoded-words are not decoded.
 *
 * @throws InvalidAddressError with the position of the first fault. More than 100,000 addresses: `ERR_TOO_MANY_RECIPIENTS`;
 *   comments more than 100 deep: `ERR_COMMENT_NESTING`.
 */
export function parseAddressList(text: string, options: AddressListOptions = {}): readonly (Mailbox | Group)[] {
  checkOptions(options);
  const { mode = 'strict' } = options;
  checkChoice(mode, ['strict', 'lenient'], 'mode');
  return readAddressList(text, {}, mode).entries;
}

/** @internal `parseAddressList` with the positions, for header fields. */
export function readAddressList(text: string, syntax: AddressSyntax, mode: 'strict' | 'lenient'): ParsedAddressList {
  if (mode === 'strict') return parseStrictList(text, syntax);
  try {
    return parseStrictList(text, syntax);
  } catch (error) {
    const list = error instanceof InvalidAddressError ? parseLenientList(text, syntax) : undefined;
    if (list === undefined) throw error;
    return list;
  }
}

/**
 * Parses exactly one mailbox: `user@domain`, `Name <user@domain>`, or a local user, which may be a quoted string here.
 *
 * @throws InvalidAddressError for anything else, such as two of them.
 */
export function parseMailbox(text: string): Mailbox {
  return parseStrictMailbox(text);
}

/**
 * Parses exactly one addr-spec (RFC 5322 section 3.4.1), or a local part alone, without name, brackets, comments or white
 * space: what may stand in an envelope.
 *
 * @throws InvalidAddressError for anything else. Limits: 63 octets a label, 253 the domain, 1,000 the path; the local part
 *   has none of its own.
 */
export function parseAddrSpec(text: string): Mailbox {
  return parseStrictAddrSpec(text);
}

/**
 * Writes a mailbox for a header field: `address`, or `Name <address>` with the name quoted when it needs to be. The name is
 * not encoded (RFC 2047), so that parsing the result gives the same mailbox.
 *
 * @throws InvalidAddressError when the address is no addr-spec, MessageError (`ERR_INVALID_NAME`) when the name holds a control
 *   character or half a surrogate pair.
 */
export function formatMailbox(mailbox: { readonly name?: string; readonly address: string }): string {
  checkOptions(mailbox, 'the mailbox');
  const { name = '', address } = mailbox;
  checkText(name, 'the name of the mailbox');
  checkName(name);
  return formatNameAddress(name === '' ? '' : formatPhrase(name), parseStrictAddrSpec(address));
}

// eslint-disable-next-line no-control-regex -- finding controls is the purpose
const NOT_IN_A_NAME = /[\x00-\x08\x0a-\x1f\x7f\p{Surrogate}]/u;

/** @internal A display name, or the name of a group, that may be written into a header field. */
export function checkName(name: string): void {
  const found = NOT_IN_A_NAME.exec(name)?.[0].codePointAt(0);
  if (found === undefined) return;
  const shown = `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
  throw new MessageError(`the name ${JSON.stringify(name)} holds the character ${shown}`, {
    code: 'ERR_INVALID_NAME',
    hint: 'Remove line ends and control characters: they could begin another header field.',
  });
}

/**
 * Python's `smtplib.quoteaddr`: an address as a path of SMTP, `<user@domain>`. `''` and `<>` give `<>`, the null
 * reverse-path; a display name is dropped.
 *
 * @throws InvalidAddressError for anything but one mailbox. Python falls back to the text as it is, which lets parameters
 *   of the command be smuggled in.
 */
export function quoteaddr(address: string): string {
  if (address === '') return '<>';
  return `<${parseStrictMailbox(address, { nullAddress: true }).address}>`;
}
