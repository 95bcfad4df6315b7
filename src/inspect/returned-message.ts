/** The message that a report is about (RFC 6522 section 3). One rule: what is no message is no returned message. */
import { isPosthasteError, Message } from '../index.js';
import type { InspectedAttachment, ReturnedMessage } from './inspection.js';

/** The types of a returned message, and whether only its header fields are in them (RFC 6522, RFC 6533; the last is a common fault). */
const TYPES: ReadonlyMap<string, boolean> = new Map([
  ['message/rfc822', false],
  ['message/global', false],
  ['text/rfc822-headers', true],
  ['message/global-headers', true],
  ['message/rfc822-headers', true],
]);

export function returnedMessage(attachments: readonly InspectedAttachment[]): ReturnedMessage | undefined {
  for (const { contentType, content } of attachments) {
    const headersOnly = TYPES.get(contentType);
    const message = headersOnly === undefined ? undefined : parsed(content);
    if (headersOnly !== undefined && message !== undefined) return { message, headersOnly };
  }
  return undefined;
}

function parsed(content: Uint8Array): Message | undefined {
  try {
    return Message.parse(content);
  } catch (error) {
    if (isPosthasteError(error)) return undefined;
    throw error;
  }
}
