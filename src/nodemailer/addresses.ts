/**
 * Addresses in the forms that nodemailer takes, as those of this library. One rule: text is in the syntax of a header field, and what is
 * not is refused; nothing is guessed.
 */
import { formatMailbox, parseAddressList, type Mailbox } from '../index.js';
import { mailError } from './nodemailer-error.js';
import { isRecord, kindOf, listOf } from './own-keys.js';

type OneAddress = string | { readonly name?: string; readonly address: string };

/** How deep lists may stand in each other. */
const MAX_DEPTH = 20;

/** For `Message.compose`; undefined when there is none. */
export function addressInput(given: unknown, where: string): readonly OneAddress[] | undefined {
  const list = flat(given, where, 0);
  return list.length === 0 ? undefined : list;
}

function flat(given: unknown, where: string, depth: number): readonly OneAddress[] {
  if (depth > MAX_DEPTH) throw mailError(`${where} is a list within a list within a list`, 'Give one list.');
  return listOf(given).flatMap((item) => (Array.isArray(item) ? flat(item, where, depth + 1) : one(item, where)));
}

function one(item: unknown, where: string): readonly OneAddress[] {
  if (item === undefined || item === null || item === '') return [];
  if (typeof item === 'string') return [item];
  if (!isRecord(item)) throw notAddress(item, where);
  const { name, address, group } = item;
  if (name !== undefined && name !== null && typeof name !== 'string') throw notAddress(item, where);
  if (typeof address === 'string' && address !== '') {
    return [name === undefined || name === null || name === '' ? { address } : { name, address }];
  }
  if (Array.isArray(group)) return [groupText(name ?? '', flat(group, where, 1))];
  // { address: process.env.NOBODY } is nobody, and not everybody else.
  throw notAddress(item, where);
}

/** A group (RFC 5322 section 3.4) as text; its members in the syntax of the field. */
function groupText(name: string, members: readonly OneAddress[]): string {
  const texts = members.map((member) => (typeof member === 'string' ? member : formatMailbox(member)));
  return `"${name.replace(/["\\]/g, '\\$&')}": ${texts.join(', ')};`;
}

function notAddress(item: unknown, where: string): Error {
  return mailError(
    `${where}: ${isRecord(item) ? 'an object without an address' : kindOf(item)} is no address`,
    "Give 'Name <user@domain>', { name, address }, or a list of these.",
  );
}

/** The mailboxes of it, those of groups too, each once. */
export function mailboxesOf(given: unknown, where: string): readonly Mailbox[] {
  const mailboxes = flat(given, where, 0).flatMap((item) =>
    parseAddressList(typeof item === 'string' ? item : formatMailbox(item)).flatMap((entry) =>
      'members' in entry ? entry.members : [entry],
    ),
  );
  const byAddress = new Map(mailboxes.map((mailbox) => [mailbox.address, mailbox]));
  return [...byAddress.values()];
}

/** As nodemailer shows addresses in its JSON. */
export function shownAddresses(given: unknown, where: string): readonly object[] {
  return flat(given, where, 0).flatMap((item) => {
    if (typeof item !== 'string') return [{ address: item.address, name: item.name ?? '' }];
    return parseAddressList(item).map((entry) =>
      'members' in entry ? { name: entry.name, group: entry.members.map(shown) } : shown(entry),
    );
  });
}

function shown({ address, name }: Mailbox): object {
  return { address, name };
}
