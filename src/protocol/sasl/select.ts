/**
 * Which mechanisms to try, in which order, and when to go on to the next one. A mechanism that the server does not offer is
 * never tried, and a refused secret is never shown again in a plainer form.
 */
import { MessageError, printable, SMTPException, SMTPNotSupportedError } from '../../errors.js';
import type { Reply } from '../../types.js';
import { SASL_UNAVAILABLE, type SaslMechanism } from './mechanism.js';

export type CredentialKind = 'password' | 'token';

export interface MechanismChoice {
  /** The words of the server's AUTH line; undefined when it has none. */
  readonly offered: readonly string[] | undefined;
  readonly kind: CredentialKind;
  /** The caller's own list, in the caller's order; undefined: our order. */
  readonly requested?: readonly string[] | undefined;
  /** Whether the link is encrypted. */
  readonly encrypted: boolean;
  /** Whether there is data to bind a -PLUS mechanism to. */
  readonly channelBinding: boolean;
}

const SCRAM = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1'];
const TOKEN = ['OAUTHBEARER', 'XOAUTH2'];
/** Needs no secret, and so says nothing about whom the caller means: only if asked for. */
const EXTERNAL = 'EXTERNAL';

const KIND_OF: ReadonlyMap<string, CredentialKind | 'none'> = new Map([
  ...[...SCRAM, 'CRAM-MD5', 'PLAIN', 'LOGIN'].map((name) => [name, 'password'] as const),
  ...TOKEN.map((name) => [name, 'token'] as const),
  [EXTERNAL, 'none'] as const,
]);

/**
 * The mechanisms to try, in upper case, at least one. Throws SMTPNotSupportedError when there is none that both sides can
 * use, and MessageError, code `ERR_UNKNOWN_MECHANISM`, when the caller asks for one that does not go with the credentials.
 */
export function chooseMechanisms(choice: MechanismChoice): readonly string[] {
  const wanted = choice.requested === undefined ? preferred(choice) : checkRequested(choice.requested, choice.kind);
  if (choice.offered === undefined) {
    throw new SMTPNotSupportedError('credentials were given, but the server does not offer AUTH', {
      stage: 'auth',
      hint: choice.encrypted
        ? 'Use the submission port (587, or 465 with TLS), or leave the credentials out.'
        : 'Many servers offer AUTH only after STARTTLS: use TLS, or the submission port (587, or 465 with TLS).',
    });
  }
  const offered = new Set(choice.offered.map((name) => name.toUpperCase()));
  const common = wanted.filter((name) => offered.has(name));
  const usable = common.filter((name) => choice.channelBinding || !isPlus(name));
  if (usable.length > 0) return usable;
  if (common.length > 0) {
    throw new SMTPNotSupportedError(`${common.join(' and ')} cannot be used: this connection has nothing to bind to`, {
      stage: 'auth',
      hint: 'Channel binding needs TLS 1.3: name the mechanism without -PLUS too, or set tls.minVersion to TLSv1.3.',
    });
  }
  throw new SMTPNotSupportedError(
    `no common AUTH mechanism: the server offers ${list([...offered])}; usable here are ${list(wanted)}`,
    { stage: 'auth', hint: hintFor(choice, offered) },
  );
}

/** How an attempt ended: with a reply that was no 235, or with an error on this side. */
export interface FailedAttempt {
  readonly mechanism: Pick<SaslMechanism, 'secretSent'>;
  readonly reply?: Reply | undefined;
  readonly error?: unknown;
}

/**
 * Whether the next mechanism may be tried: after 504 (not known) and 534 (too weak), and after an error on this side
 * before anything of the secret has left. Not after 535: the same password in a plainer form is no better.
 */
export function mayTryNext({ mechanism, reply, error }: FailedAttempt): boolean {
  if (error !== undefined) {
    return error instanceof SMTPException && error.code === SASL_UNAVAILABLE && !mechanism.secretSent;
  }
  return reply !== undefined && (reply.code === 504 || reply.code === 534);
}

function preferred({ kind, encrypted }: MechanismChoice): readonly string[] {
  if (kind === 'token') return TOKEN;
  return encrypted ? [...SCRAM, 'PLAIN', 'LOGIN', 'CRAM-MD5'] : [...SCRAM, 'CRAM-MD5', 'PLAIN', 'LOGIN'];
}

function checkRequested(requested: readonly string[], kind: CredentialKind): readonly string[] {
  const given: unknown = requested;
  if (!Array.isArray(given) || given.some((name: unknown) => typeof name !== 'string')) {
    throw unknown('the mechanisms are no list of names', "Give a list: ['SCRAM-SHA-256', 'PLAIN'].");
  }
  const names = [...new Set(requested.map((name) => name.toUpperCase()))];
  if (names.length === 0) {
    throw unknown(
      'the list of mechanisms is empty',
      'Leave auth.mechanisms out to let the order of this library decide.',
    );
  }
  for (const name of names) {
    const needs = KIND_OF.get(name);
    if (needs === undefined) {
      throw unknown(
        `the mechanism ${printable(name)} is not known`,
        'Use auth(mechanism, authObject) for one of your own.',
      );
    }
    if (needs !== 'none' && needs !== kind) {
      const field = needs === 'token' ? 'accessToken' : 'password';
      throw unknown(`${name} needs a ${needs}, and the credentials have none`, `Give it as auth.${field}.`);
    }
  }
  return names;
}

function isPlus(name: string): boolean {
  return name.endsWith('-PLUS');
}

function hintFor({ kind, encrypted, requested }: MechanismChoice, offered: ReadonlySet<string>): string {
  if (requested !== undefined) return 'Leave auth.mechanisms out, or name one that the server offers.';
  const otherKind = kind === 'token' ? 'password' : 'token';
  if ([...offered].some((name) => KIND_OF.get(name) === otherKind)) {
    return kind === 'token'
      ? 'This server wants a password.'
      : 'This server wants an OAuth token: give auth.accessToken.';
  }
  return encrypted
    ? 'Use auth(mechanism, authObject) for a mechanism of your own.'
    : 'The server may offer more after STARTTLS.';
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : printable(names.join(', ').slice(0, 500));
}

function unknown(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_UNKNOWN_MECHANISM', hint });
}
