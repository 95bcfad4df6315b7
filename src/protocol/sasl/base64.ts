/** The outer form of AUTH's exchange (RFC 4954 section 4): base64 on one line, and `=` for an initial response of no octets. */
import { serverFault } from './mechanism.js';

/** The argument of AUTH behind the mechanism. */
export function encodeInitialResponse(response: Uint8Array): string {
  return response.length === 0 ? '=' : encodeResponse(response);
}

/** The line that answers a challenge; an empty response is an empty line. */
export function encodeResponse(response: Uint8Array): string {
  return Buffer.from(response).toString('base64');
}

/**
 * The octets of a 334 reply's text. Missing padding is tolerated; other characters than those of base64 are not, though
 * Node's decoder would skip them. Throws SMTPException, code `ERR_SASL_SERVER`: the exchange is to be cancelled.
 */
export function decodeChallenge(text: string, mechanism: string): Uint8Array {
  const trimmed = text.trim();
  const digits = trimmed.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) {
    throw serverFault(
      mechanism,
      'the challenge of the server is not base64',
      'Try another mechanism (auth.mechanisms).',
    );
  }
  return Buffer.from(digits, 'base64');
}
