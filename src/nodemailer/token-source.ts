/**
 * OAuth 2 access tokens (RFC 6749 section 6). One rule: one request at a time, and a token is used until it ends or is refused. The
 * address that tokens come from is never that of a message.
 */
import type { MailAuth, ProvisionCallback } from './mail-types.js';
import { NodemailerError } from './nodemailer-error.js';
import { isRecord, ownEntries } from './own-keys.js';

/** What the event `token` tells. */
export interface NewToken {
  readonly user: string;
  readonly accessToken: string;
  /** Milliseconds since 1970; 0: not known. */
  readonly expires: number;
}

/** What happens around tokens: the transporter's own. */
export interface AuthWorld {
  /** The function that was set as `oauth2_provision_cb`. */
  readonly provision: () => ProvisionCallback | undefined;
  readonly onToken: (token: NewToken) => void;
}

const DEFAULT_ACCESS_URL = 'https://accounts.google.com/o/oauth2/token';
const REQUEST_TIMEOUT_MS = 30_000;
/** More than any answer of such a server. */
const MAX_ANSWER_OCTETS = 1_048_576;

export class TokenSource {
  readonly #auth: MailAuth;
  readonly #user: string;
  readonly #world: AuthWorld;
  #token: string | undefined;
  #expiresAtMs: number;
  #renewal: Promise<string> | undefined;

  constructor(auth: MailAuth, user: string, world: AuthWorld) {
    this.#auth = auth;
    this.#user = user;
    this.#world = world;
    const { accessToken, expires, timeout } = auth;
    this.#token = typeof accessToken === 'string' && accessToken !== '' ? accessToken : undefined;
    const ends = timeout === undefined || !(timeout > 0) ? 0 : Date.now() + timeout * 1_000;
    this.#expiresAtMs = expires ?? ends;
  }

  /**
   * `refresh`: the one given before was refused.
   *
   * @throws NodemailerError: `EOAUTH2`.
   */
  async token(refresh: boolean): Promise<string> {
    const known = this.#token;
    const isOver = this.#expiresAtMs !== 0 && this.#expiresAtMs <= Date.now();
    if (known !== undefined && !refresh && !isOver) return known;
    const provision = this.#provision;
    if (provision === undefined && this.#auth.refreshToken === undefined) {
      if (known !== undefined) return known;
      throw oauthError(
        'there is no access token',
        'Give auth.accessToken, or a refreshToken, or set oauth2_provision_cb.',
      );
    }
    this.#renewal ??= this.#renew(refresh).finally(() => {
      this.#renewal = undefined;
    });
    return await this.#renewal;
  }

  get #provision(): ReturnType<AuthWorld['provision']> {
    const { provisionCallback } = this.#auth;
    return this.#world.provision() ?? (typeof provisionCallback === 'function' ? provisionCallback : undefined);
  }

  async #renew(refresh: boolean): Promise<string> {
    const { accessToken, expires } = this.#provision === undefined ? await this.#request() : await this.#ask(refresh);
    this.#token = accessToken;
    this.#expiresAtMs = expires;
    return accessToken;
  }

  async #ask(refresh: boolean): Promise<NewToken> {
    const provision = this.#provision;
    return await new Promise<NewToken>((resolve, reject) => {
      provision?.(this.#user, refresh, (error, accessToken, expires = 0) => {
        if (typeof accessToken === 'string' && accessToken !== '') resolve({ user: this.#user, accessToken, expires });
        else reject(oauthError('the function for access tokens gave none', 'Its error, if any, is the cause.', error));
      });
    });
  }

  async #request(): Promise<NewToken> {
    const { accessUrl = DEFAULT_ACCESS_URL, clientId = '', clientSecret = '', refreshToken = '' } = this.#auth;
    const form = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      grant_type: 'refresh_token',
    });
    for (const [name, value] of ownEntries(this.#auth.customParams)) form.set(name, String(value));
    const headers = ownEntries(this.#auth.customHeaders).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const answer = await postForm(accessUrl, form, headers);
    const accessToken = answer['access_token'];
    if (typeof accessToken !== 'string' || accessToken === '') {
      const said = [answer['error'], answer['error_description']].filter((word) => typeof word === 'string').join(': ');
      throw oauthError(
        `no access token was given${said === '' ? '' : `: ${said}`}`,
        'Look at clientId, clientSecret and refreshToken.',
      );
    }
    const seconds = Number(answer['expires_in'] ?? 0);
    const expires = seconds > 0 ? Date.now() + seconds * 1_000 : 0;
    const token = { user: this.#user, accessToken, expires };
    this.#world.onToken(token);
    return token;
  }
}

async function postForm(
  url: string,
  form: URLSearchParams,
  headers: [string, string][],
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    // A redirection would take the secrets elsewhere.
    const response = await fetch(url, { method: 'POST', body: form, headers, redirect: 'error', signal });
    const text = await response.text();
    const answer: unknown = text.length > MAX_ANSWER_OCTETS ? undefined : JSON.parse(text);
    if (isRecord(answer)) return answer;
  } catch (error) {
    throw oauthError('the server for access tokens gave no answer that can be read', 'The cause says more.', error);
  }
  throw oauthError('the server for access tokens gave no answer that can be read', 'Look at auth.accessUrl.');
}

function oauthError(message: string, hint: string, cause?: unknown): NodemailerError {
  return new NodemailerError(message, 'EOAUTH2', { hint, cause: cause ?? undefined });
}
