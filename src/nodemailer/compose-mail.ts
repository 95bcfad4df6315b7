/**
 * From the fields of nodemailer to a Message. One rule: what a message says here it says there, in the same places; and a whole message
 * that is given as it is loses its Bcc fields like any other.
 */
import { Message, type AddressInput, type Attachment, type MessageFields } from '../index.js';
import { addressInput, mailboxesOf } from './addresses.js';
import type { ContentWorld } from './content.js';
import { textOf, valueOf } from './content.js';
import { listFields, priorityFields, readHeaders } from './header-fields.js';
import { mailError } from './nodemailer-error.js';
import { isRecord, kindOf, listOf, ownCopy } from './own-keys.js';
import { alternativesOf, attachmentsOf, calendarParts } from './parts.js';

export type MailData = Readonly<Record<string, unknown>>;

/** A half that is absent is that of the message. */
export interface GivenEnvelope {
  readonly from?: string;
  readonly to?: readonly string[];
}

export interface ComposedMail {
  readonly message: Message;
  readonly envelope: GivenEnvelope;
}

/** What cannot be said here, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  normalizeHeaderKey: 'The names in headers are sent as they are given.',
  baseBoundary: 'A boundary is chosen that stands nowhere in the content.',
  boundaryPrefix: 'A boundary is chosen that stands nowhere in the content.',
  otp: "Give the field itself: headers: { 'OTP-Token': { prepared: true, value: '...' } }.",
  ses: "Use Amazon's SMTP servers, and headers such as X-SES-CONFIGURATION-SET.",
};

const FIELDS: readonly string[] = [
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'inReplyTo',
  'references',
  'subject',
  'messageId',
  'date',
  'text',
  'html',
  'watchHtml',
  'amp',
  'icalEvent',
  'attachments',
  'alternatives',
  'headers',
  'list',
  'envelope',
  'raw',
];

/** @throws NodemailerError: `EMESSAGE`, `EFILEACCESS`, `EURLACCESS`, `EFETCH`, `ESTREAM`; and what `Message.compose` throws. */
export async function composeMail(data: MailData, world: ContentWorld): Promise<ComposedMail> {
  checkNames(data);
  const envelope = givenEnvelope(data['envelope']);
  const raw = await valueOf(data['raw'], 'raw', world);
  if (raw !== undefined) return { message: Message.parse(raw), envelope: { ...envelopeOfFields(data), ...envelope } };
  return { message: await composed(data, world), envelope };
}

/** A name that is nearly one of ours would be left out in silence; any other is left to plugins. */
function checkNames(data: MailData): void {
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined || value === null || value === false) continue;
    const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
    if (instead !== undefined) throw mailError(`the field ${name} is not offered`, instead);
    const likely = FIELDS.find((field) => field !== name && plain(field) === plain(name));
    if (likely !== undefined)
      throw mailError(`${JSON.stringify(name)} is no field of a message`, `Did you mean ${likely}?`);
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

async function composed(data: MailData, world: ContentWorld): Promise<Message> {
  const headers = readHeaders(data['headers']);
  // A field of its own outweighs the same one in headers.
  const said = ownCopy(withoutNothing(data), headers.places);
  const html = await textOf(said['html'], 'html', world);
  const calendar = await calendarParts(said['icalEvent'], world);
  const forms = [
    await formOf(said['watchHtml'], 'watchHtml', 'text/watch-html', world),
    await formOf(said['amp'], 'amp', 'text/x-amp-html', world),
    calendar?.alternative,
  ].filter((form): form is Attachment => form !== undefined);
  const alternatives = [...forms, ...(await alternativesOf(said['alternatives'], world))];
  const attachments = await attachmentsOf(said['attachments'], html !== undefined, world);
  const allAttachments = calendar === undefined ? attachments : [...attachments, calendar.attachment];
  const fields = {
    from: addressesAt(said, 'from') ?? '',
    sender: addressesAt(said, 'sender'),
    replyTo: addressesAt(said, 'replyTo'),
    to: addressesAt(said, 'to'),
    cc: addressesAt(said, 'cc'),
    bcc: addressesAt(said, 'bcc'),
    subject: textAt(said, 'subject'),
    text: await textOf(said['text'], 'text', world),
    html,
    alternatives: alternatives.length === 0 ? undefined : alternatives,
    attachments: allAttachments.length === 0 ? undefined : allAttachments,
    date: dateOf(said['date']),
    messageId: textAt(said, 'messageId') ?? ownMessageId(said),
    inReplyTo: textAt(said, 'inReplyTo'),
    references: identifiers(said['references']),
    textEncoding: wantsEightBit(said) ? '8bit' : undefined,
    headers: headers.texts,
  };
  const message = Message.compose(withoutNothing(fields) as unknown as MessageFields);
  const xMailer = textAt(said, 'xMailer');
  const more = [...headers.raw, ...priorityFields(said['priority']), ...listFields(said['list'])];
  for (const { name, value } of more) message.headers.append(name, value);
  if (xMailer !== undefined) message.headers.set('X-Mailer', xMailer);
  return message;
}

