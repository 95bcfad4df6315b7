/**
 * Servers by name, in a JSON file: `{ "work": { "url": "smtp://ann@mail.example:587", "passwordCommand": "pass show mail" } }`. A
 * file with a password in it belongs to one user alone.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './cli-error.js';
import type { Io } from './io.js';
import { hasPassword } from './server.js';
import { suggest } from './suggest.js';

export interface Account {
  readonly url: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  /** The reverse-path of mail that names no sender, for `sendmail`. */
  readonly from?: string;
}

const FIELDS: readonly (keyof Account)[] = ['url', 'password', 'passwordFile', 'passwordCommand', 'from'];

/** `POSTHASTE_ACCOUNTS` alone, else the first of the usual places that exists. */
function accountFiles(env: Io['env']): readonly string[] {
  const named = env['POSTHASTE_ACCOUNTS'];
  if (named !== undefined && named !== '') return [named];
  const home = env['HOME'];
  const config = env['XDG_CONFIG_HOME'] ?? (home === undefined ? undefined : join(home, '.config'));
  return [
    ...(config === undefined ? [] : [join(config, 'posthaste', 'accounts.json')]),
    '/etc/posthaste/accounts.json',
  ];
}

/** Undefined when there is no file, or no such account in it. Throws CliError, exit `configuration`, for a bad file. */
export async function findAccount(name: string, env: Io['env']): Promise<Account | undefined> {
  const accounts = await readAccounts(env);
  return accounts === undefined ? undefined : accountIn(accounts, name);
}

/** Throws CliError, exit `configuration`, also when there is no such account. */
export async function requireAccount(name: string, env: Io['env']): Promise<Account> {
  const accounts = await readAccounts(env);
  if (accounts === undefined) {
    throw wrong(`there is no file with accounts`, `It is looked for at ${accountFiles(env).join(' and ')}.`);
  }
  const account = accountIn(accounts, name);
  if (account !== undefined) return account;
  const meant = suggest(name, Object.keys(accounts.entries));
  throw wrong(
    `${accounts.path} has no account of that name`,
    meant === undefined ? `It has ${Object.keys(accounts.entries).join(', ') || 'none'}.` : `Did you mean ${meant}?`,
  );
}

interface Accounts {
  readonly path: string;
  readonly entries: Readonly<Record<string, unknown>>;
  /** Others than its owner may read the file. */
  readonly isOpen: boolean;
}

async function readAccounts(env: Io['env']): Promise<Accounts | undefined> {
  for (const path of accountFiles(env)) {
    let text: string;
    let mode: number;
    try {
      text = await readFile(path, 'utf8');
      ({ mode } = await stat(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw wrong(`the accounts cannot be read: ${(error as Error).message}`, undefined);
    }
    return { path, entries: parse(path, text), isOpen: (mode & 0o077) !== 0 };
  }
  return undefined;
}

function parse(path: string, text: string): Accounts['entries'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text, and a password with it.
    throw wrong(`${path} is not valid JSON`, 'It holds one object: { "name": { "url": "smtp://user@host:587" } }.');
  }
  if (isObject(value)) return value;
  throw wrong(`${path} holds no object with accounts`, 'Write { "name": { "url": "smtp://user@host:587" } }.');
}

function accountIn({ path, entries, isOpen }: Accounts, name: string): Account | undefined {
  if (!Object.hasOwn(entries, name)) return undefined;
  const entry = entries[name];
  if (!isObject(entry)) throw wrong(`the account ${name} in ${path} is no object`, undefined);
  for (const [field, value] of Object.entries(entry)) {
    if (!(FIELDS as readonly string[]).includes(field)) {
      const meant = suggest(field, FIELDS);
      throw wrong(
        `the account ${name} in ${path} has the field ${field}, which is not known`,
        meant === undefined ? `The fields are ${FIELDS.join(', ')}.` : `Did you mean ${meant}?`,
      );
    }
    if (typeof value !== 'string')
      throw wrong(`the field ${field} of the account ${name} in ${path} is no text`, undefined);
  }
  const account = entry as Partial<Account>;
  if (account.url === undefined)
    throw wrong(`the account ${name} in ${path} has no url`, 'Write "url": "smtp://user@host:587".');
  const secrets = [account.password, account.passwordFile, account.passwordCommand].filter(
    (given) => given !== undefined,
  );
  if (secrets.length > 1)
    throw wrong(`the account ${name} in ${path} has more than one password`, 'Leave one of them.');
  if (isOpen && (account.password !== undefined || hasPassword(account.url))) {
    throw wrong(`${path} has a password in it, and other users may read the file`, `Run chmod 600 ${path}.`);
  }
  return { ...account, url: account.url };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(what: string, hint: string | undefined): CliError {
  return new CliError('configuration', what, hint);
}
