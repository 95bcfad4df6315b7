/**
 * The Content-Disposition of a download (RFC 6266). One rule: a name that a message gives is a suggestion for a file in the
 * reader's folder of downloads, and nothing in it leaves that role: no path, no control, no second field.
 */

const MAX_NAME_LENGTH = 150;
/** Controls, marks that turn the direction of text around, halves of characters, and what a file system may take for more than a name. */
const UNFIT =
  // eslint-disable-next-line no-control-regex -- finding controls is the purpose
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffd/\\:*?"<>|]+/gu;

/** `fallback` is for a name of which nothing is left. */
export function attachmentDisposition(name: string, fallback: string): string {
  const safe = safeName(name) || fallback;
  // A quoted string for old readers, in ASCII without quotes or backslashes; the same in UTF-8 (RFC 8187) for the others.
  const ascii = safe.replace(/[^\x20-\x7e]/gu, '_').replaceAll('%', '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded(safe)}`;
}

function safeName(name: string): string {
  const cleaned = name
    .replace(UNFIT, '_')
    .replace(/^[\s.]+/, '')
    .trimEnd();
  if (cleaned.length <= MAX_NAME_LENGTH) return cleaned;
  // The extension says what opens it.
  const extension = /\.[a-z0-9]{1,10}$/i.exec(cleaned)?.[0] ?? '';
  // A cut may leave half a character.
  return cleaned.slice(0, MAX_NAME_LENGTH - extension.length).replace(UNFIT, '') + extension;
}

/** RFC 8187 section 3.2.1: everything but `attr-char` is percent-encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
