/**
 * Attachments, alternatives and invitations as those of `Message.compose`. One rule: a part has the name, the type and the place in the
 * tree that nodemailer gives it.
 */
import type { Attachment } from '../index.js';
import { guessedType } from './guessed-type.js';
import { contentOf, readWhole, valueOf, type ContentWorld } from './content.js';
import { headerPairs } from './header-fields.js';
import { mailError } from './nodemailer-error.js';
import { isRecord, kindOf, listOf } from './own-keys.js';

type Source = Readonly<Record<string, unknown>>;

function sourceOf(item: unknown, where: string): Source {
  if (isRecord(item)) return item;
  throw mailError(`${where} is ${kindOf(item)}`, 'Give { filename, content } or { path }.');
}

export async function attachmentsOf(
  given: unknown,
  hasHtml: boolean,
  world: ContentWorld,
): Promise<readonly Attachment[]> {
  const made: Attachment[] = [];
  for (const [index, item] of listOf(given).entries()) {
    const where = `attachments[${String(index)}]`;
    made.push(await attachmentOf(sourceOf(item, where), index, hasHtml, where, world));
  }
  return made;
}

async function attachmentOf(
  source: Source,
  index: number,
  hasHtml: boolean,
  where: string,
  world: ContentWorld,
): Promise<Attachment> {
  const { content, contentType: saidByPlace } = await contentOf(source, where, world);
  const { contentDisposition, cid } = source;
  const contentType = textAt(source, 'contentType', where) ?? saidByPlace;
  const name = textAt(source, 'filename', where) ?? lastOfPath(source) ?? '';
  const type = (contentType ?? (name.includes('.') ? await guessedType(name) : '')).toLowerCase();
  const isMessage = type.startsWith('message/');
  const filename = filenameOf(source, where, isMessage ? undefined : `attachment-${String(index + 1)}`, type);
  const hasCid = typeof cid === 'string' && cid !== '';
  // What belongs to the HTML is inline, and so are a message, and a picture with an identifier beside no HTML.
  const isInline = isMessage || (hasCid && (hasHtml || type.startsWith('image/')));
  return {
    content,
    ...(filename === undefined ? {} : { filename }),
    ...(type === '' ? {} : { contentType: contentType ?? type }),
    ...(hasCid ? { cid } : {}),
    disposition: dispositionOf(contentDisposition, where) ?? (isInline ? 'inline' : 'attachment'),
    ...headersOf(source, where),
  };
}

export async function alternativesOf(given: unknown, world: ContentWorld): Promise<readonly Attachment[]> {
  const made: Attachment[] = [];
  for (const [index, item] of listOf(given).entries()) {
    const where = `alternatives[${String(index)}]`;
    const source = sourceOf(item, where);
    const { content, contentType: saidByPlace } = await contentOf(source, where, world);
    const filename = filenameOf(source, where, undefined, '');
    const contentType = textAt(source, 'contentType', where) ?? saidByPlace;
    made.push({
      // A form of the text is text: its line ends become CRLF.
      content: await asText(content),
      ...(filename === undefined ? {} : { filename }),
      ...(contentType === undefined ? (filename === undefined ? { contentType: 'text/plain' } : {}) : { contentType }),
      ...headersOf(source, where),
    });
  }
  return made;
}

async function asText(content: Attachment['content']): Promise<Attachment['content']> {
  return typeof content === 'string' ? content : await readWhole(content);
}

/** The same event twice, as calendars want it: as a form of the text, and as a file. */
export async function calendarParts(
  given: unknown,
  world: ContentWorld,
): Promise<{ readonly alternative: Attachment; readonly attachment: Attachment } | undefined> {
  const content = await valueOf(given, 'icalEvent', world);
  if (content === undefined || content.length === 0) return undefined;
  const source = isRecord(given) ? given : {};
  const method = textAt(source, 'method', 'icalEvent') ?? 'PUBLISH';
  if (!/^[A-Za-z-]+$/.test(method.trim()))
    throw mailError('icalEvent.method is no method', "Give 'REQUEST', 'CANCEL' or the like.");
  const text = typeof content === 'string' ? content : content.toString('utf8');
  return {
    alternative: { content: text, contentType: `text/calendar; charset=utf-8; method=${method.trim().toUpperCase()}` },
    attachment: {
      content: Buffer.from(text, 'utf8'),
      contentType: 'application/ics',
      filename: textAt(source, 'filename', 'icalEvent') ?? 'invite.ics',
      disposition: 'attachment',
    },
  };
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/ics': 'ics',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'image/gif': 'gif',
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
};

/** The end of a file name for a media type. */
export function extensionOf(contentType: string): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return (Object.hasOwn(EXTENSIONS, type) ? EXTENSIONS[type] : undefined) ?? 'bin';
}

/** What is given, else the last part of the path; `otherwise` where there is none of these. */
function filenameOf(
  source: Source,
  where: string,
  otherwise: string | undefined,
  contentType: string,
): string | undefined {
  const { filename } = source;
  if (filename === false) return undefined;
  if (typeof filename === 'string' && filename !== '') return filename;
  if (filename !== undefined && filename !== null && filename !== '')
    throw mailError(`${where}.filename is no text`, 'Give a name.');
  if (otherwise === undefined) return undefined;
  const name = lastOfPath(source) ?? otherwise;
  return name.includes('.') ? name : `${name}.${extensionOf(contentType)}`;
}

/** Of a file or a URL. */
function lastOfPath(source: Source): string | undefined {
  const place = [source['path'], source['href']].find(
    (value): value is string => typeof value === 'string' && value !== '' && !/^data:/i.test(value),
  );
  const last = place?.split(/[/\\]/).at(-1)?.split('?', 1)[0];
  return last === '' ? undefined : last;
}

function textAt(source: Source, key: string, where: string): string | undefined {
  const value = source[key];
  if (value === undefined || value === null || value === false || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw mailError(`${where}.${key} is ${kindOf(value)}`, 'Give a string.');
}

function dispositionOf(given: unknown, where: string): 'attachment' | 'inline' | undefined {
  if (given === undefined || given === null || given === false || given === '') return undefined;
  const word = typeof given === 'string' ? given.toLowerCase() : '';
  if (word === 'attachment' || word === 'inline') return word;
  throw mailError(`${where}.contentDisposition cannot be ${JSON.stringify(given)}`, "It is 'attachment' or 'inline'.");
}

/** Fields of the part but those that its own places say. */
function headersOf(source: Source, where: string): { readonly headers?: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const [name, value] of headerPairs(source['headers'])) {
    const text = isRecord(value) ? value['value'] : value;
    if (typeof text !== 'string' && typeof text !== 'number') {
      throw mailError(`${where}.headers: the value of ${name} is no text`, 'Give a string.');
    }
    headers[name] = String(text);
  }
  return Object.keys(headers).length === 0 ? {} : { headers };
}
