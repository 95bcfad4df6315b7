/** XOAUTH2 (Google's and Microsoft's form, older than RFC 7628). An empty line ends a failed exchange. */
import { bearer } from './bearer.js';
import { checkBearerCredentials } from './credentials.js';
import { octetsOf, type SaslMechanism } from './mechanism.js';

const NAME = 'XOAUTH2';

export function xoauth2({ user, accessToken }: { readonly user: string; readonly accessToken: string }): SaslMechanism {
  checkBearerCredentials({ user, accessToken });
  const message = octetsOf(`user=${user}\u0001auth=Bearer ${accessToken}\u0001\u0001`);
  return bearer({ name: NAME, message, accessToken, acknowledgement: new Uint8Array(0) });
}
