/**
 * A SASL mechanism (RFC 4422) as bytes in and bytes out: it waits for nothing, and it knows at any time whether a secret has
 * left. Secrets live in closures, so that no inspection of the object shows them, and no error quotes them.
 */
import { SMTPException } from '../../errors.js';

/** One exchange; a second attempt needs a new object. */
export interface SaslMechanism {
  readonly name: string;
  /** Whether the secret, or something made from it, has been given out. Errors before that allow the next mechanism. */
  readonly secretSent: boolean;
  /** What the server itself said about a failure inside the exchange, such as the JSON of RFC 7628 section 3.2.2. */
  readonly serverError: string | undefined;
  /**
   * What to send along with AUTH (RFC 4954 section 4), perhaps empty; undefined when the server speaks first. Ask only when
   * it is going to be sent: after that, `respond` takes it as said.
   */
  initialResponse(): Uint8Array | undefined;
  /** The answer to a decoded 334 challenge. Throws SMTPException when there is none to give: then the exchange is to be cancelled. */
  respond(challenge: Uint8Array): Uint8Array;
  /** To be called after 235. Throws SMTPException when the server has not shown what it owes. */
  finish(): void;
}

/** This side cannot use the mechanism. */
export const SASL_UNAVAILABLE = 'ERR_SASL_UNAVAILABLE';
/** The server broke the rules of the mechanism: it is not to be trusted with a secret in a plainer one. */
export const SASL_SERVER_FAULT = 'ERR_SASL_SERVER';

export function unavailable(mechanism: string, why: string, hint: string, cause?: unknown): SMTPException {
  const message = `${mechanism} cannot be used: ${why}`;
  return new SMTPException(message, { code: SASL_UNAVAILABLE, stage: 'auth', hint, cause });
}

export function serverFault(mechanism: string, what: string, hint: string): SMTPException {
  return new SMTPException(`${mechanism} failed: ${what}`, { code: SASL_SERVER_FAULT, stage: 'auth', hint });
}

export function octetsOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

export interface OneMessage {
  readonly name: string;
  readonly message: Uint8Array;
  /** Whether the message holds a secret. */
  readonly secret: boolean;
  /** The answer to a challenge that comes after the message. Default: an error, since none is due. */
  readonly after?: (challenge: Uint8Array) => Uint8Array;
  readonly serverError?: () => string | undefined;
}

/** A mechanism that says one thing: with AUTH, or in answer to the first challenge, which is empty (RFC 4954 section 4). */
export function oneMessage({ name, message, secret, after, serverError }: OneMessage): SaslMechanism {
  let sent = false;
  const say = (): Uint8Array => {
    sent = true;
    return message;
  };
  return {
    name,
    get secretSent() {
      return sent && secret;
    },
    get serverError() {
      return serverError?.();
    },
    initialResponse: say,
    respond(challenge) {
      if (!sent) return say();
      if (after !== undefined) return after(challenge);
      throw serverFault(name, 'the server asks again after all was said', 'Try another mechanism (auth.mechanisms).');
    },
    finish() {
      if (!sent)
        throw serverFault(name, 'the server accepted it before anything was said', 'Check what answers there.');
    },
  };
}
