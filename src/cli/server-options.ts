/**
 * Which server, and as whom: `--url`, `--account` or SMTP_URL, with a password that stands in none of the arguments. The result is
 * one URL, which is never shown.
 */
import { requireAccount, type Account } from './accounts.js';
import { CliError } from './cli-error.js';
import type { Arguments, OptionSpec } from './command.js';
import type { Io } from './io.js';
import { readPassword, type PasswordSource } from './password.js';
import { chooseServer, withPassword, type Server } from './server.js';

export const SERVER_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    value: 'URL',
    description:
      'The server: smtp://, smtps:// or lmtp://host:port, or lmtp+unix:///path; a user name may stand in it (smtp://ann@host). ' +
      'Default: SMTP_URL in the environment. A password does not belong here: other users of the machine can see the ' +
      'arguments of a program.',
  },
  {
    name: 'account',
    value: 'NAME',
    description:
      'The server of that name in accounts.json: that in POSTHASTE_ACCOUNTS, else ~/.config/posthaste/accounts.json, else ' +
      '/etc/posthaste/accounts.json.',
  },
  {
    name: 'password-file',
    value: 'FILE',
    description: 'The password of the user in the URL is the first line of FILE.',
  },
  {
    name: 'password-command',
    value: 'COMMAND',
    description: 'The password is the first line that COMMAND prints; the shell runs it.',
  },
];

/** Undefined when none was named. Rejects with CliError, exits `usage` and `configuration`. */
export async function serverFrom(
  given: Arguments,
  io: Pick<Io, 'env'>,
  signal: AbortSignal,
): Promise<Server | undefined> {
  const name = given.value('account');
  const source: PasswordSource = { file: given.value('password-file'), command: given.value('password-command') };
  if (source.file !== undefined && source.command !== undefined) {
    throw new CliError('usage', '--password-file and --password-command were both given', 'Give one of them.');
  }
  if (name === undefined) {
    const server = chooseServer(given.value('url'), io.env['SMTP_URL']);
    return server && (await loggedIn(server, source, undefined, signal));
  }
  if (given.value('url') !== undefined)
    throw new CliError('usage', '--url and --account were both given', 'Give one of them.');
  return await serverOfAccount(await requireAccount(name, io.env), signal, source);
}

/** Throws as `serverFrom` does. */
export async function requireServer(given: Arguments, io: Pick<Io, 'env'>, signal: AbortSignal): Promise<Server> {
  const server = await serverFrom(given, io, signal);
  if (server !== undefined) return server;
  throw new CliError(
    'configuration',
    'no server is known',
    'Give --url smtp://host:port or --account, or set SMTP_URL.',
  );
}

/** Rejects with CliError, exit `configuration`. */
export async function serverOfAccount(
  account: Account,
  signal: AbortSignal,
  source: PasswordSource = {},
): Promise<Server> {
  const server: Server = { url: account.url, origin: '--account', exitWhenWrong: 'configuration' };
  const isGiven = source.file !== undefined || source.command !== undefined;
  const own = { file: account.passwordFile, command: account.passwordCommand };
  return await loggedIn(server, isGiven ? source : own, isGiven ? undefined : account.password, signal);
}

async function loggedIn(
  server: Server,
  source: PasswordSource,
  known: string | undefined,
  signal: AbortSignal,
): Promise<Server> {
  const password = known ?? (await readPassword(source, signal));
  return password === undefined ? server : { ...server, url: withPassword(server, password) };
}
