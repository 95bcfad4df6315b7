/** The server's side of the mechanisms that the scripted server does not know of itself, for tests of the login. */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import type { SaslMechanism } from '../../src/testing/index.js';

const SALT = Buffer.from('a salt for tests');
const ITERATIONS = 4096;

export interface ScramServerOptions {
  readonly hash: 'sha1' | 'sha256';
  /** The tls-exporter data that a -PLUS mechanism must be bound to. */
  readonly binding?: () => Uint8Array;
  /** Gives a wrong signature, as a server does that does not know the password. */
  readonly imposter?: boolean;
}

/** SCRAM (RFC 5802) as the server runs it; accounts are compared with the names as they stand on the wire. */
export function scramServer({ hash, binding, imposter = false }: ScramServerOptions): SaslMechanism {
  return function* scram({ initial, passwordOf }) {
    const clientFirst = (initial ?? (yield Buffer.alloc(0))).toString('utf8');
    const [, gs2Header = '', user = '', nonce = ''] = /^([^,]*,[^,]*,)n=([^,]*),r=([^,]+)$/.exec(clientFirst) ?? [];
    const password = passwordOf(user);
    if (password === undefined) return false;
    const serverFirst = `r=${nonce}server,s=${SALT.toString('base64')},i=${String(ITERATIONS)}`;
    const clientFinal = (yield Buffer.from(serverFirst)).toString('utf8');
    const [, withoutProof = '', bound = '', proof = ''] = /^(c=([^,]*),r=[^,]*),p=(.*)$/.exec(clientFinal) ?? [];
    const expectedBinding = Buffer.concat([Buffer.from(gs2Header), binding?.() ?? Buffer.alloc(0)]);
    if (bound !== expectedBinding.toString('base64')) return false;
    const octets = hash === 'sha1' ? 20 : 32;
    const hmac = (key: Uint8Array, data: string): Buffer => createHmac(hash, key).update(data).digest();
    const salted = pbkdf2Sync(password, SALT, ITERATIONS, octets, hash);
    const signed = `${clientFirst.slice(gs2Header.length)},${serverFirst},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
    const expected = clientKey.map((octet, index) => octet ^ (signature[index] ?? 0));
    if (!timingSafeEqual(expected, Buffer.from(proof, 'base64'))) return false;
    const serverSignature = hmac(hmac(salted, 'Server Key'), imposter ? 'what was not said' : signed);
    yield Buffer.from(`v=${serverSignature.toString('base64')}`);
    return true;
  };
}

export interface BearerServerOptions {
  readonly accepts: (token: string) => boolean;
  /** What the last answers to a refused token were. */
  readonly acknowledgements?: string[];
}

/** XOAUTH2 and OAUTHBEARER: a refused token is answered with JSON, which the client acknowledges (RFC 7628 section 3.2.3). */
export function bearerServer({ accepts, acknowledgements = [] }: BearerServerOptions): SaslMechanism {
  return function* bearer({ initial }) {
    const message = (initial ?? (yield Buffer.alloc(0))).toString('utf8');
    const token = message
      .split('\u0001')
      .find((field) => field.startsWith('auth=Bearer '))
      ?.slice('auth=Bearer '.length);
    if (token !== undefined && accepts(token)) return true;
    const acknowledgement = yield Buffer.from('{"status":"401","schemes":"bearer","scope":"mail"}');
    acknowledgements.push(acknowledgement.toString('base64'));
    return false;
  };
}

/** EXTERNAL (RFC 4422 appendix A): lets in whoever names himself so. */
export function externalServer(user: string): SaslMechanism {
  return function* external({ initial }) {
    const name = (initial ?? (yield Buffer.alloc(0))).toString('utf8');
    return name === user;
  };
}
