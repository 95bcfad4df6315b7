/** Which server to use. A URL is passed on as it is and never shown: it may hold a password. */
import { CliError } from './cli-error.js';
import type { ExitName } from './exit-codes.js';

export interface Server {
  readonly url: string;
  /** Where the URL came from, for messages. */
  readonly origin: '--url' | '--account' | 'SMTP_URL';
  /** How a run ends whose URL is wrong. */
  readonly exitWhenWrong: ExitName;
}

/** `--url`, else SMTP_URL. Undefined without either. Throws CliError, exit `usage`, for a password in `--url`. */
export function chooseServer(option: string | undefined, variable: string | undefined): Server | undefined {
  if (option !== undefined) {
    if (hasPassword(option)) {
      throw new CliError(
        'usage',
        '--url has a password, and other users of this machine can see the arguments of a program',
        'Put the URL into the environment variable SMTP_URL.',
      );
    }
    return { url: option, origin: '--url', exitWhenWrong: 'usage' };
  }
  if (variable === undefined || variable === '') return undefined;
  return { url: variable, origin: 'SMTP_URL', exitWhenWrong: 'configuration' };
}

/** Looks at text that may be no URL at all, and sooner sees a password too many than one too few. */
export function hasPassword(url: string): boolean {
  // `failover:(smtp://a,smtp://b)`: each by itself.
  const group = /^(?:failover|roundrobin):\((.*)$/is.exec(url)?.[1];
  if (group !== undefined) return group.split(/[\s,()]+/).some((one) => hasPassword(one));
  const rest = url.replace(/^[^:/@]*:\/\//, '');
  // `lmtp+unix:///path`: no host, so nobody to log in as.
  if (rest.startsWith('/')) return false;
  return rest.slice(0, Math.max(rest.lastIndexOf('@'), 0)).includes(':');
}

/** The URL with the password behind its user name. Throws CliError when the URL has no user name, or a password of its own. */
export function withPassword({ url, origin, exitWhenWrong }: Server, password: string): string {
  const [, scheme, user, rest] = /^([a-z+]+:\/\/)([^:@/?#]+)(@.*)$/is.exec(url) ?? [];
  if (scheme !== undefined && user !== undefined && rest !== undefined) {
    return `${scheme}${user}:${encodeURIComponent(password)}${rest}`;
  }
  if (hasPassword(url)) {
    throw new CliError(
      exitWhenWrong,
      `${origin}: a password was given beside the one in the URL`,
      'Take one of them out.',
    );
  }
  throw new CliError(
    exitWhenWrong,
    `${origin}: a password was given, and the URL has no user name`,
    'Write it as smtp://user@host:port.',
  );
}

/** What may be shown and written down: without user, password and options. */
export function serverName(url: string): string {
  return url
    .replace(/\?.*$/s, '')
    .replace(/:\/\/[^/]*@/g, '://')
    .toLowerCase();
}
