/**
 * A certificate for tests, made on the spot: no file to keep, none that expires. It is its own authority: give its text to
 * the client as `ca`. X.509 as in RFC 5280, ECDSA with P-256.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A key and its certificate. */
export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

/** What the certificate says. */
export interface TestCertificateOptions {
  /** Host names and IP addresses; the first one is the common name. Default: localhost, 127.0.0.1, ::1. */
  readonly names?: readonly string[];
  /** Default: yesterday. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

const dayMs = 86_400_000;

/** One DER value: tag, length, content. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const prefix = content.length < 128 ? [content.length] : [0x80 + length.length, ...length];
  return Buffer.concat([Uint8Array.of(tag, ...prefix), content]);
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);
const set = (...contents: readonly Uint8Array[]): Buffer => der(0x31, ...contents);
const octetString = (content: Uint8Array): Buffer => der(0x04, content);
const bitString = (content: Uint8Array): Buffer => der(0x03, Uint8Array.of(0), content);
const identifier = (...octets: readonly number[]): Buffer => der(0x06, Uint8Array.from(octets));

const ecdsaWithSha256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = identifier(0x55, 0x04, 0x03);
const subjectAltName = identifier(0x55, 0x1d, 0x11);
const basicConstraints = identifier(0x55, 0x1d, 0x13);

/** UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function addressOctets(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text ?? '').split(':').filter((group) => group !== '');
  const front = groups(head);
  const back = groups(tail);
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Makes a key and a certificate signed with it. */
export function createTestCertificate(options: TestCertificateOptions = {}): TestCertificate {
  const { names = ['localhost', '127.0.0.1', '::1'] } = options;
  const now = Date.now();
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(commonName, der(0x0c, Buffer.from(names[0] ?? 'localhost')))));
  // The first octet stays below 128, so that the number is positive, and above 0, so that it is the shortest form.
  const serial = Buffer.concat([Uint8Array.of(0x40), randomBytes(15)]);
  const alternatives = names.map((one) =>
    isIP(one) === 0 ? der(0x82, Buffer.from(one)) : der(0x87, addressOctets(one)),
  );
  const isAuthority = Uint8Array.of(0x01, 0x01, 0xff);
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(time(options.notBefore ?? new Date(now - dayMs)), time(options.notAfter ?? new Date(now + 365 * dayMs))),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(subjectAltName, octetString(sequence(...alternatives))),
        sequence(basicConstraints, isAuthority, octetString(sequence(isAuthority))),
      ),
    ),
  );
  const certificate = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, keys.privateKey)));
  return {
    cert: pem('CERTIFICATE', certificate),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

let shared: TestCertificate | undefined;

/** The certificate of servers that were given none: one for the whole process. */
export function sharedTestCertificate(): TestCertificate {
  shared ??= createTestCertificate();
  return shared;
}
