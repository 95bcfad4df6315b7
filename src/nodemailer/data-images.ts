/** Pictures in the HTML itself (`data:` URLs), moved into attachments, which more readers show. */
import type { MailAttachment } from './mail-types.js';
import { extensionOf } from './parts.js';

/** Each repetition is bounded, so that a long text is read once. */
const IMAGE = /(<img\b[^<>]{0,1024} src\s{0,20}=[\s"']{0,20})(data:([^;,"'<>\s]{1,255})[;,][^"'>\s]+)/gi;

export interface MovedImages {
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
}

/** `makeId`: gives a new content identifier each time. */
export function moveDataImages(html: string, makeId: () => string): MovedImages {
  const attachments: MailAttachment[] = [];
  const moved = html.replace(IMAGE, (_match, front: string, path: string, type: string) => {
    const cid = makeId();
    attachments.push({ path, cid, filename: `image-${String(attachments.length + 1)}.${extensionOf(type)}` });
    return `${front}cid:${cid}`;
  });
  return { html: moved, attachments };
}
