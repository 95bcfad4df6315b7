/**
 * What a message is composed from. One rule: everything that is given is understood or refused. No field names a file or a URL,
 * so that a message that came as JSON can never make anything be read.
 */
import { MessageError } from '../errors.js';
import type { Bytes } from '../types.js';
import type { AddressInput } from './mailbox.js';

/** A file, an image inside of the HTML text, or another form of the text. */
export interface Attachment {
  /**
   * Bytes and strings are copied when the message is composed. A function is called for each sending, and must give the same octets
   * each time; a bare async iterable makes a message that can be sent once. Neither is held in memory.
   */
  content: Bytes;
  filename?: string;
  /** Default: by the end of the file name, else `application/octet-stream`. A string is sent in UTF-8. */
  contentType?: string;
  /** The identifier that the HTML text names as `cid:...`. */
  cid?: string;
  /** Default: `inline` for what the HTML text can show by its `cid`, else `attachment`. */
  disposition?: 'attachment' | 'inline';
  /** Fields of this part, such as `Content-Description`; not those of the whole message, such as To and Subject. */
  headers?: Readonly<Record<string, string>>;
  /** How a string stands for octets. Default `utf-8`: the string is the text. */
  encoding?: 'utf-8' | 'utf8' | 'base64' | 'hex';
}

/** The fields of a new message. */
export interface MessageFields {
  /** The authors. Several need a `sender` (RFC 5322 section 3.6.2). */
  from: AddressInput;
  sender?: AddressInput;
  replyTo?: AddressInput;
  to?: AddressInput;
  cc?: AddressInput;
  /** Get the message, and are not named in what anybody gets. */
  bcc?: AddressInput;
  subject?: string;
  /** The plain text. Any line end becomes CRLF. */
  text?: string;
  /** The same as HTML. */
  html?: string;
  /** The same in other forms: an invitation (`text/calendar`), AMP. */
  alternatives?: readonly Attachment[];
  attachments?: readonly Attachment[];
  /**
   * How text beyond ASCII travels. `auto` (default): as quoted-printable or base64, so that every server takes the same octets and no
   * signature over them breaks on the way. `8bit`: as it is, where lines are not too long for that; for a server without 8BITMIME
   * (RFC 6152) those parts are encoded as with `auto`, with the same boundaries and Message-ID.
   */
  textEncoding?: 'auto' | '8bit';
  /** Default: now. */
  date?: Date;
  /** Default: a new one. */
  messageId?: string;
  /** One identifier, or several between spaces. */
  inReplyTo?: string;
  references?: string | readonly string[];
  /**
   * Other fields by their names, as text. Not those that have a place of their own here; not MIME-Version, Content-*, Bcc, Resent-*
   * and Return-Path.
   */
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

type Kind = 'string' | 'array' | 'object' | 'date' | 'text encoding' | 'any';

const FIELDS: Readonly<Record<keyof MessageFields, Kind>> = {
  from: 'any',
  sender: 'any',
  replyTo: 'any',
  to: 'any',
  cc: 'any',
  bcc: 'any',
  subject: 'string',
  text: 'string',
  html: 'string',
  alternatives: 'array',
  attachments: 'array',
  textEncoding: 'text encoding',
  date: 'date',
  messageId: 'string',
  inReplyTo: 'string',
  references: 'any',
  headers: 'object',
};

const ATTACHMENT_FIELDS: Readonly<Record<keyof Attachment, Kind>> = {
  content: 'any',
  filename: 'string',
  contentType: 'string',
  cid: 'string',
  disposition: 'string',
  headers: 'object',
  encoding: 'string',
};

const NO_FILES =
  'Files and URLs are never read for a message: give the octets as content, or use fileAttachment(path).';

/** What other libraries take, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  path: NO_FILES,
  href: NO_FILES,
  httpHeaders: NO_FILES,
  raw: 'Message.parse(raw) takes a whole message.',
  envelope: 'Give { from, to } as options of the call that sends.',
  dsn: 'Give dsn as an option of the call that sends.',
  amp: "Give alternatives: [{ content: amp, contentType: 'text/x-amp-html' }].",
  watchHtml: "Give alternatives: [{ content: watchHtml, contentType: 'text/watch-html' }].",
  icalEvent: "Give alternatives: [{ content: event, contentType: 'text/calendar; method=REQUEST' }].",
  list: "Give the fields themselves: headers: { 'List-Unsubscribe': '<https://...>' }.",
  priority: "Give the fields themselves: headers: { Importance: 'high' }.",
  contentDisposition: 'Give it as disposition.',
  contentTransferEncoding: 'It is chosen here, so that no octet changes on the way.',
  encoding: 'Text is always sent in UTF-8.',
};

/** Whether somebody means the fields of a message, right or wrong. */
export function areFields(value: unknown): value is MessageFields {
  if (typeof value !== 'object' || value === null) return false;
  return 'from' in value || Object.keys(value).some((key) => Object.hasOwn(FIELDS, key));
}

/** Throws MessageError: `ERR_UNKNOWN_MESSAGE_FIELD`, `ERR_INVALID_MESSAGE_FIELD`. */
export function checkMessageFields(fields: unknown): asserts fields is MessageFields {
  checkKeys(fields, FIELDS, '');
}

/** @param where what the attachment is called in errors: `attachments[0]`. */
export function checkAttachment(attachment: unknown, where: string): asserts attachment is Attachment {
  checkKeys(attachment, ATTACHMENT_FIELDS, where);
}

function checkKeys(given: unknown, kinds: Readonly<Record<string, Kind>>, where: string): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new MessageError(`${where === '' ? 'a message' : where} is composed from an object with fields`, {
      code: 'ERR_INVALID_MESSAGE_FIELD',
      hint: where === '' ? 'Give { from, to, subject, text }.' : 'Give { content, filename }.',
    });
  }
  for (const key of Object.keys(given)) {
    const value = (given as Readonly<Record<string, unknown>>)[key];
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    if (kind === undefined) throw unknownField(key, kinds, where);
    if (value !== undefined && !isOfKind(value, kind)) throw invalidField(name(key, where), kind);
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'string') return typeof value === 'string';
  if (kind === 'any') return value !== null;
  if (kind === 'array') return Array.isArray(value);
  if (kind === 'text encoding') return value === 'auto' || value === '8bit';
  // Not `instanceof`: the date may come from another realm, such as a test runner's.
  if (kind === 'date') return Object.prototype.toString.call(value) === '[object Date]';
  // A Map has no keys of its own, and would be passed over in silence.
  return Object.prototype.toString.call(value) === '[object Object]';
}

