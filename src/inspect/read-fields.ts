/**
 * The header fields of a message, decoded for people. One rule: an address is what the strict parser reads, so that nobody is shown
 * here whom `envelope()` would not send to.
 */
import {
  decodeWords,
  isPosthasteError,
  parseAddressList,
  type Group,
  type HeaderFields,
  type Mailbox,
  type Warning,
} from '../index.js';
import type { Inspection } from './inspection.js';
import { readDate } from './read-date.js';

export type ReadFields = Omit<Inspection, 'text' | 'html' | 'attachments' | 'deliveryStatus'>;

export function readFields(fields: HeaderFields): ReadFields {
  const warnings: Warning[] = [];
  const headers = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [decodeWords(value)]);
    else values.push(decodeWords(value));
  }
  const addresses = (name: string): (Mailbox | Group)[] =>
    fields.getAll(name).flatMap((value) => {
      const read = addressesOf(value);
      if (read !== undefined) return read;
      warnings.push({
        code: 'WARN_UNREADABLE_ADDRESSES',
        message: `${name} cannot be read as addresses: it is in headers, and no address of it is given`,
        header: name,
      });
      return [];
    });
  const date = fields.get('Date');
  const readable = date === undefined ? undefined : readDate(date);
  if (date !== undefined && readable === undefined) {
    warnings.push({ code: 'WARN_UNREADABLE_DATE', message: 'Date cannot be read as a date', header: 'Date' });
  }
  const ids = (name: string): string[] => fields.getAll(name).flatMap((value) => value.match(/<[^<>\s]+>/g) ?? []);
  return {
    subject: headers.get('subject')?.[0],
    from: addresses('From'),
    sender: addresses('Sender'),
    replyTo: addresses('Reply-To'),
    to: addresses('To'),
    cc: addresses('Cc'),
    bcc: addresses('Bcc'),
    date: readable,
    messageId: ids('Message-ID')[0],
    inReplyTo: ids('In-Reply-To'),
    references: ids('References'),
    headers,
    warnings,
  };
}

function addressesOf(value: string): (Mailbox | Group)[] | undefined {
  if (value.trim() === '') return [];
  try {
    return parseAddressList(value, { mode: 'lenient' }).map((entry) =>
      'members' in entry ? { name: decodeWords(entry.name), members: entry.members.map(decoded) } : decoded(entry),
    );
  } catch (error) {
    if (isPosthasteError(error)) return undefined;
    throw error;
  }
}

function decoded(mailbox: Mailbox): Mailbox {
  return { ...mailbox, name: decodeWords(mailbox.name) };
}