/**
 * In the domain of the author, as nodemailer makes it: the name of this machine may be that of a container, which says nothing to anybody.
 * Undefined, for the one of `Message.compose`, where there is no domain that can stand there.
 */
function ownMessageId(data: MailData): string | undefined {
  const domain = mailboxesOf(data['from'], 'from')[0]?.address.split('@').at(-1);
  return domain !== undefined && /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(domain)
    ? `<${crypto.randomUUID()}@${domain}>`
    : undefined;
}

function withoutNothing(fields: object): Record<string, unknown> {
  const isSomething = (value: unknown): boolean =>
    value !== undefined && value !== null && value !== false && value !== '';
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => isSomething(value) || key === 'from'));
}

function addressesAt(data: MailData, field: string): AddressInput | undefined {
  return addressInput(data[field], field);
}

async function formOf(
  value: unknown,
  where: string,
  contentType: string,
  world: ContentWorld,
): Promise<Attachment | undefined> {
  const text = await textOf(value, where, world);
  return text === undefined ? undefined : { content: text, contentType: `${contentType}; charset=utf-8` };
}

function textAt(data: MailData, field: string): string | undefined {
  const value = data[field];
  if (value === undefined || value === null || value === false || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw mailError(`${field} is ${kindOf(value)}`, 'Give a string.');
}

function identifiers(given: unknown): readonly string[] | undefined {
  const texts = listOf(given)
    .flatMap((item) => listOf(item))
    .map((item) => {
      if (typeof item === 'string') return item;
      throw mailError(`references has ${kindOf(item)}`, 'Give message identifiers as text.');
    });
  return texts.length === 0 ? undefined : texts;
}

function dateOf(given: unknown): Date | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const date = typeof given === 'string' || typeof given === 'number' ? new Date(given) : given;
  if (Object.prototype.toString.call(date) === '[object Date]' && !Number.isNaN((date as Date).getTime()))
    return date as Date;
  throw mailError('date is no date', 'Give a Date, or text that Date understands.');
}

const WISHES: ReadonlySet<string> = new Set(['7bit', '8bit', 'b', 'base64', 'binary', 'q', 'quoted-printable']);

/** How text travels changes nothing of what arrives; only `8bit` is a wish that can be granted. */
function wantsEightBit(data: MailData): boolean {
  const words = [data['encoding'], data['textEncoding']].filter(
    (word) => word !== undefined && word !== false && word !== '',
  );
  for (const word of words) {
    if (typeof word !== 'string' || !WISHES.has(word.toLowerCase())) {
      throw mailError(
        `the encoding ${JSON.stringify(word)} is not known`,
        'Leave it out: texts are in UTF-8, and arrive as they are.',
      );
    }
  }
  return words.includes('8bit');
}

/** @throws NodemailerError: `EMESSAGE`; InvalidAddressError. */
export function givenEnvelope(given: unknown): GivenEnvelope {
  if (given === undefined || given === null || given === false) return {};
  if (!isRecord(given)) throw mailError(`envelope is ${kindOf(given)}`, 'Give { from, to }.');
  const { from } = given;
  const hasRecipients = ['to', 'cc', 'bcc'].some((field) => given[field] !== undefined);
  const to = ['to', 'cc', 'bcc'].flatMap((field) => envelopeAddresses(given[field], `envelope.${field}`));
  return {
    ...(from === undefined ? {} : { from: reversePath(from) }),
    ...(hasRecipients ? { to: [...new Set(to)] } : {}),
  };
}

function reversePath(from: unknown): string {
  if (from === false || from === null || from === '' || from === '<>') return '';
  return envelopeAddresses(from, 'envelope.from')[0] ?? '';
}

function envelopeAddresses(given: unknown, where: string): readonly string[] {
  return mailboxesOf(given, where).map(({ address }) => address);
}

/** Beside a whole message, the fields say only where it goes. */
function envelopeOfFields(data: MailData): GivenEnvelope {
  const [sender] = [data['sender'], data['from']].flatMap((given) => mailboxesOf(given, 'from'));
  const to = ['to', 'cc', 'bcc'].flatMap((field) => envelopeAddresses(data[field], field));
  return {
    ...(sender === undefined ? {} : { from: sender.address }),
    ...(to.length === 0 ? {} : { to: [...new Set(to)] }),
  };
}
