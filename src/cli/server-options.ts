/**
 * Which server, and as whom, for every command that takes one: `--url` or `--account`, else SMTP_URL, else the account that
 * POSTHASTE_ACCOUNT names, else the account "default". With a password that stands in none of the arguments. The result is a URL, which
 * is never shown.
 */
import { findAccount, requireAccount, type Account } from './accounts.js';
import { CliError } from './cli-error.js';
import type { Arguments, OptionSpec } from './command.js';
import type { Io } from './io.js';
import { readPassword, type PasswordSource } from './password.js';
import { chooseServer, lacksPassword, withPassword, type Server } from './server.js';

export const SERVER_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    value: 'URL',
    description:
      'The server: smtp://, smtps:// or lmtp://host:port, or lmtp+unix:///path, also with options (?tls=required); several ' +
      'as failover:(URL,URL). A user name may stand in it (smtp://ann@host). Default: SMTP_URL in the environment. A password ' +
      'belongs there or into --password-file: other users of the machine can see the arguments of a program.',
  },
  {
    name: 'account',
    value: 'NAME',
    description:
      'The server of that name in accounts.json: that in POSTHASTE_ACCOUNTS, else ~/.config/posthaste/accounts.json, else ' +
      '/etc/posthaste/accounts.json. Without --url and SMTP_URL: the account that POSTHASTE_ACCOUNT names, else "default".',
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

const DEFAULT_ACCOUNT = 'default';

/** Rejects with CliError, exits `usage` and `configuration`. */
export async function requireServer(given: Arguments, io: Pick<Io, 'env'>, signal: AbortSignal): Promise<Server> {
  const [server] = await requireServers(given.values('url'), given, io, signal);
  if (server === undefined) throw noServer();
  return server;
}

/** As `requireServer()`, of each URL in place of `--url`; the password is that of each user who has none. */
export async function requireServers(
  urls: readonly string[],
  given: Arguments,
  io: Pick<Io, 'env'>,
  signal: AbortSignal,
): Promise<readonly Server[]> {
  const source = sourceOf(given);
  const named = (await namedServers(urls, given, io)) ?? (await defaultServer(io));
  if (named === undefined) throw noServer();
  const { servers, account } = named;
  const isGiven = source.file !== undefined || source.command !== undefined;
  const own = { file: account?.passwordFile, command: account?.passwordCommand };
  const known = isGiven ? undefined : account?.password;
  const password = known ?? (await readPassword(isGiven ? source : own, signal));
  return servers.map((server) => loggedIn(server, password, servers));
}

/** The server as a dry run needs it: not at all, so no password is asked for; what is wrong with it is said all the same. */
export async function serverForDryRun(given: Arguments, io: Pick<Io, 'env'>): Promise<Server | undefined> {
  sourceOf(given);
  return (await namedServers(given.values('url'), given, io))?.servers[0];
}

interface Named {
  readonly servers: readonly Server[];
  readonly account?: Account;
}

/** Those that somebody named. */
async function namedServers(
  urls: readonly string[],
  given: Arguments,
  { env }: Pick<Io, 'env'>,
): Promise<Named | undefined> {
  const name = given.value('account');
  if (name !== undefined) {
    if (urls.length > 0) throw new CliError('usage', 'a URL and --account were both given', 'Give one of them.');
    return ofAccount(await requireAccount(name, env), '--account');
  }
  const servers = (urls.length === 0 ? [undefined] : urls).flatMap((url) => chooseServer(url, env['SMTP_URL']) ?? []);
  if (servers.length > 0) return { servers };
  const wanted = env['POSTHASTE_ACCOUNT'];
  if (wanted === undefined || wanted === '') return undefined;
  return ofAccount(await requireAccount(wanted, env), 'POSTHASTE_ACCOUNT');
}

async function defaultServer({ env }: Pick<Io, 'env'>): Promise<Named | undefined> {
  const account = await findAccount(DEFAULT_ACCOUNT, env);
  return account && ofAccount(account, 'the account "default"');
}

function ofAccount(account: Account, origin: Server['origin']): Named {
  const { url, from } = account;
  return {
    servers: [{ url, origin, exitWhenWrong: 'configuration', ...(from === undefined ? {} : { from }) }],
    account,
  };
}

function sourceOf(given: Arguments): PasswordSource {
  const source: PasswordSource = { file: given.value('password-file'), command: given.value('password-command') };
  if (source.file === undefined || source.command === undefined) return source;
  throw new CliError('usage', '--password-file and --password-command were both given', 'Give one of them.');
}

function loggedIn(server: Server, password: string | undefined, all: readonly Server[]): Server {
  const lacks = lacksPassword(server.url);
  // One user at least has to want it.
  if (password !== undefined && (lacks || !all.some(({ url }) => lacksPassword(url)))) {
    return { ...server, url: withPassword(server, password) };
  }
  if (!lacks) return server;
  throw new CliError(
    server.exitWhenWrong,
    `${server.origin}: the URL has a user name and no password`,
    'Give --password-file or --password-command, or name an --account that has one.',
  );
}

function noServer(): CliError {
  return new CliError(
    'configuration',
    'no server is known',
    'Give --url smtp://host:port or --account NAME, or set SMTP_URL.',
  );
}
