/**
 * `headers`, `list`, `priority` and `xMailer` as header fields. One rule: a field that has a place of its own gets there, so that it
 * stands once and its addresses are read; and nothing in a value can begin another field.
 */
import { Message } from '../index.js';
import { mailError } from './nodemailer-error.js';
import { isRecord, listOf, ownEntries } from './own-keys.js';

/** A field that is written as it is. */
export interface RawField {
  readonly name: string;
  readonly value: string;
}

export interface HeaderFieldsGiven {
  /** Values for the places of a message, by the names of those: `replyTo`. */
  readonly places: Readonly<Record<string, unknown>>;
  /** Text for people: encoded as it needs. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** In the form of the wire. */
  readonly raw: readonly RawField[];
}

const PLACES: Readonly<Record<string, string>> = {
  from: 'from',
  sender: 'sender',
  to: 'to',
  cc: 'cc',
  bcc: 'bcc',
  'reply-to': 'replyTo',
  'in-reply-to': 'inReplyTo',
  references: 'references',
  subject: 'subject',
  'message-id': 'messageId',
  date: 'date',
};

/** Pairs of name and value, in whatever form they are given. */
export function headerPairs(headers: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (Array.isArray(headers)) return (headers as readonly unknown[]).flatMap(pairOf);
  if (isPair(headers)) return pairOf(headers);
  return ownEntries(headers);
}

function isPair(value: unknown): value is { readonly key: string; readonly value: unknown } {
  return isRecord(value) && typeof value['key'] === 'string' && value['key'] !== '' && 'value' in value;
}

function pairOf(item: unknown): readonly (readonly [string, unknown])[] {
  if (isPair(item)) return [[item.key, item.value]];
  throw mailError(
    'an item of headers is no { key, value }',
    "Give headers: { 'X-Name': 'value' } or [{ key, value }].",
  );
}

/** @throws NodemailerError: `EMESSAGE`. */
export function readHeaders(headers: unknown): HeaderFieldsGiven {
  const places: Record<string, unknown> = {};
  const texts: Record<string, string[]> = {};
  const raw: RawField[] = [];
  for (const [name, given] of headerPairs(headers)) {
    const key = name.toLowerCase().trim();
    const place = Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
    if (place !== undefined) {
      const values = listOf(given).map((value) => (isPrepared(value) ? value.value : value));
      const before = listOf(places[place]);
      if (values.length > 0) places[place] = joined(place, [...before, ...values]);
      continue;
    }
    for (const value of listOf(given)) {
      if (key === 'mime-version' && value === '1.0') continue;
      if (isPrepared(value) && value.prepared === true) {
        const text = unfolded(textOf(value.value, name));
        if (text.trim() !== '') raw.push({ name, value: text });
      } else {
        const text = textOf(isPrepared(value) ? value.value : value, name);
        if (text.trim() !== '') (texts[name] ??= []).push(text);
      }
    }
  }
  return { places, texts, raw };
}

function isPrepared(value: unknown): value is { readonly value: unknown; readonly prepared?: unknown } {
  return isRecord(value) && 'value' in value;
}

/** Of a field that stands once, the last one counts; addresses and identifiers come together. */
function joined(place: string, values: readonly unknown[]): unknown {
  return ['to', 'cc', 'bcc', 'replyTo', 'references'].includes(place) ? values : values.at(-1);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toUTCString().replace('GMT', '+0000');
  throw mailError(`the value of ${JSON.stringify(name)} in headers is no text`, 'Give a string, or a list of strings.');
}

/** A value that is folded already; whatever else holds a line end is refused where the field is made. */
function unfolded(value: string): string {
  return value.replace(/\r?\n(?=[ \t])/g, '');
}

/** `high` and `low`; anything else is the ordinary. */
export function priorityFields(priority: unknown): readonly RawField[] {
  const word = typeof priority === 'string' ? priority.toLowerCase() : '';
  if (word !== 'high' && word !== 'low') return [];
  const [number, name] = word === 'high' ? ['1 (Highest)', 'High'] : ['5 (Lowest)', 'Low'];
  return [
    { name: 'X-Priority', value: number },
    { name: 'X-MSMail-Priority', value: name },
    { name: 'Importance', value: name },
  ];
}

/** RFC 2369: URLs in angle brackets, comments behind them; RFC 2919: List-ID has its comment in front. */
export function listFields(list: unknown): readonly RawField[] {
  return ownEntries(list).flatMap(([key, given]) => {
    const name = `List-${key.trim().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}`;
    const isId = key.trim().toLowerCase() === 'id';
    return listOf(given).flatMap((entry) => {
      const value = listOf(entry)
        .map((item) => listValue(item, name, isId))
        .join(', ');
      return value === '' ? [] : [{ name: isId ? 'List-ID' : name, value }];
    });
  });
}

function listValue(item: unknown, name: string, isId: boolean): string {
  const { url, comment } = isRecord(item) ? item : { url: item, comment: undefined };
  if (typeof url !== 'string' || url === '') {
    throw mailError(`an item of list for ${name} has no url`, "Give list: { unsubscribe: 'https://example.com/u' }.");
  }
  const remark = comment === undefined || comment === null ? '' : textOf(comment, name);
  if (isId)
    return `${remark === '' ? '' : `${quoted(remark)} `}<${url.replace(/^<|>$/g, '').replace(/^[a-z]+:\/{0,2}/i, '')}>`;
  return `<${withScheme(url)}>${remark === '' ? '' : ` (${commented(remark)})`}`;
}

function withScheme(given: string): string {
  const url = given.trim().replace(/^<|>$/g, '');
  // Such a character would end the brackets, or begin another entry.
  if (/[\s<>]/.test(url)) throw mailError('a url of list holds white space or an angle bracket', 'Percent-encode it.');
  if (/^(?:https?|mailto|ftp):/.test(url)) return url;
  return /^[^@]+@[^@]+$/.test(url) ? `mailto:${url}` : `http://${url}`;
}

const PLAIN = /^[ -~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : encodedText(text);
}

function commented(text: string): string {
  return PLAIN.test(text) ? text.replace(/[()\\]/g, '\\$&') : encodedText(text);
}

/** In the form of a header field's text (RFC 2047): what `Message.compose` makes of it. */
export function encodedText(text: string): string {
  const message = Message.compose({ from: 'nobody@localhost', subject: text });
  return message.headers.get('Subject') ?? '';
}
