/**
 * Options of nodemailer's SMTP transport as those of a Mailer. One rule: each is understood or refused by its name; none is passed over
 * in silence, and nothing that concerns safety is weaker than the Mailer's own default unless it says so.
 */
import type { MailerOptions, Stage, TlsOptions } from '../index.js';
import { optionsOfUrl } from './connection-url.js';
import { configError } from './nodemailer-error.js';
import { isRecord, ownCopy, ownEntries } from './own-keys.js';
import { serviceOf } from './services.js';
import type { SmtpTransportOptions } from './transport-types.js';

/** How long a connection without a message is kept. A pool is kept as nodemailer keeps it; else only for what follows at once. */
const IDLE_OF_POOL_MS = 240_000;
const IDLE_WITHOUT_POOL_MS = 500;
/** Whatever a time-out for the socket says, giving up on the last reply early makes duplicates (RFC 1047). */
const SHORTEST_FINAL_MS = 60_000;

const UNDERSTOOD: ReadonlySet<string> = new Set<keyof SmtpTransportOptions>([
  'url',
  'host',
  'port',
  'secure',
  'requireTLS',
  'ignoreTLS',
  'opportunisticTLS',
  'tls',
  'servername',
  'auth',
  'authMethod',
  'forceAuth',
  'allowInsecureAuth',
  'service',
  'name',
  'localAddress',
  'lmtp',
  'pool',
  'maxConnections',
  'maxMessages',
  'maxRequeues',
  'idleTimeout',
  'rateLimit',
  'rateDelta',
  'connectionTimeout',
  'greetingTimeout',
  'socketTimeout',
  'dnsTimeout',
  'debug',
  'transactionLog',
  'mailer',
  'logger',
  'component',
  'dkim',
  'files',
  'allowFileAccess',
  'urls',
  'allowUrlAccess',
  'disableFileAccess',
  'disableUrlAccess',
  'maxRecipients',
  'attachDataUrls',
]);

/** Understood, and without a meaning here: the limits that they set exist. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'allowInternalNetworkInterfaces',
  'maxResponseSize',
  'socketCloseTimeout',
  'newline',
]);

const CONNECTOR = 'Give mailer: { connector: (target, signal) => stream }, which opens the connection in our place.';

/** What is not offered, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  proxy: CONNECTOR,
  getSocket: CONNECTOR,
  socket: CONNECTOR,
  connection: CONNECTOR,
  secured: CONNECTOR,
  direct: 'Mail is not delivered to MX hosts here: name the server of your provider as host.',
  customAuth: 'Give authMethod for a mechanism that is known; one of your own goes through SMTP.auth() of posthaste.',
  SES: "Use Amazon's SMTP servers: service: 'SES-EU-WEST-1', auth: { user, pass } with SMTP credentials of SES.",
  sendmail: "Give the local server: host: 'localhost', port: 25; or pipe the message into `posthaste sendmail`.",
  path: "Programs are not run here: host: 'localhost', port: 25 is the local server.",
  args: "Programs are not run here: host: 'localhost', port: 25 is the local server.",
  normalizeHeaderKey: 'The names in headers are sent as they are given.',
};

/** Options, and those of the URL in them. The URL outweighs what stands beside it; a service outweighs both. */
export function withUrlAndService(given: string | SmtpTransportOptions): SmtpTransportOptions {
  const beside = typeof given === 'string' ? {} : ownCopy(given);
  const url = typeof given === 'string' ? given : given.url;
  delete beside['url'];
  const said = url === undefined || url === '' ? {} : optionsOfUrl(url);
  const merged = ownCopy(said, beside);
  for (const key of ['tls', 'auth']) {
    if (isRecord(said[key]) && isRecord(beside[key])) merged[key] = ownCopy(said[key], beside[key]);
  }
  const { service } = merged;
  if (typeof service !== 'string' || service === '') return merged;
  return { ...merged, ...serviceOf(service) };
}

/**
 * Where and how to connect: all but the login itself.
 *
 * @throws NodemailerError: `ECONFIG`.
 */
export function mailerOptionsOf(options: SmtpTransportOptions, hasLogin: boolean): MailerOptions {
  checkNames(options);
  const { pool = false, lmtp = false, name, localAddress, allowInsecureAuth } = options;
  const { maxConnections, maxMessages, maxRequeues, idleTimeout, rateLimit, rateDelta } = options;
  const timeoutMs = timeoutsOf(options);
  return {
    url: serverUrl(options, lmtp),
    ...tlsOf(options, hasLogin),
    idleTimeoutMs: positive(idleTimeout) ?? (pool ? IDLE_OF_POOL_MS : IDLE_WITHOUT_POOL_MS),
    // An empty one is none there.
    ...(name === undefined || name === '' ? {} : { localHostname: name }),
    ...(localAddress === undefined ? {} : { sourceAddress: localAddress }),
    ...(allowInsecureAuth === undefined ? {} : { allowInsecureAuth }),
    ...(positive(maxConnections) === undefined ? {} : { maxConnections: Number(maxConnections) }),
    ...(positive(maxMessages) === undefined ? {} : { maxMessagesPerConnection: Number(maxMessages) }),
    // Only what is provably not delivered is tried again.
    ...(positive(maxRequeues) === undefined ? {} : { retry: { attempts: Number(maxRequeues) + 1 } }),
    ...(positive(rateLimit) === undefined
      ? {}
      : { rate: { messages: Number(rateLimit), perMs: positive(rateDelta) ?? 1_000 } }),
    ...(Object.keys(timeoutMs).length === 0 ? {} : { timeoutMs }),
    ...options.mailer,
  };
}

