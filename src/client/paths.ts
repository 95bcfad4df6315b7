/** From what a caller gave as an address to what MAIL and RCPT carry: one mailbox, its whole text consumed, in angle brackets. */
import { InvalidAddressError, MessageError, MissingRecipientsError } from '../errors.js';
import { parseMailbox } from '../message/address.js';
import { domainToAscii } from '../message/domain.js';
import { formatAddrSpec } from '../message/mailbox.js';

/** Path of RFC 5321 section 4.1.2, ready for the wire, and the address that results and errors name. */
export interface Path {
  readonly address: string;
  readonly text: string;
  /** The local part is not ASCII: SMTPUTF8 (RFC 6531) is needed. */
  readonly needsUtf8: boolean;
}

// eslint-disable-next-line no-control-regex -- the range of ASCII
const NON_ASCII = /[^\u0000-\u007f]/;
const NOBODY = /^\s*(?:<>\s*)?$/;

/**
 * Of an address that is what it says at one look, and compares as it stands. A list may have thousands, and many lists wait at a time:
 * each holds the caller's own string and nothing else.
 */
export class PlainPath implements Path {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  get text(): string {
    return `<${this.address}>`;
  }

  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would be in each of them
  get needsUtf8(): boolean {
    return false;
  }
}

/** What stands between the angle brackets. */
export function mailboxOf(path: Path): string {
  return path instanceof PlainPath ? path.address : path.text.slice(1, -1);
}

const NULL_PATH: Path = { address: '', text: '<>', needsUtf8: false };

/** The reverse-path of MAIL: `''` and `'<>'` are the null sender; a display name is dropped. */
export function reversePath(sender: string): Path {
  if (typeof sender !== 'string') throw notText('sender', sender);
  if (sender === '' || sender === '<>') return NULL_PATH;
  return isPlain(sender) ? new PlainPath(sender) : pathOf(sender);
}

/** The forward-path of RCPT. There is no null recipient. */
export function forwardPath(recipient: string): Path {
  if (typeof recipient !== 'string') throw notText('recipient', recipient);
  if (isPlain(recipient)) return new PlainPath(recipient);
  if (NOBODY.test(recipient)) {
    throw new InvalidAddressError('an empty recipient was given: RCPT needs a mailbox', {
      input: recipient,
      position: 0,
      hint: 'Leave empty entries out of the list of recipients.',
    });
  }
  return pathOf(recipient);
}

/** The recipients of a send, in order. A string is one address, as in Python; several are given as a list. */
export function forwardPaths(recipients: string | readonly string[]): readonly Path[] {
  if (typeof recipients !== 'string' && !Array.isArray(recipients)) throw notText('list of recipients', recipients);
  const list: readonly string[] = typeof recipients === 'string' ? [recipients] : recipients;
  if (list.length === 0) {
    throw new MissingRecipientsError('no recipient was given', { hint: 'Give at least one address.' });
  }
  return list.map((recipient) => forwardPath(recipient));
}

/**
 * Most addresses by far: a dot-atom at a domain of small letters, digits and hyphens, short enough for every limit, and none of
 * the forms that the parser looks at twice. It would give the same text back.
 */
const PLAIN =
  /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/;
/** Without case, that is ASCII still: no letter beyond it folds into it. */
const PLAIN_WITH_CAPITALS = new RegExp(PLAIN, 'i');
const PLAIN_OCTETS = 253;

function isPlain(text: string): boolean {
  return text.length <= PLAIN_OCTETS && PLAIN.test(text);
}

function pathOf(text: string): Path {
  if (text.length <= PLAIN_OCTETS && PLAIN_WITH_CAPITALS.test(text)) {
    return { address: text, text: `<${text}>`, needsUtf8: false };
  }
  const { localPart, domain, address } = parseMailbox(text);
  const needsUtf8 = NON_ASCII.test(localPart);
  // An internationalized domain needs no SMTPUTF8: it goes as its A-labels (RFC 5890), which every server takes.
  const ascii = domainToAscii(domain) ?? domain;
  const wire = ascii === domain ? address : formatAddrSpec(localPart, ascii);
  return { address, text: `<${wire}>`, needsUtf8 };
}

/**
 * What VRFY and EXPN ask for: of a mailbox its address alone, as Python's `_addr_only`; anything else, such as the name of a user or
 * of a list, as it is.
 */
export function askedFor(text: string): string {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new MessageError('there is nothing to ask for', {
      code: 'ERR_INVALID_ARGUMENT',
      hint: 'Give an address, or the name of a user or of a list.',
    });
  }
  try {
    return pathOf(text).text.slice(1, -1);
  } catch (error) {
    if (error instanceof InvalidAddressError) return text;
    throw error;
  }
}

function notText(what: string, value: unknown): MessageError {
  return new MessageError(`the ${what} is no text but ${value === null ? 'null' : typeof value}`, {
    code: 'ERR_INVALID_ARGUMENT',
    hint: 'Give the address as a string.',
  });
}
