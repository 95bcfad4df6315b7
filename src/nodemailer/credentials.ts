/**
 * Who logs in. One rule: half of a login is an error when it is used, never a session without one. Nothing at all, as it comes from an
 * environment without those variables, is no login.
 */
import type { Credentials, Token } from '../index.js';
import type { MailAuth } from './mail-types.js';
import { configError, NodemailerError } from './nodemailer-error.js';
import { ownCopy } from './own-keys.js';
import { TokenSource, type AuthWorld } from './token-source.js';

/** What a message may say about its login: who, and with what. Where tokens come from is the transport's own. */
const OF_MESSAGES = ['type', 'user', 'pass', 'accessToken', 'refreshToken', 'expires', 'method', 'credentials'];

/** The login of one message: what it says itself, and beside it what the transport says. */
export function mergedAuth(own: MailAuth | undefined, given: MailAuth): MailAuth {
  const allowed = Object.fromEntries(Object.entries(given).filter(([key]) => OF_MESSAGES.includes(key)));
  return ownCopy(allowed, own);
}

/**
 * `undefined`: no login.
 *
 * @throws NodemailerError: `ECONFIG` for what is not offered here, `EAUTH` for half of a login.
 */
export function credentialsOf(
  auth: MailAuth | undefined,
  authMethod: string | undefined,
  world: AuthWorld,
): Credentials | undefined {
  if (auth === undefined) return undefined;
  const type = (auth.type ?? 'login').toLowerCase();
  const mechanism = [auth.method, authMethod].find((name) => typeof name === 'string' && name !== '') as
    string | undefined;
  const mechanisms = mechanism === undefined ? {} : { mechanisms: [mechanism.trim().toUpperCase()] };
  if (type === 'oauth2') return { ...oauth2(auth, world), ...mechanisms };
  if (type !== 'login') {
    throw configError(
      `auth.type ${JSON.stringify(auth.type)} is not offered`,
      "Use 'login' or 'oauth2'; a mechanism of your own goes through SMTP.auth() of posthaste.",
    );
  }
  const user = text(auth.user ?? auth.credentials?.user);
  const password = auth.pass ?? auth.credentials?.pass;
  if (user === '' && (password === undefined || password === '')) return undefined;
  if (user === '' || password === undefined || password === '') {
    throw new NodemailerError(`the login has no ${user === '' ? 'user' : 'password'}`, 'EAUTH', {
      command: 'API',
      hint: 'Give both: auth: { user, pass }.',
    });
  }
  return { user, password: typeof password === 'function' ? password : text(password), ...mechanisms };
}

function oauth2(auth: MailAuth, world: AuthWorld): { user: string; accessToken: Token } {
  if (auth.serviceClient !== undefined || auth.privateKey !== undefined) {
    throw configError(
      'tokens of a service account (serviceClient) are not fetched here',
      'Fetch them with the library of the provider: auth: { type: "oauth2", user, accessToken: async () => token }.',
    );
  }
  const user = text(auth.user);
  if (user === '')
    throw new NodemailerError('the login has no user', 'EAUTH', { command: 'API', hint: 'Give auth.user.' });
  if (typeof auth.accessToken === 'function') return { user, accessToken: auth.accessToken };
  const source = new TokenSource(auth, user, world);
  return { user, accessToken: async ({ refresh }) => await source.token(refresh) };
}

/** A number may have come from an environment or a URL. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
