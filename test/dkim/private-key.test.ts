import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MessageError } from '../../src/index.js';
import { readPrivateKey } from '../../src/dkim/private-key.js';
import { thrownBy } from '../support/thrown.js';

const rsa = (modulusLength: number): KeyObject => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const strong = rsa(2048);
const WHAT = 'the private key of s._domainkey.example.com';

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string =>
  key.export({ type, format: 'pem' }).toString();
const encrypted = ed25519
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
  .toString();

describe('a private key', () => {
  it.each([
    ['a KeyObject', strong, 'rsa-sha256'],
    ['PKCS #8', pem(strong), 'rsa-sha256'],
    ['PKCS #1', pem(strong, 'pkcs1'), 'rsa-sha256'],
    ['the octets of a file', Buffer.from(pem(strong)), 'rsa-sha256'],
    ['octets of another realm', new Uint8Array(Buffer.from(pem(ed25519))), 'ed25519-sha256'],
    ['Ed25519', pem(ed25519), 'ed25519-sha256'],
  ])('is read from %s', (_form, given, algorithm) => {
    const key = readPrivateKey(given, undefined, WHAT);
    expect(key.algorithm).toBe(algorithm);
    expect(key.keyObject.type).toBe('private');
    expect(key.warnings).toEqual([]);
  });

  it('may be encrypted', () => {
    expect(readPrivateKey(encrypted, 'open sesame', WHAT).algorithm).toBe('ed25519-sha256');
  });

  it('of RSA is refused below 1024 bits, and warned about below 2048 and above 4096 (RFC 8301)', () => {
    expect(thrownBy(() => readPrivateKey(rsa(768), undefined, WHAT))).toMatchObject({
      code: 'ERR_DKIM_KEY_TOO_WEAK',
      message: expect.stringContaining('768 bits') as string,
    });
    const weak = readPrivateKey(rsa(1024), undefined, WHAT);
    expect(weak.warnings).toEqual([expect.objectContaining({ code: 'WARN_DKIM_KEY_SIZE' })]);
    const large = readPrivateKey(rsa(4104), undefined, WHAT);
    expect(large.warnings).toEqual([expect.objectContaining({ code: 'WARN_DKIM_KEY_SIZE' })]);
  }, 60_000);

  const publicKey = createPublicKey(strong);
  it.each<[string, unknown, string | undefined, RegExp]>([
    ['nothing', undefined, undefined, /neither PEM text nor a KeyObject/],
    ['an object', { key: pem(ed25519) }, undefined, /neither PEM text nor a KeyObject/],
    ['a public KeyObject', publicKey, undefined, /public key.*Give the private one/s],
    ['a public key in PEM', publicKey.export({ type: 'spki', format: 'pem' }), undefined, /give the private one/],
    ['a secret KeyObject', createSecretKey(Buffer.from('secret')), undefined, /secret key/],
    ['a path', '/etc/dkim/example.com.pem', undefined, /not its path/],
    ['escaped line ends', pem(ed25519).replaceAll('\n', '\\n'), undefined, /replace them by real ones/],
    ['half a key', pem(strong).slice(0, 400), undefined, /cannot be read/],
    ['an encrypted key without a passphrase', encrypted, undefined, /give its passphrase/],
    ['an encrypted key with another passphrase', encrypted, 'open barley', /another passphrase/],
    ['a key for ECDSA', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, undefined, /type ec,/],
    ['a key for RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, undefined, /rsa-pss/],
  ])('is refused when it is %s, with no word of it in the error', (_form, given, passphrase, expected) => {
    const error = thrownBy(() => readPrivateKey(given, passphrase, WHAT));
    expect(error).toBeInstanceOf(MessageError);
    const { message, hint, code, cause, stack } = error as MessageError;
    expect(code).toBe('ERR_INVALID_DKIM_KEY');
    expect(`${message}\n${hint ?? ''}`).toMatch(expected);
    expect(message).toContain(WHAT);
    expect(cause).toBeUndefined();
    const said = [message, hint, stack].join('\n');
    const material =
      typeof given === 'string'
        ? given.split(/\\n|\n/).filter((line) => line.length > 20 && !line.includes('-----'))
        : [];
    expect(material.filter((line) => said.includes(line))).toEqual([]);
    if (passphrase !== undefined) expect(said).not.toContain(passphrase);
  });
});
