/** From a message to its JSON. Pure. */
import type { MessageJson, SummaryJson } from './api-types.js';
import type { InboxMessage } from './inbox-message.js';
import { mentionsRemoteContent } from './message-html.js';

const PREVIEW_LENGTH = 140;
/** A header block may have ten thousand fields; nobody reads so many. */
const MAX_SHOWN_FIELDS = 1_000;
/** The page shows no more of a text; its octets are all in the source. */
export const MAX_SHOWN_TEXT = 1024 * 1024;

export function summaryOf(message: InboxMessage): SummaryJson {
  const { id, receivedAt, envelope, outcome, subject, from, to, text = '', raw, attachments, provenance } = message;
  const { recipients, leaked } = provenance;
  return {
    id,
    receivedAt: receivedAt.toISOString(),
    envelope,
    outcome,
    subject,
    from,
    to,
    preview: text
      .slice(0, 4 * PREVIEW_LENGTH)
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, PREVIEW_LENGTH),
    octets: raw.length,
    attachments: attachments.length,
    refused: recipients.filter(({ status }) => status === 'refused').length,
    blind: recipients.filter(({ status, origin }) => status === 'accepted' && origin === 'blind').length,
    leaked: leaked.length > 0,
  };
}

export function messageJson(message: InboxMessage): MessageJson {
  const { cc, date, text, html, attachments, provenance, transcript, client, warnings } = message;
  const headers = [...(message.message?.headers ?? [])].slice(0, MAX_SHOWN_FIELDS);
  return {
    ...summaryOf(message),
    cc,
    date: date?.toISOString() ?? '',
    text: (text ?? '').slice(0, MAX_SHOWN_TEXT),
    hasText: text !== undefined,
    hasHtml: html !== undefined,
    hasRemoteContent: html !== undefined && mentionsRemoteContent(html),
    headers,
    files: attachments.map(({ filename = '', contentType, content, isInline }, index) => ({
      index,
      filename,
      contentType,
      octets: content.length,
      isInline,
    })),
    provenance,
    transcript: {
      opening: transcript.opening,
      lines: transcript.lines,
      ordinal: transcript.ordinal,
      leftOut: transcript.leftOut,
    },
    client: { ...client, user: client.user ?? '', tls: client.tls ?? null },
    warnings: warnings.map(({ code, message: said }) => ({ code, message: said })),
  };
}
