/** From a name that select.ts chose to the exchange itself. */
import { cramMd5 } from './cram-md5.js';
import { external } from './external.js';
import { login } from './login.js';
import { unavailable, type SaslMechanism } from './mechanism.js';
import { oauthBearer } from './oauthbearer.js';
import { plain } from './plain.js';
import { scram, type ChannelBinding, type SaslPrep } from './scram.js';
import { xoauth2 } from './xoauth2.js';

export interface MechanismContext {
  readonly user: string;
  /** The password or the access token, as the mechanism wants it. */
  readonly secret: string;
  /** The words of the server's AUTH line. */
  readonly offered: readonly string[];
  /** At least 18 random octets as base64, new for each mechanism object. */
  readonly nonce: string;
  /** The tls-exporter data of RFC 9266; undefined when there is none. */
  readonly channelBinding?: Uint8Array | undefined;
  readonly saslPrep?: SaslPrep | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** Throws MessageError for credentials that are none, and SMTPException when this side cannot use the mechanism with them. */
export function createMechanism(name: string, context: MechanismContext): SaslMechanism {
  const { user, secret, host, port } = context;
  switch (name) {
    case 'SCRAM-SHA-256-PLUS':
    case 'SCRAM-SHA-256':
      return createScram(name, 'SHA-256', context);
    case 'SCRAM-SHA-1-PLUS':
    case 'SCRAM-SHA-1':
      return createScram(name, 'SHA-1', context);
    case 'CRAM-MD5':
      return cramMd5({ user, password: secret });
    case 'PLAIN':
      return plain({ user, password: secret });
    case 'LOGIN':
      return login({ user, password: secret });
    case 'OAUTHBEARER':
      return oauthBearer({ user, accessToken: secret, host, port });
    case 'XOAUTH2':
      return xoauth2({ user, accessToken: secret });
    case 'EXTERNAL':
      return external({ user });
    default:
      throw new RangeError(`no mechanism is called ${name}`);
  }
}

function createScram(name: string, hash: 'SHA-1' | 'SHA-256', context: MechanismContext): SaslMechanism {
  const { user, secret: password, nonce, saslPrep } = context;
  return scram({ user, password, nonce, saslPrep, hash, channelBinding: bindingFor(name, context) });
}

function bindingFor(name: string, { channelBinding, offered }: MechanismContext): ChannelBinding {
  if (name.endsWith('-PLUS')) {
    if (channelBinding === undefined) {
      throw unavailable(
        name,
        'this connection has nothing to bind to',
        'Channel binding needs TLS 1.3 (tls.minVersion).',
      );
    }
    return { flag: 'p', data: channelBinding };
  }
  const serverBinds = offered.some((word) => word.toUpperCase().endsWith('-PLUS'));
  return { flag: channelBinding !== undefined && !serverBinds ? 'y' : 'n' };
}
