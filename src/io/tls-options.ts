/** The TLS options of the public surface. Types only: tls.ts gives them their meaning. */
import type { SecureContextOptions } from 'node:tls';

/**
 * - `required`: no mail and no credentials without TLS.
 * - `opportunistic`: TLS when the server offers STARTTLS; an upgrade that was offered and fails is an error.
 * - `never`: plain text.
 */
export type TlsMode = 'required' | 'opportunistic' | 'never';

export interface TlsOptions extends Pick<
  SecureContextOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'minVersion' | 'ciphers'
> {
  mode?: TlsMode;
  /** The name that the certificate must carry, and that SNI asks for. Default: the host given. */
  servername?: string;
  /** Only an explicit `false` lets a certificate pass that does not verify. Default true, whatever the environment says. */
  rejectUnauthorized?: boolean;
  /** SHA-256 fingerprint of the server's certificate, or several of which one must match: 64 hex digits, with or without colons. */
  fingerprint256?: string | readonly string[];
}
