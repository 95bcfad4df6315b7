/** Which server to use. A URL is passed on as it is and never shown: it may hold a password. */
import { CliError } from './cli-error.js';
import type { ExitName } from './exit-codes.js';

export interface Server {
  readonly url: string;
  /** Where the URL came from, for messages. */
  readonly origin: '--url' | 'SMTP_URL';
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
function hasPassword(url: string): boolean {
  const rest = url.replace(/^[^:/@]*:\/\//, '');
  // `lmtp+unix:///path`: no host, so nobody to log in as.
  if (rest.startsWith('/')) return false;
  return rest.slice(0, Math.max(rest.lastIndexOf('@'), 0)).includes(':');
}
