/**
 * Private keys of DKIM. One rule: a key is known to be fit before anything is signed with it, and nothing of it is ever quoted: no
 * error of this file carries the system's own as its cause.
 */
import { createPrivateKey, KeyObject } from 'node:crypto';
import { MessageError } from '../errors.js';
import type { Warning } from '../types.js';

/** RFC 8301 section 3.2: what signers must not, and should not, go below, and what every verifier takes. */
const LEAST_RSA_BITS = 1024;
const GOOD_RSA_BITS = 2048;
const MOST_RSA_BITS = 4096;

export interface PrivateKey {
  readonly keyObject: KeyObject;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly warnings: readonly Warning[];
}

/**
 * A key that DKIM can sign with.
 *
 * @param what the key in words, for errors.
 * @throws MessageError: `ERR_INVALID_DKIM_KEY`, `ERR_DKIM_KEY_TOO_WEAK`.
 */
export function readPrivateKey(given: unknown, passphrase: string | undefined, what: string): PrivateKey {
  const keyObject = given instanceof KeyObject ? given : readPem(given, passphrase, what);
  if (keyObject.type !== 'private') {
    throw invalid(`${what} is a ${keyObject.type} key`, 'Give the private one: what signs must be secret.');
  }
  switch (keyObject.asymmetricKeyType) {
    case 'ed25519':
      return { keyObject, algorithm: 'ed25519-sha256', warnings: [] };
    case 'rsa':
      return { keyObject, algorithm: 'rsa-sha256', warnings: checkedRsaBits(keyObject, what) };
    default:
      throw invalid(
        `${what} is of the type ${keyObject.asymmetricKeyType ?? 'unknown'}, which DKIM does not know`,
        'DKIM signs with RSA (RFC 6376) and Ed25519 (RFC 8463).',
      );
  }
}

function checkedRsaBits({ asymmetricKeyDetails }: KeyObject, what: string): Warning[] {
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS) {
    throw new MessageError(`${what} has ${String(bits)} bits, and verifiers refuse RSA keys below 1024`, {
      code: 'ERR_DKIM_KEY_TOO_WEAK',
      hint: 'Make a new key of 2048 bits (RFC 8301 section 3.2), and publish it under a new selector.',
    });
  }
  if (bits < GOOD_RSA_BITS) {
    return [weakness(`${what} has ${String(bits)} bits; an RSA key should have 2048 (RFC 8301 section 3.2)`)];
  }
  if (bits > MOST_RSA_BITS) {
    return [
      weakness(`${what} has ${String(bits)} bits; verifiers need not take more than 4096 (RFC 8301 section 3.2)`),
    ];
  }
  return [];
}

function weakness(message: string): Warning {
  return { code: 'WARN_DKIM_KEY_SIZE', message, header: 'DKIM-Signature' };
}

function readPem(given: unknown, passphrase: string | undefined, what: string): KeyObject {
  const text = textOf(given);
  if (text === undefined) {
    throw invalid(
      `${what} is neither PEM text nor a KeyObject`,
      "Give what the file holds: privateKey: await readFile('dkim.pem').",
    );
  }
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    // Not `instanceof`: the error may come from another realm than this module.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
    throw invalid(`${what} cannot be read (${code})`, hintOf(text, passphrase));
  }
}

/** Not `instanceof`: octets may come from another realm, such as a test runner's. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  if (!ArrayBuffer.isView(given)) return undefined;
  return Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString('latin1');
}

function hintOf(text: string, passphrase: string | undefined): string {
  if (text.includes('ENCRYPTED')) {
    return passphrase === undefined
      ? 'It is encrypted: give its passphrase.'
      : 'It is encrypted, and perhaps with another passphrase.';
  }
  if (text.includes('PUBLIC KEY-----')) return 'This is the public key, which goes into DNS: give the private one.';
  if (!text.includes('-----BEGIN ')) {
    return 'PEM begins with a line -----BEGIN PRIVATE KEY-----: give what the file holds, not its path.';
  }
  if (text.includes('\\n')) return String.raw`Its line ends are written as \n: replace them by real ones.`;
  return 'Give a key in PEM, as `openssl genpkey` writes it.';
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_DKIM_KEY', hint });
}
