/** A secret that must show nowhere, the mechanisms that carry it, and every form in which it could show. */
import type { Credentials } from '../../src/index.js';
import type { Behaviour } from '../../src/testing/index.js';
import { bearerServer, externalServer, scramServer } from '../client/sasl-servers.js';

export const USER = 'ann@example.org';
export const SECRET = 'Tr0ub4dor-and-3';

export const MECHANISMS: NonNullable<Behaviour['mechanisms']> = {
  'SCRAM-SHA-1': scramServer({ hash: 'sha1' }),
  'SCRAM-SHA-256': scramServer({ hash: 'sha256' }),
  XOAUTH2: bearerServer({ accepts: (token) => token === SECRET }),
  OAUTHBEARER: bearerServer({ accepts: (token) => token === SECRET }),
  EXTERNAL: externalServer(USER),
};

export const NAMES = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER'] as const;

export function credentialsFor(name: string, secret = SECRET): Credentials {
  const known = { user: USER, mechanisms: [name] };
  return name.includes('OAUTH') ? { ...known, accessToken: secret } : { ...known, password: secret };
}

/** Every base64 and hex form in which the text can stand inside a longer one, whatever is in front of it. */
function formsOf(secret: string): string[] {
  const shifted = [0, 1, 2].map((lead) => {
    const base64 = Buffer.from('x'.repeat(lead) + secret).toString('base64');
    // The first and the last group also hold octets of what stands beside.
    return base64.slice(lead === 0 ? 0 : 4, -4);
  });
  const hex = Buffer.from(secret).toString('hex');
  return [secret, ...shifted, hex, hex.toUpperCase()];
}

export function expectNoSecret(text: string, secrets: readonly string[]): void {
  for (const form of secrets.flatMap(formsOf)) expect(text).not.toContain(form);
}
