/**
 * SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), bare or bound to the TLS session (-PLUS with tls-exporter, RFC 9266).
 * The server must prove that it knows the password too: without its signature there is no success.
 */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { printable } from '../../errors.js';
import { checkPasswordCredentials, type PasswordCredentials } from './credentials.js';
import { octetsOf, serverFault, unavailable, type SaslMechanism } from './mechanism.js';
import { saslName } from './sasl-name.js';
import { errorOf, parseServerFinal, parseServerFirst, type ServerFirst } from './scram-messages.js';

/**
 * The gs2-cbind-flag of RFC 5802 section 6. `p`: bound, the server offered -PLUS. `y`: this side could bind, but the server
 * does not offer it; it refuses when it did, because then somebody in between took -PLUS out of its list. `n`: not possible.
 */
export type ChannelBinding = { readonly flag: 'n' | 'y' } | { readonly flag: 'p'; readonly data: Uint8Array };

/** RFC 4013. Only asked for text with non-ASCII characters: it leaves printable ASCII as it is. Throws on prohibited text. */
export type SaslPrep = (text: string, options?: { allowUnassigned?: boolean }) => string;

export interface ScramOptions extends PasswordCredentials {
  readonly hash: 'SHA-1' | 'SHA-256';
  /** At least 18 random octets as base64, new for each exchange. */
  readonly nonce: string;
  readonly channelBinding: ChannelBinding;
  /** Needed for credentials with non-ASCII characters only. */
  readonly saslPrep?: SaslPrep | undefined;
}

const DIGESTS = { 'SHA-1': { digest: 'sha1', octets: 20 }, 'SHA-256': { digest: 'sha256', octets: 32 } } as const;

type State = 'start' | 'client-first-sent' | 'proof-sent' | 'verified' | 'failed';

/** Deriving the key takes the process some milliseconds (PBKDF2, 4,096 rounds and more), and is done in `respond`. */
export function scram(options: ScramOptions): SaslMechanism {
  checkPasswordCredentials(options);
  const { channelBinding, nonce } = options;
  const { digest, octets } = DIGESTS[options.hash];
  const name = `SCRAM-${options.hash}${channelBinding.flag === 'p' ? '-PLUS' : ''}`;
  if (!/^[!-+\--~]+$/.test(nonce)) throw new RangeError('a SCRAM nonce is printable ASCII without commas');
  const user = prepare(name, 'user name', options.user, options.saslPrep, true);
  const password = octetsOf(prepare(name, 'password', options.password, options.saslPrep, false));

  const gs2Header = channelBinding.flag === 'p' ? 'p=tls-exporter,,' : `${channelBinding.flag},,`;
  const clientFirstBare = `n=${saslName(user)},r=${nonce}`;
  let state: State = 'start';
  let secretSent = false;
  let serverError: string | undefined;
  let expectedSignature: Buffer | undefined;

  const hmac = (key: Uint8Array, data: Uint8Array | string): Buffer => createHmac(digest, key).update(data).digest();

  const clientFirst = (): Uint8Array => {
    state = 'client-first-sent';
    return octetsOf(`${gs2Header}${clientFirstBare}`);
  };

  /** RFC 5802 section 3. */
  const clientFinal = (serverFirst: string, { nonce: bothNonces, salt, iterations }: ServerFirst): Uint8Array => {
    const binding = channelBinding.flag === 'p' ? channelBinding.data : new Uint8Array(0);
    const bound = Buffer.concat([octetsOf(gs2Header), binding]).toString('base64');
    const withoutProof = `c=${bound},r=${bothNonces}`;
    const signed = `${clientFirstBare},${serverFirst},${withoutProof}`;
    const saltedPassword = pbkdf2Sync(password, salt, iterations, octets, digest);
    const clientKey = hmac(saltedPassword, 'Client Key');
    const clientSignature = hmac(createHash(digest).update(clientKey).digest(), signed);
    const proof = clientKey.map((octet, index) => octet ^ (clientSignature[index] ?? 0));
    expectedSignature = hmac(hmac(saltedPassword, 'Server Key'), signed);
    state = 'proof-sent';
    secretSent = true;
    return octetsOf(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  };

  /** The server has given up; it waits for any answer to say so with a reply. */
  const fail = (error: string): Uint8Array => {
    state = 'failed';
    serverError = printable(error.slice(0, 200));
    return new Uint8Array(0);
  };

  const verify = (text: string): Uint8Array => {
    const final = parseServerFinal(text, name);
    if ('error' in final) return fail(final.error);
    const { signature } = final;
    if (
      signature.length !== octets ||
      expectedSignature === undefined ||
      !timingSafeEqual(signature, expectedSignature)
    ) {
      throw serverFault(
        name,
        'the signature of the server is wrong: it does not know the password',
        'Check that it is the right server.',
      );
    }
    state = 'verified';
    return new Uint8Array(0);
  };

  return {
    name,
    get secretSent() {
      return secretSent;
    },
    get serverError() {
      return serverError;
    },
    initialResponse: clientFirst,
    respond(challenge) {
      switch (state) {
        case 'start':
          return clientFirst();
        case 'client-first-sent': {
          const text = decode(challenge, name);
          const error = errorOf(text);
          if (error !== undefined) return fail(error);
          return clientFinal(text, parseServerFirst(text, nonce, name));
        }
        case 'proof-sent':
          return verify(decode(challenge, name));
        case 'verified':
        case 'failed':
          throw serverFault(
            name,
            'the server goes on after its final message',
            'Try another mechanism (auth.mechanisms).',
          );
      }
    },
    finish() {
      if (state === 'verified') return;
      throw serverFault(
        name,
        'the server said yes without its signature',
        'It may not know the password: check that it is the right server.',
      );
    },
  };
}

function decode(challenge: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(challenge);
  } catch {
    throw serverFault(name, 'a message of the server is not UTF-8', 'Try another mechanism (auth.mechanisms).');
  }
}

function prepare(
  name: string,
  what: string,
  text: string,
  saslPrep: SaslPrep | undefined,
  allowUnassigned: boolean,
): string {
  if (/^[ -~]+$/.test(text)) return text;
  const hint = 'PLAIN and LOGIN, over TLS, take any text: name one of them in auth.mechanisms.';
  if (saslPrep === undefined)
    throw unavailable(name, `the ${what} needs SASLprep (RFC 4013), which was not given`, hint);
  let prepared: string;
  try {
    prepared = saslPrep(text, { allowUnassigned });
  } catch {
    // No cause: its message could grow to quote the text.
    throw unavailable(name, `SASLprep (RFC 4013) prohibits a character of the ${what}`, hint);
  }
  if (prepared === '') throw unavailable(name, `SASLprep (RFC 4013) leaves nothing of the ${what}`, hint);
  return prepared;
}
