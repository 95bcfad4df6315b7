/** CRAM-MD5 (RFC 2195): keeps the password from a reader of the link, and proves nothing about the server. */
import { createHmac } from 'node:crypto';
import { checkPasswordCredentials, type PasswordCredentials } from './credentials.js';
import { octetsOf, serverFault, unavailable, type SaslMechanism } from './mechanism.js';

const NAME = 'CRAM-MD5';

export function cramMd5(credentials: PasswordCredentials): SaslMechanism {
  checkPasswordCredentials(credentials);
  const { user, password } = credentials;
  let secretSent = false;
  return {
    name: NAME,
    get secretSent() {
      return secretSent;
    },
    serverError: undefined,
    initialResponse: () => undefined,
    respond(challenge) {
      if (secretSent) {
        throw serverFault(NAME, 'the server sends a second challenge', 'Try another mechanism (auth.mechanisms).');
      }
      const digest = hmacMd5(password, challenge);
      secretSent = true;
      return octetsOf(`${user} ${digest}`);
    },
    finish() {
      if (!secretSent) throw serverFault(NAME, 'the server never sent a challenge', 'Check what answers there.');
    },
  };
}

function hmacMd5(key: string, data: Uint8Array): string {
  try {
    return createHmac('md5', octetsOf(key)).update(data).digest('hex');
  } catch (cause) {
    // Node built or started for FIPS 140 has no MD5.
    throw unavailable(NAME, 'this Node has no MD5', 'Use SCRAM-SHA-256, or PLAIN over TLS.', cause);
  }
}
