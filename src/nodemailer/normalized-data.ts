/** The fields of a message with everything read that they name: what nodemailer's JSON transport shows. */
import { shownAddresses } from './addresses.js';
import type { CompiledMessage } from './compiled-message.js';
import { contentOf, readWhole, valueOf, type ContentWorld } from './content.js';
import { guessedType } from './guessed-type.js';
import { headerPairs, listFields } from './header-fields.js';
import { isRecord, listOf, ownCopy } from './own-keys.js';
import { extensionOf } from './parts.js';

type Data = Record<string, unknown>;

const TEXTS = ['html', 'text', 'watchHtml', 'amp', 'icalEvent'];
const ADDRESSES = ['from', 'to', 'cc', 'bcc', 'sender', 'replyTo'];
const PLACES_OF_CONTENT = ['content', 'path', 'href', 'raw', 'httpHeaders', 'tls'];

/** Contents read, addresses taken apart. */
export async function resolved(data: Data, world: ContentWorld): Promise<Data> {
  for (const key of TEXTS) {
    const value = data[key];
    const content = await valueOf(value, key, world);
    if (content === undefined) continue;
    data[key] = isRecord(value) ? { content, ...rest(value) } : { content };
  }
  for (const key of ADDRESSES) {
    if (!(key in data)) continue;
    const list = shownAddresses(data[key], key);
    data[key] = list.length === 0 ? null : key === 'from' || key === 'sender' ? list[0] : list;
  }
  for (const key of ['alternatives', 'attachments']) {
    const list = listOf(data[key]);
    if (list.length === 0) continue;
    const read: Data[] = [];
    for (const [index, item] of list.entries())
      read.push(await resolvedPart(item, `${key}[${String(index)}]`, index, key, world));
    data[key] = read;
  }
  return data;
}

async function resolvedPart(
  item: unknown,
  where: string,
  index: number,
  key: string,
  world: ContentWorld,
): Promise<Data> {
  const source = ownCopy(item);
  const { content, contentType } = await contentOf(source, where, world);
  const part: Data = { content: await readWhole(content), ...rest(source) };
  if (key === 'attachments') {
    const place = [source['path'], source['href']].find(
      (value): value is string => typeof value === 'string' && value !== '',
    );
    const last = place === undefined || place.startsWith('data:') ? '' : place.split(/[/\\]/).at(-1)?.split('?', 1)[0];
    const said = text(part['contentType']) ?? contentType;
    const name = text(part['filename']) ?? text(last) ?? `attachment-${String(index + 1)}`;
    const filename = name.includes('.') ? name : `${name}.${extensionOf(said ?? '')}`;
    Object.assign(part, { filename, contentType: said ?? (await guessedType(filename)) });
  }
  return part;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function rest(source: Readonly<Record<string, unknown>>): Data {
  return Object.fromEntries(Object.entries(source).filter(([key]) => !PLACES_OF_CONTENT.includes(key)));
}

/** `resolved()` in a form that JSON can say. */
export async function normalized(data: Data, message: CompiledMessage, world: ContentWorld): Promise<Data> {
  const envelope = message.getEnvelope();
  await resolved(data, world);
  data['envelope'] = envelope;
  data['messageId'] = message.messageId();
  for (const key of ['html', 'text', 'watchHtml', 'amp']) {
    const value = data[key];
    if (isRecord(value))
      data[key] = Buffer.isBuffer(value['content']) ? value['content'].toString('utf8') : value['content'];
  }
  const parts = [data['icalEvent'], ...listOf(data['alternatives']), ...listOf(data['attachments'])];
  for (const part of parts) {
    if (!isRecord(part) || !Buffer.isBuffer(part['content'])) continue;
    Object.assign(part, { content: part['content'].toString('base64'), encoding: 'base64' });
  }
  data['normalizedHeaders'] = normalizedHeaders(data, message);
  return data;
}

function normalizedHeaders(data: Data, message: CompiledMessage): Data {
  const headers: Data = {};
  for (const [name, given] of headerPairs(data['headers'])) {
    const [first] = listOf(given);
    const value = isRecord(first) && 'value' in first ? first['value'] : first;
    if (value !== undefined && value !== null && value !== '') headers[name] = value;
  }
  for (const { name, value } of listFields(data['list'])) {
    const key = name.toLowerCase();
    const before = text(headers[key]);
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  for (const [field, header] of [
    ['references', 'references'],
    ['inReplyTo', 'in-reply-to'],
  ] as const) {
    if (data[field] !== undefined) headers[header] = message.getHeader(header);
  }
  return headers;
}
