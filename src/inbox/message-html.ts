/**
 * A message's HTML as a document of its own. One rule: nothing in it runs and nothing in it reaches out; that is the work of the
 * headers it is served with, not of a filter. The few words changed here are those that no policy reaches.
 */
import type { InboxAttachment } from './inspection.js';

export interface HtmlDocument {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Elements that make a browser look names up or dial, with the policy in place: they become elements that mean nothing. */
const REACHES_OUT = /<(?=(?:link|meta|base)[\s/>])/gi;
const CID_REFERENCE = /\bcid:([^\s"'<>)]+)/gi;
const REMOTE_REFERENCE = /(?:\b(?:src|srcset|background|poster)\s*=\s*["']?\s*|url\(\s*["']?\s*)(?:https?:)?\/\//i;

/** Images that a browser draws and does not run, by the content type of an attachment. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/svg+xml']);

/** A reference that repeats a thousand times must not make the document a thousand times as large. */
const MAX_IMAGE_CHARACTERS = 64 * 1024 * 1024;

/** For a note to the reader only; what is loaded is decided by the policy. */
export function mentionsRemoteContent(html: string): boolean {
  return REMOTE_REFERENCE.test(html);
}

/** `remoteImages`: the reader has asked for the images of this one message. */
export function htmlDocument(
  html: string,
  attachments: readonly InboxAttachment[],
  { remoteImages }: { readonly remoteImages: boolean },
): HtmlDocument {
  const images = remoteImages ? 'data: https: http:' : 'data:';
  const policy = [
    // No allow-scripts, no allow-same-origin, no allow-forms; links open elsewhere, by the reader's click alone.
    'sandbox allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    `img-src ${images}`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
  const harmless = withImages(html, attachments).replace(REACHES_OUT, '<x-');
  return {
    body: `<!doctype html>\n<meta charset="utf-8"><base target="_blank">\n${harmless}`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-dns-prefetch-control': 'off',
    },
  };
}

/** `cid:` becomes the image itself, so that the document has nothing to ask for. */
function withImages(html: string, attachments: readonly InboxAttachment[]): string {
  const byCid = new Map(
    attachments.flatMap((attachment) => (attachment.cid === undefined ? [] : [[attachment.cid, attachment] as const])),
  );
  if (byCid.size === 0) return html;
  let room = MAX_IMAGE_CHARACTERS;
  return html.replace(CID_REFERENCE, (reference: string, encoded: string) => {
    const attachment = byCid.get(decoded(encoded));
    const type = attachment?.contentType.toLowerCase() ?? '';
    if (attachment === undefined || !IMAGE_TYPES.has(type)) return reference;
    const url = `data:${type};base64,${attachment.content.toString('base64')}`;
    room -= url.length;
    return room < 0 ? reference : url;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
