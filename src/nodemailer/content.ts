/**
 * Where content comes from, in all the ways that nodemailer takes. One rule: whatever has to be opened is asked of the one who may
 * (access.ts); and what is not understood is refused, not sent as something else.
 */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { fileAttachment, type Bytes } from '../index.js';
import type { Access } from './access.js';
import { isDataUrl, readDataUrl } from './data-url.js';
import { fetchUrl } from './fetch-url.js';
import { mailError } from './nodemailer-error.js';
import { isRecord, kindOf } from './own-keys.js';

export interface ContentWorld {
  readonly access: Access;
  readonly signal: AbortSignal | undefined;
}

export interface Content {
  readonly content: Bytes;
  /** What the place where it comes from says it is. */
  readonly contentType?: string;
}

/** Words of Node for how text stands for octets. */
const ENCODINGS: ReadonlySet<string> = new Set<BufferEncoding>([
  'base64',
  'base64url',
  'binary',
  'hex',
  'latin1',
  'ucs2',
  'utf16le',
]);

/** Of an attachment, a form of the text, or a text in the form of an object. */
export async function contentOf(
  source: Readonly<Record<string, unknown>>,
  where: string,
  world: ContentWorld,
): Promise<Content> {
  const { content, path, href, encoding, raw, tls, httpHeaders } = source;
  if (raw !== undefined && raw !== false && raw !== null) {
    throw mailError(
      `${where}.raw is not offered: parts are put together here`,
      'Give content, contentType and headers.',
    );
  }
  const place = given(path) ?? given(href);
  if (place === undefined) return { content: bytesOf(content, encoding, where) };
  if (typeof place !== 'string') throw mailError(`${where}.path is no text`, 'Give the path of a file.');
  if (isDataUrl(place)) {
    const { octets, contentType } = readDataUrl(place, where);
    return { content: octets, contentType };
  }
  if (given(path) !== undefined && !/^https?:\/\//i.test(place)) {
    const file = await world.access.file(place);
    return { content: fileAttachment(file).content };
  }
  if (tls !== undefined && Object.keys(tls as object).length > 0) {
    throw mailError(`${where}.tls is not offered`, 'Fetch it yourself, and give its octets as content.');
  }
  return { content: await fetchUrl(place, world.access, httpHeaders, world.signal) };
}

function given(value: unknown): unknown {
  return value === undefined || value === null || value === false || value === '' ? undefined : value;
}

function bytesOf(content: unknown, encoding: unknown, where: string): Bytes {
  if (content === undefined || content === null || content === false) return '';
  if (typeof content === 'string') return decoded(content, encoding, where);
  if (content instanceof Uint8Array) return content;
  if (isStream(content)) return octetsOf(content);
  if (typeof content === 'function') return content as Bytes;
  if (Object.prototype.toString.call(content) === '[object Uint8Array]') return Buffer.from(content as Uint8Array);
  throw mailError(
    `${where}.content is ${kindOf(content)}, which is neither text, nor octets, nor a stream`,
    'Give a string, a Buffer or a Readable.',
  );
}

function decoded(text: string, encoding: unknown, where: string): string | Buffer {
  if (encoding === undefined || encoding === null || encoding === false || encoding === '') return text;
  const name = (typeof encoding === 'string' ? encoding : '').toLowerCase().replace(/[-_\s]/g, '');
  if (name === 'utf8' || name === 'usascii' || name === 'ascii') return text;
  if (!ENCODINGS.has(name)) {
    throw mailError(
      `${where}.encoding ${JSON.stringify(encoding)} is not known`,
      `It is one of utf-8, ${[...ENCODINGS].join(', ')}.`,
    );
  }
  // Node passes over what is no digit, so that half a content would go out as a whole one.
  const digits = text.replace(/[\s=]/g, '');
  const isWrong =
    (name.startsWith('base64') && (/[^A-Za-z0-9+/_-]/.test(digits) || digits.length % 4 === 1)) ||
    (name === 'hex' && (/[^0-9A-Fa-f]/.test(digits) || digits.length % 2 === 1));
  if (isWrong) throw mailError(`${where}.content is no ${name}`, 'Leave encoding out when the string is the text.');
  return Buffer.from(name === 'hex' ? digits : text, name as BufferEncoding);
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** A stream with an encoding gives strings. */
async function* octetsOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
    else if (typeof chunk === 'string') yield Buffer.from(chunk, 'utf8');
    else throw mailError(`a stream gave ${kindOf(chunk)} as content`, 'Let it give octets.');
  }
}

async function wholeOf(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All of a content, read now. */
export async function readWhole(content: Bytes): Promise<string | Buffer> {
  if (typeof content === 'string') return content;
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return await wholeOf(typeof content === 'function' ? content() : content);
}

/** `text`, `html`, `raw` and the like: the value itself, or an object that says where it is. Undefined: there is none. */
export async function valueOf(
  value: unknown,
  where: string,
  world: ContentWorld,
): Promise<string | Buffer | undefined> {
  if (given(value) === undefined) return undefined;
  const source = isRecord(value) && !isStream(value) ? value : { content: value };
  return await readWhole((await contentOf(source, where, world)).content);
}

/** The same, as text. */
export async function textOf(value: unknown, where: string, world: ContentWorld): Promise<string | undefined> {
  const whole = typeof value === 'number' ? String(value) : await valueOf(value, where, world);
  if (whole === undefined || whole.length === 0) return undefined;
  if (typeof whole === 'string') return whole;
  if (isUtf8(whole)) return whole.toString('utf8');
  throw mailError(`${where} is not in UTF-8`, 'Decode it, and give it as a string.');
}

/** Puts what streams give in their places, in copies of what holds them: the content is needed more than once. */
export async function readStreams(data: Record<string, unknown>): Promise<void> {
  for (const key of PLACES) if (Object.hasOwn(data, key)) data[key] = await withoutStream(data[key]);
  for (const key of LISTS) {
    const list = data[key];
    if (!Array.isArray(list)) continue;
    const read: unknown[] = [];
    for (const item of list as readonly unknown[]) read.push(await withoutStream(item));
    data[key] = read;
  }
}

async function withoutStream(value: unknown): Promise<unknown> {
  if (isStream(value)) return await wholeOf(octetsOf(value));
  if (!isRecord(value) || !isStream(value['content'])) return value;
  return { ...value, content: await wholeOf(octetsOf(value['content'])) };
}

const PLACES = ['html', 'text', 'watchHtml', 'amp', 'raw', 'icalEvent'];
const LISTS = ['attachments', 'alternatives'];

/** The streams among the values of a message, at the places where content can be. */
export function streamsOf(data: Readonly<Record<string, unknown>>): readonly Readable[] {
  const places = PLACES.map((key) => data[key]);
  for (const key of LISTS) {
    const list = data[key];
    if (Array.isArray(list)) for (const item of list as readonly unknown[]) places.push(item);
  }
  return places.flatMap((place) => {
    const inner = isRecord(place) && !isStream(place) ? place['content'] : undefined;
    return [place, inner].filter((value): value is Readable => value instanceof Readable);
  });
}
