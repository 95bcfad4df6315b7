/**
 * Login with the strongest mechanism that both sides know. A secret never leaves in clear text unless the caller said so, a
 * refused one is not shown again in a plainer form, and whoever gives it by a function is asked for another one once.
 */
import { randomBytes } from 'node:crypto';
import { MessageError, SMTPAuthenticationError, SMTPException } from '../errors.js';
import { bounded } from '../io/bounded.js';
import { tlsExporterBinding } from '../io/tls.js';
import { createMechanism } from '../protocol/sasl/create-mechanism.js';
import type { SaslMechanism } from '../protocol/sasl/mechanism.js';
import type { SaslPrep } from '../protocol/sasl/scram.js';
import { chooseMechanisms, mayTryNext } from '../protocol/sasl/select.js';
import type { Reply } from '../types.js';
import { runAuthExchange, type AuthParty } from './auth-exchange.js';
import type { Conversation } from './conversation.js';
import { askToken, type AuthObject, type Credentials } from './credentials.js';
import { timeLeft, type Limits } from './limits.js';

/** RFC 7677 asks for as much entropy as the hash; base64 of 24 octets has no padding. */
const NONCE_OCTETS = 24;

export async function login(
  conversation: Conversation,
  credentials: Credentials,
  initialResponseOk: boolean,
  limits: Limits,
): Promise<Reply> {
  await conversation.introduce(limits);
  checkConfidential(conversation);
  const kind = 'password' in credentials ? 'password' : 'token';
  const token = 'password' in credentials ? credentials.password : credentials.accessToken;
  const { extensions, secured } = conversation;
  const channelBinding = secured === undefined ? undefined : tlsExporterBinding(secured);
  const names = chooseMechanisms({
    offered: extensions.has('auth') ? extensions.authMechanisms : undefined,
    kind,
    requested: credentials.mechanisms,
    encrypted: secured !== undefined,
    channelBinding: channelBinding !== undefined,
  });
  const attempt = async (name: string, secret: string): Promise<Attempt> => {
    const saslPrep = await saslPrepFor(credentials.user, secret);
    const create = (): SaslMechanism =>
      createMechanism(name, {
        user: credentials.user,
        secret,
        offered: extensions.authMechanisms,
        nonce: randomBytes(NONCE_OCTETS).toString('base64'),
        channelBinding,
        saslPrep,
        host: conversation.targetHost,
        port: conversation.targetPort,
      });
    return await tryMechanism(conversation, create, initialResponseOk, limits);
  };
  const ask = async (refresh: boolean): Promise<string> =>
    await askCaller(conversation, 'asking for the secret', async () => await askToken(token, refresh), limits);
  let secret = await ask(false);
  let refreshed = typeof token === 'string';
  let last: Attempt | undefined;
  for (const name of names) {
    last = await attempt(name, secret);
    if (last.reply !== undefined) return last.reply;
    if (!refreshed && wasRefused(last.error) && conversation.connected) {
      refreshed = true;
      const before = secret;
      secret = await ask(true);
      // The same password again would only count as another wrong one; a token may have become valid meanwhile.
      if (kind === 'token' || secret !== before) {
        last = await attempt(name, secret);
        if (last.reply !== undefined) return last.reply;
      }
    }
    if (!last.mayTryNext || !conversation.connected) break;
  }
  throw last?.error;
}

interface Attempt {
  readonly reply?: Reply;
  readonly error?: unknown;
  readonly mayTryNext: boolean;
}

async function tryMechanism(
  conversation: Conversation,
  create: () => SaslMechanism,
  initialResponseOk: boolean,
  limits: Limits,
): Promise<Attempt> {
  let mechanism: SaslMechanism | undefined;
  try {
    mechanism = create();
    const party = partyOf(mechanism);
    return { reply: await runAuthExchange(conversation, party, initialResponseOk, limits), mayTryNext: false };
  } catch (error) {
    const known = { mechanism: mechanism ?? { secretSent: false } };
    const refused = error instanceof SMTPAuthenticationError;
    return { error, mayTryNext: mayTryNext(refused ? { ...known, reply: error.reply } : { ...known, error }) };
  }
}

/** Printable ASCII is its own prepared form (RFC 4013), so that its tables are loaded only for what needs them. */
async function saslPrepFor(...texts: readonly string[]): Promise<SaslPrep | undefined> {
  if (texts.every((text) => /^[ -~]*$/.test(text))) return undefined;
  return (await import('@mongodb-js/saslprep')).saslprep;
}

/** 535 (RFC 4954 section 6): the credentials are not valid. */
function wasRefused(error: unknown): boolean {
  return error instanceof SMTPAuthenticationError && error.reply.code === 535;
}

function partyOf(mechanism: SaslMechanism): AuthParty {
  return {
    mechanism: mechanism.name,
    initial: () => Promise.resolve(mechanism.initialResponse()),
    // An async function, so that what a mechanism throws becomes a rejection.
    // eslint-disable-next-line @typescript-eslint/require-await -- for the reason above
    respond: async (challenge) => mechanism.respond(challenge),
    serverError: () => mechanism.serverError,
    finish: () => {
      mechanism.finish();
    },
  };
}

/** A mechanism of the caller's own. */
export async function authWith(
  conversation: Conversation,
  mechanism: string,
  authObject: AuthObject,
  initialResponseOk: boolean,
  limits: Limits,
): Promise<Reply> {
  await conversation.introduce(limits);
  checkConfidential(conversation);
  const ask = async (challenge: Uint8Array | undefined): Promise<Uint8Array | undefined> => {
    const what = `the answer to ${mechanism.toUpperCase()}`;
    const answer: unknown = await askCaller(conversation, what, async () => await authObject(challenge), limits);
    if (answer === undefined) return undefined;
    if (typeof answer === 'string') return Buffer.from(answer, 'utf8');
    throw new MessageError(`${what} must be a string or undefined, not ${typeof answer}`, {
      code: 'ERR_INVALID_ARGUMENT',
      hint: 'Let the function give the answer as text; base64 is put around it here.',
    });
  };
  const party: AuthParty = {
    mechanism: mechanism.toUpperCase(),
    initial: async () => await ask(undefined),
    respond: async (challenge) => (await ask(challenge)) ?? new Uint8Array(0),
    serverError: () => undefined,
    finish: () => undefined,
  };
  return await runAuthExchange(conversation, party, initialResponseOk, limits);
}

/** Waits for a function of the caller's no longer than for the server: the turn is held meanwhile. */
async function askCaller<T>(
  conversation: Conversation,
  activity: string,
  run: () => Promise<T>,
  limits: Limits,
): Promise<T> {
  const timeoutHint = 'It is not the server that is slow; timeoutMs: { auth: ... } sets how long to wait.';
  const timeoutMs = timeLeft(conversation.options.timeoutsMs.auth, limits);
  const discard = (): void => undefined;
  return await bounded({ stage: 'auth', activity, timeoutHint, run, discard }, { timeoutMs, signal: limits.signal });
}

/** RFC 4954 section 4 and RFC 8314: no secret in clear text on a network. */
export function checkConfidential(conversation: Conversation): void {
  if (conversation.confidential || conversation.options.allowInsecureAuth) return;
  throw new SMTPException('a login over a connection that is not encrypted was refused', {
    code: 'ERR_INSECURE_AUTH',
    stage: 'auth',
    hint: 'Call starttls() first or use SMTP_SSL; allowInsecureAuth sends the secret in clear text.',
  });
}
