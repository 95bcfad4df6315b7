/**
 * Content framed for DATA (RFC 5321 section 4.5.2): a dot at the start of a line is doubled, and a lone dot ends it. Content
 * is canonical already; where no line begins with a dot the very same views go out.
 */
import { MessageError } from '../errors.js';
import type { Content } from '../octets/content.js';
import { stuffDots } from '../octets/content-of.js';

/** The line end of the protocol (RFC 5321 section 2.3.8). */
export const CRLF = '\r\n';

/** What ends the content. The line end in front of it is the content's own. */
export const END_OF_CONTENT: Uint8Array = Buffer.from('.\r\n');

/** Everything that follows a 354, or undefined when the content is streamed. */
export function frameInMemory(content: Content): readonly Uint8Array[] | undefined {
  if (content.segments === undefined) return undefined;
  const stuffed = content.dotLines === 0 ? content.segments : stuffDots(content.segments);
  return [...stuffed, END_OF_CONTENT];
}

/**
 * Python's `quotedata`: line ends become CRLF, and a dot at the start of a line is doubled.
 *
 * @throws MessageError: `ERR_INVALID_ARGUMENT` for what is no string.
 */
export function quotedata(data: string): string {
  if (typeof data !== 'string') {
    throw new MessageError('quotedata() takes text', {
      code: 'ERR_INVALID_ARGUMENT',
      hint: 'Give a string: bytes are quoted when they are sent.',
    });
  }
  return data.replace(/\r\n|\r|\n/g, '\r\n').replace(/(^|\r\n)\./g, '$1..');
}
