/**
 * A message that another library has parsed into fields, sent anew. One rule: what it says is taken, and what is about its way here
 * (trace fields, signatures, the old structure) is left behind, as a new message has its own.
 */
import { isUtf8 } from 'node:buffer';
import { formatMailbox } from './address.js';
import { carriedName } from './carried-fields.js';
import { decodeWords } from './decode-words.js';
import { formatPhrase, type AddressInput } from './mailbox.js';
import type { Attachment, MessageFields } from './message-fields.js';

/** One address, or a group of them. */
export interface ParsedAddress {
  readonly name: string;
  readonly address?: string | undefined;
  readonly group?: readonly ParsedAddress[] | undefined;
}

export interface ParsedAddressField {
  readonly value: readonly ParsedAddress[];
}

/** The result of npm `mailparser`, as far as a new message is made of it. */
export interface ParsedMail {
  readonly headers: ReadonlyMap<string, unknown>;
  readonly headerLines: readonly unknown[];
  readonly attachments: readonly ParsedAttachment[];
  readonly from?: ParsedAddressField | undefined;
  readonly to?: ParsedAddressField | readonly ParsedAddressField[] | undefined;
  readonly cc?: ParsedAddressField | readonly ParsedAddressField[] | undefined;
  readonly bcc?: ParsedAddressField | readonly ParsedAddressField[] | undefined;
  readonly replyTo?: ParsedAddressField | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | false | undefined;
  readonly date?: Date | undefined;
  readonly messageId?: string | undefined;
  readonly inReplyTo?: string | undefined;
  readonly references?: string | string[] | undefined;
}

export interface ParsedAttachment {
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly contentDisposition?: string | undefined;
  readonly filename?: string | undefined;
  readonly cid?: string | undefined;
}

/** No plain fields have these three: `headers` would be an object there, and no Map. */
export function isParsedMail(value: unknown): value is ParsedMail {
  if (typeof value !== 'object' || value === null) return false;
  const { headers, headerLines, attachments } = value as Partial<Record<keyof ParsedMail, unknown>>;
  return (
    Array.isArray(headerLines) &&
    Array.isArray(attachments) &&
    Object.prototype.toString.call(headers) === '[object Map]'
  );
}

export function fieldsOfParsedMail(mail: ParsedMail): MessageFields {
  const { headers, subject, text, html, date, messageId, inReplyTo, references } = mail;
  const sender = headers.get('sender');
  return defined<MessageFields>({
    from: addresses(mail.from) ?? '',
    sender: isAddressField(sender) ? addresses(sender) : undefined,
    replyTo: addresses(mail.replyTo),
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    bcc: addresses(mail.bcc),
    subject,
    text,
    html: html === false ? undefined : html,
    date,
    messageId,
    inReplyTo,
    references,
    attachments: mail.attachments.map(attachment),
    headers: otherFields(mail.headerLines),
  });
}

/** The fields that have no place of their own and may go on, as text; undefined when there are none. */
function otherFields(headerLines: readonly unknown[]): Record<string, string[]> | undefined {
  const fields = new Map<string, { name: string; values: string[] }>();
  for (const line of headerLines.map(textOfLine)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (!carriedName(name)) continue;
    const value = decodeWords(
      line
        .slice(colon + 1)
        .replace(/\r?\n(?=[ \t])/g, '')
        .replaceAll('\t', ' ')
        .trim(),
    );
    const field = fields.get(name.toLowerCase());
    if (field === undefined) fields.set(name.toLowerCase(), { name, values: [value] });
    else field.values.push(value);
  }
  if (fields.size === 0) return undefined;
  return Object.fromEntries([...fields.values()].map(({ name, values }) => [name, values]));
}

/** The parser keeps each octet as a character. */
function textOfLine(headerLine: unknown): string {
  const line = typeof headerLine === 'object' && headerLine !== null && 'line' in headerLine ? headerLine.line : '';
  if (typeof line !== 'string') return '';
  const octets = Buffer.from(line, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : line;
}

function isAddressField(value: unknown): value is ParsedAddressField {
  return typeof value === 'object' && value !== null && 'value' in value && Array.isArray(value.value);
}

function addresses(given: ParsedMail['to']): AddressInput | undefined {
  if (given === undefined) return undefined;
  const fields: readonly ParsedAddressField[] = 'value' in given ? [given] : given;
  return fields.flatMap(({ value }) => value.map(addressInput));
}

function addressInput({ name, address = '', group }: ParsedAddress): string | { name: string; address: string } {
  if (group === undefined) return { name, address };
  return `${formatPhrase(name)}: ${group.map((member) => mailbox(member)).join(', ')};`;
}

function mailbox({ name, address = '' }: ParsedAddress): string {
  return formatMailbox({ name, address });
}

function attachment({ content, contentType, contentDisposition, filename, cid }: ParsedAttachment): Attachment {
  const isInline = contentDisposition === 'inline' || (contentDisposition === undefined && cid !== undefined);
  const disposition = isInline ? 'inline' : 'attachment';
  return defined<Attachment>({ content, contentType, disposition, filename, cid });
}

/** Without what is undefined. */
function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
