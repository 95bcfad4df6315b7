/**
 * Media types (RFC 2045 section 5.1). One rule: a type that is given is understood to its last character and written from what
 * was understood; what is not known is `application/octet-stream`.
 */
import { MessageError } from '../errors.js';
import type { MimeParameter } from './mime-parameters.js';

export interface MediaType {
  /** In lower case: `text/plain`. */
  readonly type: string;
  /** Names in lower case. */
  readonly parameters: readonly MimeParameter[];
}

const TOKEN = "[!#$%&'*+\\-.0-9A-Z^_`a-z{|}~]+";
const TYPE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})[ \\t]*`);
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[ !#-[\\]-~]|\\\\[ -~])*)")[ \\t]*)?`,
  'y',
);
const MAX_OCTETS = 4096;

/** @throws MessageError: `ERR_INVALID_CONTENT_TYPE`. */
export function parseMediaType(text: string): MediaType {
  const head = text.length > MAX_OCTETS ? null : TYPE.exec(text);
  const type = head?.[1]?.toLowerCase();
  if (head === null || type === undefined) throw invalidType(text);
  const parameters = new Map<string, string>();
  for (let position = head[0].length; position < text.length;) {
    PARAMETER.lastIndex = position;
    const found = PARAMETER.exec(text);
    const name = found?.[1]?.toLowerCase();
    if (found === null || (name !== undefined && parameters.has(name))) throw invalidType(text);
    if (name !== undefined) parameters.set(name, found[2] ?? (found[3] ?? '').replace(/\\(.)/g, '$1'));
    position = PARAMETER.lastIndex;
  }
  return { type, parameters: [...parameters] };
}

function invalidType(text: string): MessageError {
  return new MessageError(`${JSON.stringify(text.slice(0, 100))} is no media type`, {
    code: 'ERR_INVALID_CONTENT_TYPE',
    header: 'Content-Type',
    hint: "Give it as 'type/subtype' or 'type/subtype; name=value' (RFC 2045 section 5.1).",
  });
}

/** What a file is by the end of its name. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['7z', 'application/x-7z-compressed'],
  ['avif', 'image/avif'],
  ['bmp', 'image/bmp'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['doc', 'application/msword'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['eml', 'message/rfc822'],
  ['epub', 'application/epub+zip'],
  ['gif', 'image/gif'],
  ['gz', 'application/gzip'],
  ['heic', 'image/heic'],
  ['htm', 'text/html'],
  ['html', 'text/html'],
  ['ico', 'image/vnd.microsoft.icon'],
  ['ics', 'text/calendar'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['js', 'text/javascript'],
  ['json', 'application/json'],
  ['md', 'text/markdown'],
  ['mov', 'video/quicktime'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['odp', 'application/vnd.oasis.opendocument.presentation'],
  ['ods', 'application/vnd.oasis.opendocument.spreadsheet'],
  ['odt', 'application/vnd.oasis.opendocument.text'],
  ['ogg', 'audio/ogg'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['ppt', 'application/vnd.ms-powerpoint'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['rtf', 'application/rtf'],
  ['svg', 'image/svg+xml'],
  ['tar', 'application/x-tar'],
  ['tif', 'image/tiff'],
  ['tiff', 'image/tiff'],
  ['txt', 'text/plain'],
  ['vcf', 'text/vcard'],
  ['wav', 'audio/wav'],
  ['webm', 'video/webm'],
  ['webp', 'image/webp'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['xml', 'application/xml'],
  ['zip', 'application/zip'],
]);

/** The media type of a file of this name. */
export function guessMediaType(filename: string): string {
  const dot = filename.lastIndexOf('.');
  return TYPES.get(filename.slice(dot + 1).toLowerCase()) ?? 'application/octet-stream';
}
