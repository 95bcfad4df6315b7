import { certificateFaults, tlsHint } from '../../src/io/tls-hints.js';

describe('tlsHint', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'renew'],
    ['CERT_NOT_YET_VALID', 'clock'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.ca'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.ca'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls.ca'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'intermediate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls.servername'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'STARTTLS'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', '1.2'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls.cert'],
    ['ECONNRESET', 'hung up'],
    ['SOMETHING_NEW', 'certificate'],
  ])('%s: %s', (reason, word) => {
    expect(tlsHint(reason, undefined)).toContain(word);
  });

  it('shows the names of a certificate, and nothing else that an unknown peer could put there', () => {
    const hint = tlsHint('ERR_TLS_CERT_ALTNAME_INVALID', {
      subjectaltname: `DNS:a.example\n\u001b[31m${'x'.repeat(999)}`,
    });
    expect(hint).toContain('DNS:a.example??');
    expect(hint).not.toContain('\u001b');
    expect(hint.length).toBeLessThan(400);
  });

  it('knows which faults do not pass by themselves', () => {
    expect(certificateFaults.has('CERT_HAS_EXPIRED')).toBe(true);
    expect(certificateFaults.has('ECONNRESET')).toBe(false);
  });
});