function checkNames(options: SmtpTransportOptions): void {
  for (const [name, value] of ownEntries(options)) {
    if (UNDERSTOOD.has(name) || WITHOUT_MEANING.has(name)) continue;
    const isOff = value === undefined || value === false || value === null;
    if (isOff) continue;
    const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
    const likely = [...UNDERSTOOD].find((known) => known.toLowerCase() === name.toLowerCase());
    throw configError(
      `the transport option ${JSON.stringify(name.slice(0, 60))} is not ${instead === undefined ? 'known' : 'offered'}`,
      instead ??
        (likely === undefined
          ? 'Leave it out; options of the Mailer go into mailer: { ... }.'
          : `Did you mean ${likely}?`),
    );
  }
}

function serverUrl(options: SmtpTransportOptions, lmtp: boolean): string {
  const host = options.host === undefined || options.host === '' ? 'localhost' : options.host;
  const port = portOf(options);
  const secure = isSecure(options);
  const scheme = lmtp ? 'lmtp' : secure ? 'smtps' : 'smtp';
  if (lmtp && secure) throw configError('LMTP with TLS from the first octet is not offered', 'Leave secure out.');
  return `${scheme}://${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${String(port)}`;
}

function portOf(options: SmtpTransportOptions): number {
  const { port } = options;
  if (port === undefined || port === '' || port === 0) return options.secure === true ? 465 : 587;
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw configError(
    `the port ${JSON.stringify(port)} is no whole number from 1 to 65535`,
    'Default: 587, or 465 with secure.',
  );
}

function isSecure(options: SmtpTransportOptions): boolean {
  return options.secure ?? portOf(options) === 465;
}

const TLS_NAMES: ReadonlySet<string> = new Set<keyof TlsOptions>([
  'ca',
  'cert',
  'key',
  'passphrase',
  'minVersion',
  'ciphers',
  'servername',
  'rejectUnauthorized',
  'fingerprint256',
]);

function tlsOf(options: SmtpTransportOptions, hasLogin: boolean): { readonly tls?: TlsOptions } {
  const given = ownCopy(options.tls ?? {}, options.servername === undefined ? {} : { servername: options.servername });
  for (const [name, value] of Object.entries(given)) {
    if (TLS_NAMES.has(name)) continue;
    if (value === undefined) continue;
    throw configError(
      `the option tls.${name.slice(0, 60)} is not offered`,
      `Those of TLS are ${[...TLS_NAMES].join(', ')}; others go through mailer: { connector }.`,
    );
  }
  const mode = modeOf(options, hasLogin);
  const tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as TlsOptions;
  if (mode === undefined && Object.keys(tls).length === 0) return {};
  return { tls: mode === undefined ? tls : { ...tls, mode } };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|)$/i;

/**
 * With a login, the Mailer's own default: TLS is needed, but on loopback. Without one TLS is used where it is offered; there too,
 * as nodemailer does.
 */
function modeOf(options: SmtpTransportOptions, hasLogin: boolean): TlsOptions['mode'] {
  if (options.requireTLS === true) return 'required';
  if (isSecure(options)) return undefined;
  if (options.ignoreTLS === true) return 'never';
  const needsTls = hasLogin && options.allowInsecureAuth !== true && !LOOPBACK.test(options.host ?? '');
  return needsTls ? 'required' : 'opportunistic';
}

function timeoutsOf(options: SmtpTransportOptions): Partial<Record<Stage, number>> {
  const connect = positive(options.connectionTimeout);
  const greeting = positive(options.greetingTimeout);
  const socket = positive(options.socketTimeout);
  const timeouts: Partial<Record<Stage, number>> = {};
  if (socket !== undefined) {
    for (const stage of ['hello', 'auth', 'mail', 'rcpt', 'data', 'body', 'rset', 'command'] as const)
      timeouts[stage] = socket;
    timeouts.final = Math.max(socket, SHORTEST_FINAL_MS);
  }
  if (greeting !== undefined) Object.assign(timeouts, { greeting, starttls: greeting, tls: greeting });
  if (connect !== undefined) timeouts.connect = connect;
  return timeouts;
}

/** nodemailer takes anything else for its default. */
function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number > 0 ? number : undefined;
}
