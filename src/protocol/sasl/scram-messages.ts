/**
 * The server's two SCRAM messages (RFC 5802 section 7), read by the grammar and in its order: what deviates is refused,
 * because every octet of them is signed.
 */
import { serverFault } from './mechanism.js';

/** RFC 7677 section 4. A lower count would let whoever reads the exchange guess passwords cheaply. */
export const MIN_ITERATIONS = 4_096;
/** A quarter of a second of computing, in which the process does nothing else: no honest server asks for more. */
export const MAX_ITERATIONS = 1_000_000;

export interface ServerFirst {
  /** The client's nonce and the server's behind it. */
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export type ServerFinal = { readonly signature: Uint8Array } | { readonly error: string };

/** Throws SMTPException, code `ERR_SASL_SERVER`. */
export function parseServerFirst(text: string, clientNonce: string, mechanism: string): ServerFirst {
  if (text.startsWith('m=')) {
    throw serverFault(mechanism, 'the server demands an extension (m=) that this client does not know', TRY_ANOTHER);
  }
  const [nonceField = '', saltField = '', countField = '', ...extensions] = text.split(',');
  const nonce = valueOf('r', nonceField);
  const salt = base64Of(valueOf('s', saltField));
  const count = valueOf('i', countField);
  if (
    nonce === undefined ||
    salt === undefined ||
    count === undefined ||
    !/^[1-9][0-9]*$/.test(count) ||
    !extensions.every(isExtension)
  ) {
    throw serverFault(mechanism, "the server's first message is malformed", TRY_ANOTHER);
  }
  // Nonces are printable ASCII without the comma.
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length || !/^[!-~]+$/.test(nonce)) {
    throw serverFault(
      mechanism,
      "the server's nonce does not go on from the client's",
      'Somebody may replay an old exchange.',
    );
  }
  const iterations = Number(count);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    throw serverFault(
      mechanism,
      `the server asks for ${count.slice(0, 20)} iterations; ${String(MIN_ITERATIONS)} to ${String(MAX_ITERATIONS)} are accepted`,
      'Have the password stored anew on the server, or name another mechanism in auth.mechanisms.',
    );
  }
  return { nonce, salt, iterations };
}

/** Throws SMTPException, code `ERR_SASL_SERVER`. */
export function parseServerFinal(text: string, mechanism: string): ServerFinal {
  const [first = '', ...extensions] = text.split(',');
  const error = errorOf(first);
  if (error !== undefined) return { error };
  const signature = base64Of(valueOf('v', first));
  if (signature === undefined || !extensions.every(isExtension)) {
    throw serverFault(mechanism, "the server's final message is malformed", TRY_ANOTHER);
  }
  return { signature };
}

/** The value of `e=`, which ends an exchange early or late, such as `invalid-proof`. */
export function errorOf(text: string): string | undefined {
  return /^e=([^,]+)/.exec(text)?.[1];
}

const TRY_ANOTHER = 'Name another mechanism in auth.mechanisms, if this server is to be trusted with it.';

function valueOf(name: string, field: string): string | undefined {
  return field.startsWith(`${name}=`) ? field.slice(2) : undefined;
}

function isExtension(field: string): boolean {
  return /^[A-Za-z]=[^\0]+$/.test(field);
}

function base64Of(value: string | undefined): Uint8Array | undefined {
  if (value === undefined || value === '') return undefined;
  const octets = Buffer.from(value, 'base64');
  return octets.toString('base64') === value ? octets : undefined;
}
