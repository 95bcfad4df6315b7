/**
 * A server as a URL: `smtp://user:password@host:port`, `smtps://`, `lmtp://`, `lmtp+unix:///path`. A password never shows in
 * an error: what is quoted of a bad URL stops in front of it.
 */
import { MessageError } from '../errors.js';
import type { SMTPOptions } from './options.js';

export type UrlScheme = 'smtp' | 'smtps' | 'lmtp' | 'lmtp+unix';

export interface ServerUrl {
  /** Undefined for a plain `host` or `host:port`. */
  readonly scheme: UrlScheme | undefined;
  readonly options: SMTPOptions;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The options behind the question mark, decoded, in order. Empty unless they were asked for. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

const SCHEMES: ReadonlySet<string> = new Set<UrlScheme>(['smtp', 'smtps', 'lmtp', 'lmtp+unix']);
const URL_FORM =
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^@/?#]*)@)?(\[[^\]/?#]*\]|[^:/?#@]*)(?::([^/?#]*))?(\/[^?#]*)?(?:\?([^#]*))?$/;

/**
 * `query`: whether options behind a question mark are given back, or refused as this connection takes none. Throws MessageError, code
 * `ERR_INVALID_URL`, for text that is no such URL.
 */
export function parseServerUrl(
  text: string,
  { query: wanted = 'refuse' }: { query?: 'refuse' | 'return' } = {},
): ServerUrl {
  if (!text.includes('://')) {
    if (text.includes('@') && !text.startsWith('/')) {
      throw invalidUrl(
        'a server with a user needs a scheme',
        'Write its scheme in front of the user name and the password.',
      );
    }
    return {
      scheme: undefined,
      options: text.startsWith('/') ? { path: text } : { host: text },
      user: undefined,
      password: undefined,
      query: [],
    };
  }
  const match = URL_FORM.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  if (match === null || scheme === undefined) {
    throw invalidUrl(
      'the URL has no form like smtp://user:password@host:port',
      'Percent-encode special characters in user and password.',
    );
  }
  if (!SCHEMES.has(scheme)) {
    throw invalidUrl(
      `the URL scheme ${JSON.stringify(scheme)} is not known`,
      'The schemes are smtp, smtps, lmtp and lmtp+unix.',
    );
  }
  const [, , userInfo, host = '', port, path = '', queryText = ''] = match;
  if (queryText !== '' && wanted === 'refuse') {
    throw invalidUrl(
      'the URL has options behind a question mark, which this connection does not take',
      'Give them as options.',
    );
  }
  const query = parseQuery(queryText);
  const [user, password] = splitUserInfo(userInfo);
  if (scheme === 'lmtp+unix') {
    if (host !== '' || path.length < 2)
      throw invalidUrl('a lmtp+unix URL names a path', 'Write lmtp+unix:///run/dovecot/lmtp.');
    return { scheme, options: { path: decode(path, 'path') }, user, password, query };
  }
  if (path !== '' && path !== '/') throw invalidUrl('the URL has a path behind the host', 'Leave it out.');
  if (host === '') throw invalidUrl('the URL names no host', `Write ${scheme}://host:port.`);
  const options: SMTPOptions = { host: decode(host, 'host') };
  if (port !== undefined && port !== '') options.port = parsePort(port);
  return { scheme: scheme as UrlScheme, options, user, password, query };
}

/** Reads `a=1&b=2`. Throws MessageError, code `ERR_INVALID_URL`. */
export function parseQuery(text: string): ServerUrl['query'] {
  if (text === '') return [];
  // Most likely the rest of a password with a question mark in it: nothing of it may be quoted by whoever looks at the names.
  if (text.includes('@')) {
    throw invalidUrl('the URL has an @ behind its question mark', 'Write ? in a password as %3F, and @ as %40.');
  }
  return text.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      throw invalidUrl('the options of the URL are no list of name=value', 'Separate them by &, and encode & as %26.');
    }
    return [decode(pair.slice(0, equals), 'query'), decode(pair.slice(equals + 1), 'query')];
  });
}

function splitUserInfo(
  userInfo: string | undefined,
): readonly [user: string | undefined, password: string | undefined] {
  if (userInfo === undefined || userInfo === '') return [undefined, undefined];
  const colon = userInfo.indexOf(':');
  if (colon === -1) return [decode(userInfo, 'user'), undefined];
  return [decode(userInfo.slice(0, colon), 'user'), decode(userInfo.slice(colon + 1), 'password')];
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw invalidUrl(
    'the port of the URL is no whole number from 1 to 65535',
    'Leave it out for the default of the scheme.',
  );
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUrl(
      `the ${part} of the URL has a percent sign without two hexadecimal digits`,
      'Write a percent sign as %25.',
    );
  }
}

function invalidUrl(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_URL', hint });
}