function name(key: string, where: string): string {
  return where === '' ? key : `${where}.${key}`;
}

function invalidField(field: string, kind: Kind): MessageError {
  const wanted = {
    string: 'a string',
    array: 'a list',
    object: 'an object',
    date: 'a Date',
    'text encoding': "'auto' or '8bit'",
    any: 'null',
  }[kind];
  return new MessageError(`${field} ${kind === 'any' ? 'cannot be' : 'must be'} ${wanted}`, {
    code: 'ERR_INVALID_MESSAGE_FIELD',
    hint: 'Leave it out when there is none.',
  });
}

function unknownField(key: string, kinds: Readonly<Record<string, Kind>>, where: string): MessageError {
  const likely = Object.keys(kinds).find((known) => plain(known) === plain(key));
  const instead = Object.hasOwn(INSTEAD, key) ? INSTEAD[key] : undefined;
  const otherwise =
    where === ''
      ? 'Give other header fields in headers; options of the sending belong to the call that sends.'
      : `An attachment has ${Object.keys(kinds).join(', ')}.`;
  return new MessageError(`${name(key, where)} is no field of ${where === '' ? 'a message' : 'an attachment'}`, {
    code: 'ERR_UNKNOWN_MESSAGE_FIELD',
    hint: instead ?? (likely === undefined ? otherwise : `Did you mean ${likely}?`),
  });
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_ ]/g, '');
}
