/** What a person sees in a message: decoded, and never trusted. The only file of the inbox that knows who reads it. */
import type { Group, Mailbox, Warning } from '../index.js';
import { inspect } from '../inspect/index.js';

export interface InboxAttachment {
  /** As the message names it: for people, never for a path. */
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly content: Buffer;
  /** The Content-ID without its brackets, by which HTML refers to the attachment. */
  readonly cid: string | undefined;
  readonly isInline: boolean;
}

export interface Content {
  /** Decoded; `''` without one. */
  readonly subject: string;
  /** The From, To and Cc fields as people read them. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** The Date field; undefined without one, or when it cannot be read. */
  readonly date: Date | undefined;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly InboxAttachment[];
  /** What is legal but risky about it, and what could not be read. */
  readonly warnings: readonly Warning[];
}

/** Somebody waits for the answer to the content; a message that takes longer to read is kept unread. */
export const INSPECTION_MS = 20_000;

/** Rejects for what cannot be read. */
export async function contentOf(raw: Buffer): Promise<Content> {
  // The size was limited when it arrived.
  const found = await inspect(raw, { deadlineMs: INSPECTION_MS, maxSizeBytes: Math.max(raw.length, 1) });
  const { subject = '', date, text, html, headers, warnings } = found;
  const people = (name: 'from' | 'to' | 'cc'): string => {
    // A field that is no list of addresses is shown as it stands.
    return found[name].map(shown).join(', ') || (headers.get(name) ?? []).join(', ');
  };
  return {
    subject,
    from: people('from'),
    to: people('to'),
    cc: people('cc'),
    date,
    text,
    html,
    attachments: found.attachments.map(({ content, contentType, filename, cid, disposition }) => ({
      filename,
      contentType,
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      cid,
      isInline: disposition === 'inline',
    })),
    warnings,
  };
}

function shown(entry: Mailbox | Group): string {
  if ('members' in entry) return `${entry.name}: ${entry.members.map(shown).join(', ')};`;
  return entry.name === '' ? entry.address : `${entry.name} <${entry.address}>`;
}
