/** A URL in parts: where, as whom, and the options behind its question mark that are about one connection. */
import { MessageError, type SMTPOptions, type TlsMode } from '../../index.js';
import type { Login } from './examine.js';

export interface ServerParts {
  /** Without user, password and options. */
  readonly url: string;
  readonly login: Login | undefined;
  readonly options: SMTPOptions;
}

/** Throws MessageError; what is wrong with the rest of the URL, the client says. */
export function partsOf(url: string): ServerParts {
  if (/^(?:failover|roundrobin):/i.test(url)) {
    throw new MessageError('the URL names several servers', {
      code: 'ERR_INVALID_URL',
      hint: 'Check them one by one.',
    });
  }
  const mark = url.indexOf('?');
  const [bare, query] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const [, scheme = '', userInfo, rest = bare] = /^([a-z+]+:\/\/)([^@/?#]*)@(.*)$/is.exec(bare) ?? [];
  const login = userInfo === undefined ? undefined : loginOf(userInfo);
  return { url: scheme + rest, login, options: connectionOptions(query) };
}

function loginOf(userInfo: string): Login {
  const colon = userInfo.indexOf(':');
  if (colon === -1) {
    throw new MessageError('the URL has a user name and no password', {
      code: 'ERR_INVALID_URL',
      hint: 'Give --password-file or --password-command.',
    });
  }
  return { user: decode(userInfo.slice(0, colon)), password: decode(userInfo.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MessageError('the URL has a percent sign without two hexadecimal digits', {
      code: 'ERR_INVALID_URL',
      hint: 'Write a percent sign as %25.',
    });
  }
}

/** Those of a pool of connections mean nothing to one connection. */
function connectionOptions(query: string): SMTPOptions {
  const values = new Map(new URLSearchParams(query.replaceAll('+', '%2B')));
  const text = (name: string): string | undefined => values.get(name);
  const tls = text('tls');
  const localHostname = text('localHostname');
  const sourceAddress = text('sourceAddress');
  const timeoutMs = text('timeoutMs');
  return {
    ...(tls === undefined ? {} : { tls: tls as TlsMode }),
    ...(localHostname === undefined ? {} : { localHostname }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) }),
    ...(text('allowInsecureAuth') === 'true' ? { allowInsecureAuth: true } : {}),
    ...(text('disableExtensions') === undefined
      ? {}
      : { disableExtensions: (text('disableExtensions') ?? '').split(',') }),
  };
}
