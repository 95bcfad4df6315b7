/**
 * The servers of a mailer as text: one URL, or `failover:(url,url)` and `roundrobin:(url,url)`, with options behind a question mark.
 * An option that is not known is refused, because leaving it out would do something else than what was asked for. No error shows a
 * password.
 */
import { MessageError } from '../errors.js';
import type { SMTPOptions } from '../client/options.js';
import { parseQuery, parseServerUrl, type UrlScheme } from '../client/server-url.js';
import type { MailerOptions } from './mailer-options.js';
import { nearestName } from './nearest-name.js';
import type { ServerStrategy } from './server-order.js';

/** One server of a mailer, as its URL says. */
export interface MailerServerUrl {
  readonly scheme: UrlScheme | undefined;
  /** Host, port or path; a login; and what its own question mark says. */
  readonly options: SMTPOptions;
  /** A user name without a password: the password has to come from elsewhere. */
  readonly userAlone: string | undefined;
}

export interface MailerUrl {
  readonly strategy: ServerStrategy;
  readonly servers: readonly MailerServerUrl[];
  /** What holds for all of them. */
  readonly options: MailerOptions;
}

type Reader = (name: string, value: string) => Partial<MailerOptions>;

const flag: Reader = (name, value) => {
  if (value !== 'true' && value !== 'false') throw badValue(name, value, 'true or false');
  return { [name]: value === 'true' };
};
const number: Reader = (name, value) => {
  if (value === 'Infinity') return { [name]: Infinity };
  if (!/^\d{1,15}$/.test(value)) throw badValue(name, value, 'a whole number');
  return { [name]: Number(value) };
};
const text: Reader = (name, value) => ({ [name]: value });
const list: Reader = (name, value) => ({ [name]: value.split(',') });

/** Those of one connection: allowed behind each URL, and behind the parenthesis for all. */
const CONNECTION_READERS: ReadonlyMap<string, Reader> = new Map([
  ['tls', text],
  ['timeoutMs', number],
  ['localHostname', text],
  ['sourceAddress', text],
  ['sourcePort', number],
  ['pipelining', flag],
  ['allowInsecureAuth', flag],
  ['disableExtensions', list],
]);

const MAILER_READERS: ReadonlyMap<string, Reader> = new Map([
  ['maxConnections', number],
  ['maxMessagesPerConnection', number],
  ['maxConnectionAgeMs', number],
  ['idleTimeoutMs', number],
  ['maxQueue', number],
  ['rate', text],
  ['overlap', text],
  ['chunking', (name, value) => ({ chunking: /^\d/.test(value) ? { window: windowOf(name, value) } : value })],
  ['retry', (name, value) => ({ retry: { attempts: Number(number(name, value).retry) } })],
] as readonly [string, Reader][]);

const ALL_READERS: ReadonlyMap<string, Reader> = new Map([...CONNECTION_READERS, ...MAILER_READERS]);

const GROUP_FORM = /^(failover|roundrobin):(?!\/\/)(.*)$/is;
const IN_PARENTHESES = /^\(([^()]*)\)(?:\?(.*))?$/s;

/** Throws MessageError, code `ERR_INVALID_URL`. */
export function parseMailerUrl(given: string): MailerUrl {
  const group = GROUP_FORM.exec(given.trim());
  if (group === null) {
    const { server, query } = parseOne(given);
    return { strategy: 'failover', servers: [server], options: readQuery(query, ALL_READERS) };
  }
  const [, name = '', rest = ''] = group;
  const inner = IN_PARENTHESES.exec(rest);
  if (inner === null) {
    throw invalidUrl(
      `the URLs of ${name}: do not stand in parentheses`,
      `Write ${name}:(smtp://first.example,smtp://second.example)?maxConnections=5.`,
    );
  }
  const [, urls = '', query = ''] = inner;
  const servers = urls
    .split(/[\s,]+/)
    .filter((url) => url !== '')
    .map((url) => {
      const one = parseOne(url);
      return { ...one.server, options: { ...one.server.options, ...readQuery(one.query, CONNECTION_READERS, name) } };
    });
  if (servers.length === 0) throw invalidUrl(`${name}: names no server`, 'Put URLs between the parentheses.');
  return {
    strategy: name.toLowerCase() as ServerStrategy,
    servers,
    options: readQuery(parseQuery(query), ALL_READERS),
  };
}

function parseOne(url: string): { server: MailerServerUrl; query: readonly (readonly [string, string])[] } {
  const { scheme, options, user, password, query } = parseServerUrl(url.trim(), { query: 'return' });
  const login = user !== undefined && password !== undefined ? { auth: { user, password } } : {};
  const server = {
    scheme,
    options: { ...options, ...login },
    userAlone: password === undefined ? user : undefined,
  };
  return { server, query };
}

function readQuery(
  query: readonly (readonly [string, string])[],
  readers: ReadonlyMap<string, Reader>,
  group?: string,
): MailerOptions {
  const options: MailerOptions = {};
  const seen = new Set<string>();
  for (const [name, value] of query) {
    const reader = readers.get(name);
    if (reader === undefined) throw unknownName(name, readers, group);
    if (seen.has(name)) throw invalidUrl(`the URL has the option ${name} twice`, 'Give it once.');
    seen.add(name);
    Object.assign(options, reader(name, value));
  }
  return options;
}

function unknownName(name: string, readers: ReadonlyMap<string, Reader>, group: string | undefined): MessageError {
  if (group !== undefined && ALL_READERS.has(name)) {
    return invalidUrl(
      `the option ${name} of the URL is not one of a single server`,
      `Write it behind the closing parenthesis of ${group}:(...), where it holds for all of them.`,
    );
  }
  const names = [...readers.keys()];
  const nearest = nearestName(name, names);
  return invalidUrl(
    `the URL has an option that is not known: ${JSON.stringify(name.slice(0, 60))}`,
    nearest === undefined ? `The options are ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  );
}

function windowOf(name: string, value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw badValue(name, value, "'off', 'safe' or the size of the window");
  return Number(value);
}

function badValue(name: string, value: string, wanted: string): MessageError {
  return invalidUrl(
    `the option ${name} of the URL is ${JSON.stringify(value.slice(0, 60))}, which is not ${wanted}`,
    'Correct it, or leave it out for the default.',
  );
}

function invalidUrl(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_URL', hint });
}
