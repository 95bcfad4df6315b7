/**
 * A second look at address lists that the strict grammar refuses, for callers who ask for it. One rule: an address counts only
 * where two readers agree. This file finds each "@" that can only be an address as it stands; `addressparser` must then read
 * the same addresses, all of them, in the same order. What is left is names. In doubt the strict refusal stands.
 */
import addressparser from 'addressparser';
import { InvalidAddressError } from '../errors.js';
import {
  MAX_PATH_OCTETS,
  parseStrictAddrSpec,
  type AddressSyntax,
  type LocatedMailbox,
  type ParsedAddressList,
} from './address-parser.js';
import type { Mailbox } from './mailbox.js';

/** The work of `addressparser` grows with the square of its input; these bound it. In UTF-16 code units. */
const MAX_TEXT_LENGTH = 16_384;
const MAX_UNBROKEN_LENGTH = MAX_PATH_OCTETS;
const UNBROKEN = new RegExp(`[^\\s,;]{${String(MAX_UNBROKEN_LENGTH + 1)}}`);
/** Each colon may begin a group, and groups inside groups recurse. */
const MAX_COLONS = 16;

/** A delimiter, and an address that reaches to the next one. */
const LITERAL = /(?:^|[<,;:])[ \t]*([^\s<>()[\]\\,;:@"]+@[^\s<>()[\]\\,;:@"]+)(?=[ \t]*(?:$|[>,;]))/g;

type Literal = readonly [address: string, position: number];

/** The mailboxes of the text, or undefined when there is any doubt about them. */
export function parseLenientList(text: string, syntax: AddressSyntax = {}): ParsedAddressList | undefined {
  if (text.length > MAX_TEXT_LENGTH || UNBROKEN.test(text) || count(text, ':') > MAX_COLONS) return undefined;
  const literals = literalAddresses(text);
  const names = literals && namesBySecondReader(text, literals);
  if (literals === undefined || names === undefined) return undefined;
  const mailboxes: LocatedMailbox[] = [];
  for (const [index, [address, position]] of literals.entries()) {
    const mailbox = strictOrNothing(address, syntax);
    if (mailbox === undefined) return undefined;
    mailboxes.push({ mailbox: { ...mailbox, name: names[index] ?? '' }, position });
  }
  return { entries: mailboxes.map(({ mailbox }) => mailbox), mailboxes, lenient: true };
}

/**
 * Every "@" of the text as an address with its position; undefined when one of them may be something else, or when a path has
 * none and so names a local user.
 */
function literalAddresses(text: string): Literal[] | undefined {
  const matches = [...text.matchAll(LITERAL)];
  const paths = matches.filter(([all]) => all.startsWith('<')).length;
  if (matches.length === 0 || matches.length !== count(text, '@') || paths !== count(text, '<')) return undefined;
  if (!isOutsideOfQuotes(text, text.lastIndexOf('@'))) return undefined;
  return matches.map((match) => {
    const [all, address = ''] = match;
    return [address, match.index + all.length - address.length];
  });
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** No "@" up to the last one stands inside a quoted string or a comment, closed or not. */
function isOutsideOfQuotes(text: string, lastSign: number): boolean {
  let quoted = false;
  let comments = 0;
  for (let position = 0; position <= lastSign; position += 1) {
    const character = text[position];
    if (character === '\\') position += 1;
    else if (character === '"' && comments === 0) quoted = !quoted;
    else if (character === '(' && !quoted) comments += 1;
    else if (character === ')' && !quoted) comments = Math.max(0, comments - 1);
    else if (character === '@' && (quoted || comments > 0)) return false;
  }
  return true;
}

/**
 * The display name of each address as `addressparser` sees it, provided that it reads exactly these addresses. A piece
 * without an address is taken for the beginning of the name behind it (`Doe, John <j@x>`); where no name follows, it may be
 * a recipient, which must not be lost.
 */
function namesBySecondReader(text: string, literals: readonly Literal[]): string[] | undefined {
  const read = addressparser(text).flatMap((entry) => entry.group ?? [entry]);
  const names: string[] = [];
  let pieces: string[] = [];
  for (const { address, name } of read) {
    if (address === '') {
      pieces.push(name);
      continue;
    }
    if (address !== literals[names.length]?.[0] || (pieces.length > 0 && name === '')) return undefined;
    names.push([...pieces, name].join(', '));
    pieces = [];
  }
  return names.length === literals.length && pieces.length === 0 ? names : undefined;
}

function strictOrNothing(address: string, syntax: AddressSyntax): Mailbox | undefined {
  try {
    return parseStrictAddrSpec(address, syntax);
  } catch (error) {
    if (error instanceof InvalidAddressError) return undefined;
    throw error;
  }
}
