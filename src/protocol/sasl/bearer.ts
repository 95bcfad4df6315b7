/**
 * What OAUTHBEARER and XOAUTH2 share: one message with the token, and a refusal that comes as a challenge with JSON
 * (RFC 7628 section 3.2.2), which must be answered before the server says 535.
 */
import { printable } from '../../errors.js';
import { oneMessage, type SaslMechanism } from './mechanism.js';

/** A server may not fill our errors with its text. */
const MAX_ERROR_CHARACTERS = 1_000;

export interface BearerOptions {
  readonly name: string;
  readonly message: Uint8Array;
  readonly accessToken: string;
  /** Ends the failed exchange. */
  readonly acknowledgement: Uint8Array;
}

export function bearer({ name, message, accessToken, acknowledgement }: BearerOptions): SaslMechanism {
  let failure: string | undefined;
  return oneMessage({
    name,
    message,
    secret: true,
    after: (challenge) => {
      const text = Buffer.from(challenge).toString('utf8').replaceAll(accessToken, '(secret)');
      failure ??= printable(text.slice(0, MAX_ERROR_CHARACTERS));
      return acknowledgement;
    },
    serverError: () => failure,
  });
}
