/** SMTP over TLS from the first octet (RFC 8314 section 3.3), as Python's `smtplib.SMTP_SSL`. */
import type { Dialect } from './conversation.js';
import type { UrlScheme } from './server-url.js';
import { SMTP } from './smtp.js';

/** The port that RFC 8314 registers for submission over TLS. */
export const SMTP_SSL_PORT = 465;

export const SMTP_SSL_DIALECT: Dialect = {
  implicitTls: true,
  hello: 'EHLO',
  finalReplies: 'one',
  defaultPort: SMTP_SSL_PORT,
};

/**
 * A connection that is encrypted before the greeting; the default port is 465. The certificate is verified against the host
 * that was given, unless `tls: { rejectUnauthorized: false }` says otherwise.
 */
export class SMTP_SSL extends SMTP {
  /** @internal */
  protected static override dialect(): Dialect {
    return SMTP_SSL_DIALECT;
  }

  /** @internal */
  protected static override schemes(): readonly UrlScheme[] {
    return ['smtps'];
  }
}
