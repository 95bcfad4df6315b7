/** OAUTHBEARER (RFC 7628): a bearer token in a GS2 frame. A single %x01 ends a failed exchange (section 3.2.3). */
import { bearer } from './bearer.js';
import { checkBearerCredentials, checkBearerField } from './credentials.js';
import { octetsOf, type SaslMechanism } from './mechanism.js';
import { saslName } from './sasl-name.js';

const NAME = 'OAUTHBEARER';

export interface OauthBearerOptions {
  readonly user: string;
  readonly accessToken: string;
  /** What the client connected to; sent along when given (RFC 7628 section 3.1). */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

export function oauthBearer({ user, accessToken, host, port }: OauthBearerOptions): SaslMechanism {
  checkBearerCredentials({ user, accessToken });
  if (host !== undefined) checkBearerField('host', host);
  const fields = [
    `n,a=${saslName(user)},`,
    ...(host === undefined ? [] : [`host=${host}`]),
    ...(port === undefined ? [] : [`port=${String(port)}`]),
    `auth=Bearer ${accessToken}`,
  ];
  const message = octetsOf(`${fields.join('\u0001')}\u0001\u0001`);
  return bearer({ name: NAME, message, accessToken, acknowledgement: Uint8Array.of(1) });
}
