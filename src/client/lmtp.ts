/** LMTP (RFC 2033), as Python's `smtplib.LMTP`, but with the answer to the content that each recipient is owed. */
import type { Dialect } from './conversation.js';
import type { UrlScheme } from './server-url.js';
import { SMTP } from './smtp.js';

/** The port by custom; LMTP has none of its own, and RFC 2033 section 5 forbids port 25. */
export const LMTP_PORT = 2003;

export const LMTP_DIALECT: Dialect = {
  implicitTls: false,
  hello: 'LHLO',
  finalReplies: 'per-recipient',
  defaultPort: LMTP_PORT,
};

/**
 * A connection to a mail store. A host that begins with `/`, or `path`, is a unix socket. Each recipient that RCPT accepted
 * gets a reply of its own to the content, by its place in the list (section 4.2); when the connection drops after some of them,
 * those are decided and the rest are `unknown`.
 */
export class LMTP extends SMTP {
  /** @internal */
  protected static override dialect(): Dialect {
    return LMTP_DIALECT;
  }

  /** @internal */
  protected static override schemes(): readonly UrlScheme[] {
    return ['lmtp', 'lmtp+unix'];
  }
}
