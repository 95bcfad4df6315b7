/** Which server to use, or which several (`failover:(url,url)`). A URL is passed on as it is and never shown: it may hold a password. */
import { CliError } from './cli-error.js';
import type { ExitName } from './exit-codes.js';

export interface Server {
  readonly url: string;
  /** Where the URL came from, for messages. */
  readonly origin: '--url' | '--account' | 'SMTP_URL' | 'POSTHASTE_ACCOUNT' | 'the account "default"';
  /** How a run ends whose URL is wrong. */
  readonly exitWhenWrong: ExitName;
  /** The reverse-path of mail that names no sender, for `sendmail`; of an account alone. */
  readonly from?: string;
}

/** `--url`, else SMTP_URL. Undefined without either. Throws CliError, exit `usage`, for a password in `--url`. */
export function chooseServer(option: string | undefined, variable: string | undefined): Server | undefined {
  if (option !== undefined) {
    if (hasPassword(option)) {
      throw new CliError(
        'usage',
        '--url has a password, and other users of this machine can see the arguments of a program',
        'Put the URL into the environment variable SMTP_URL, or give --password-file or --password-command.',
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

const GROUP_FORM = /^((?:failover|roundrobin):\()([^()]*)(\).*)$/is;
const USER_ALONE = /^([a-z+]+:\/\/)([^:@/?#]+)(@.*)$/is;

/** The URLs of several servers in turn, or the one, each as the function gives it back. */
function eachUrl(url: string, change: (one: string) => string): string {
  const [, begin, urls = '', end = ''] = GROUP_FORM.exec(url) ?? [];
  if (begin === undefined) return change(url);
  return begin + urls.replace(/[^\s,]+/g, change) + end;
}

/** Whether a user name stands in it, of one server at least, that has no password. */
export function lacksPassword(url: string): boolean {
  let found = false;
  eachUrl(url, (one) => {
    found ||= USER_ALONE.test(one);
    return one;
  });
  return found;
}

/**
 * The URL with the password behind its user name; of several servers, behind each that has none. Throws CliError when there is no user
 * name without one.
 */
export function withPassword({ url, origin, exitWhenWrong }: Server, password: string): string {
  // Parentheses end a group of URLs.
  const encoded = encodeURIComponent(password).replaceAll('(', '%28').replaceAll(')', '%29');
  if (lacksPassword(url))
    return eachUrl(url, (one) =>
      one.replace(USER_ALONE, (_, a: string, b: string, c: string) => `${a}${b}:${encoded}${c}`),
    );
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
  const group = GROUP_FORM.exec(url);
  const bare = (one: string): string => one.replace(/\?.*$/s, '').replace(/:\/\/[^/]*@/g, '://');
  return (group === null ? bare(url) : eachUrl(`${group[1] ?? ''}${group[2] ?? ''})`, bare)).toLowerCase();
}
