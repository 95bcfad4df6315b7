/** What to do about a handshake that failed, by the code that OpenSSL or Node gave. */
import type { PeerCertificate } from 'node:tls';

/** Faults of the certificate: trying again does not help until somebody changes something. */
export const certificateFaults: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
]);

const EXPLICIT_RISK = 'tls.rejectUnauthorized: false turns verification off and lets anybody in between read the mail.';

export function tlsHint(reason: string, certificate: Partial<PeerCertificate> | undefined): string {
  switch (reason) {
    case 'CERT_HAS_EXPIRED':
      return "The server's certificate, or one above it, has expired: renew it, and check this machine's clock.";
    case 'CERT_NOT_YET_VALID':
      return "The server's certificate is not valid yet: check this machine's clock.";
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `The server signed its certificate itself: give that certificate as tls.ca, or pin it. ${EXPLICIT_RISK}`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
      return `Its authority is not known here: give the authority's certificate as tls.ca. ${EXPLICIT_RISK}`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'The server does not send its intermediate certificates, or its authority is not known here: repair its chain, or set tls.ca.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate is for another name${names(certificate)}: connect by that name, or set tls.servername to it.`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'The peer speaks plain text on this port: use STARTTLS there (usually port 587 or 25), or implicit TLS on port 465.';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
      return 'The server has no TLS version from 1.2 on: update it.';
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return 'The two sides share no cipher, or the server wants a client certificate (tls.cert and tls.key).';
    case 'ECONNRESET':
      return 'The peer hung up during the handshake: it may not speak TLS on this port, or a filter in between cuts it.';
    default:
      return 'Check that the port speaks TLS, and the certificate and the TLS settings of the server.';
  }
}

function names(certificate: Partial<PeerCertificate> | undefined): string {
  // Text of an unverified peer: only what a name needs is shown.
  const shown = certificate?.subjectaltname?.replace(/[^\w.:*, -]/g, '?').slice(0, 200);
  return shown === undefined || shown === '' ? '' : ` (${shown})`;
}
