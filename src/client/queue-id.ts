/** The server's own name for a message it took, out of the free text of its final reply: convenience, never relied on. */
import type { Reply } from '../types.js';

/** Each form is that of a server in wide use; the first that fits counts. */
const FORMS: readonly RegExp[] = [
  /\bqueued as ([A-Za-z0-9]+)/i, // Postfix
  /\bid=([A-Za-z0-9-]+)/, // Exim
  /^(?:2\.0\.0 )?(?=[A-Za-z]*\d)([A-Za-z0-9]+) Message accepted for delivery/i, // Sendmail, OpenSMTPD
  // No `<` between the brackets, so that a text full of them is not read again from each of them.
  /<[^<>]*> ([A-Za-z0-9+/:]+) Saved$/, // Dovecot LMTP
  /^(?:2\.0\.0 )?OK +(?:\d+ )?([A-Za-z0-9.-]{16,})(?: - gsmtp)?$/i, // Gmail, Amazon SES
];

export function queueIdOf(reply: Reply): string | undefined {
  for (const form of FORMS) {
    const id = form.exec(reply.text)?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}
