/**
 * The options of a Mailer in their resolved form: one URL or the options, never both about the same thing; all of it checked before
 * anything is dialed; every field present. Below this file nobody writes a default.
 */
import { type MessageError } from '../errors.js';
import { checkShapes, type Shapes } from '../client/check-shapes.js';
import type { Dialect } from '../client/conversation.js';
import { LMTP_DIALECT } from '../client/lmtp.js';
import {
  checkDuration,
  invalid,
  resolveOptions,
  resuming,
  type ResolvedOptions,
  type SMTPOptions,
} from '../client/options.js';
import { SMTP_DIALECT } from '../client/smtp.js';
import { SMTP_SSL_DIALECT } from '../client/smtp-ssl.js';
import type { UrlScheme } from '../client/server-url.js';
import { targetOf } from '../client/target-of.js';
import type { LanePolicy, LaneTarget } from './lane.js';
import type { MailerOptions } from './mailer-options.js';
import { parseMailerUrl, type MailerServerUrl } from './mailer-url.js';
import { nearestName } from './nearest-name.js';
import { parseRate, type Rate } from './rate.js';
import { resolveRetry, type RetryOptions, type RetryPolicy } from './retry.js';
import type { ServerStrategy } from './server-order.js';

export interface ResolvedServer {
  readonly options: ResolvedOptions;
  readonly dialect: Dialect;
  readonly target: LaneTarget;
}

export interface ResolvedMailerOptions {
  readonly servers: readonly ResolvedServer[];
  readonly strategy: ServerStrategy;
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly maxConnectionAgeMs: number;
  readonly idleTimeoutMs: number;
  readonly maxQueue: number;
  readonly policy: LanePolicy;
  readonly retry: RetryPolicy;
  readonly rate: Rate | undefined;
  readonly traceRecipients: boolean;
  readonly signal: AbortSignal | undefined;
}

const DIALECTS: Readonly<Record<UrlScheme, Dialect>> = {
  smtp: SMTP_DIALECT,
  smtps: SMTP_SSL_DIALECT,
  lmtp: LMTP_DIALECT,
  'lmtp+unix': LMTP_DIALECT,
};

const SHAPES: Shapes = {
  url: ['text'],
  overlap: ['text'],
  chunking: ['text', 'object'],
  retry: ['object'],
  rate: ['text', 'object'],
  diagnostics: ['object'],
};

/** Every name that MailerOptions has. */
const NAMES: ReadonlySet<string> = new Set<keyof MailerOptions>([
  'url',
  'host',
  'port',
  'path',
  'localHostname',
  'sourceAddress',
  'sourcePort',
  'timeoutMs',
  'tls',
  'auth',
  'allowInsecureAuth',
  'pipelining',
  'disableExtensions',
  'connector',
  'onWire',
  'signal',
  'maxConnections',
  'maxMessagesPerConnection',
  'maxConnectionAgeMs',
  'idleTimeoutMs',
  'maxQueue',
  'overlap',
  'chunking',
  'retry',
  'rate',
  'diagnostics',
]);

const RETRY_NAMES: ReadonlySet<string> = new Set<keyof RetryOptions>(['attempts', 'backoffMs', 'onUnknown']);
const DIAGNOSTICS_NAMES: ReadonlySet<string> = new Set<keyof NonNullable<MailerOptions['diagnostics']>>(['recipients']);

/** Throws MessageError, code `ERR_INVALID_OPTION`, `ERR_INVALID_URL` or `ERR_INVALID_TARGET`. */
export function resolveMailerOptions(target: string | MailerOptions, more: MailerOptions = {}): ResolvedMailerOptions {
  checkShapes(more, SHAPES);
  if (typeof target !== 'string') checkShapes(target, SHAPES);
  const given: MailerOptions = typeof target === 'string' ? { ...more } : { ...target, ...more };
  checkNames(given, NAMES);
  const url = typeof target === 'string' ? target : given.url;
  if (typeof target === 'string' && given.url !== undefined) throw twice('url');
  delete given.url;
  const { servers, strategy, options } = url === undefined ? plain(given) : fromUrl(url, given);
  const {
    maxConnections = 5,
    maxMessagesPerConnection = 100,
    maxQueue = 1_000,
    maxConnectionAgeMs = 300_000,
  } = options;
  const { idleTimeoutMs = 5_000, overlap = 'session', chunking = 'off', rate, retry, diagnostics } = options;
  checkCount('maxConnections', maxConnections);
  checkCount('maxMessagesPerConnection', maxMessagesPerConnection);
  checkCount('maxQueue', maxQueue);
  checkDuration('maxConnectionAgeMs', maxConnectionAgeMs);
  checkDuration('idleTimeoutMs', idleTimeoutMs);
  checkShapes(diagnostics ?? {}, { recipients: ['flag'] });
  checkNames(diagnostics ?? {}, DIAGNOSTICS_NAMES, 'diagnostics.');
  checkNames(retry ?? {}, RETRY_NAMES, 'retry.');
  return Object.freeze({
    servers: servers.map(({ scheme, server }) => resolveServer(scheme, server)),
    strategy,
    maxConnections,
    maxMessagesPerConnection,
    maxConnectionAgeMs,
    idleTimeoutMs,
    maxQueue,
    policy: Object.freeze({ overlap: checkedOverlap(overlap), chunking: checkedChunking(chunking) }),
    retry: resolveRetry(retry),
    rate: rate === undefined ? undefined : parseRate(rate),
    traceRecipients: diagnostics?.recipients ?? false,
    signal: options.signal,
  });
}

interface Sources {
  readonly servers: readonly { readonly scheme: UrlScheme; readonly server: SMTPOptions }[];
  readonly strategy: ServerStrategy;
  readonly options: MailerOptions;
}

function plain(given: MailerOptions): Sources {
  return { servers: [{ scheme: schemeOf(undefined, given), server: given }], strategy: 'failover', options: given };
}

/** What is given as an option outweighs what the URL says; where the server is stands in one of the two. */
function fromUrl(url: string, given: MailerOptions): Sources {
  for (const name of ['host', 'port', 'path'] as const) if (given[name] !== undefined) throw twice(name);
  const parsed = parseMailerUrl(url);
  const servers = parsed.servers.map((one) => {
    if (one.userAlone !== undefined && given.auth === undefined) throw passwordMissing(one);
    const server = { ...parsed.options, ...one.options, ...given };
    return { scheme: one.scheme ?? schemeOf(undefined, server), server };
  });
  return { servers, strategy: parsed.strategy, options: { ...parsed.options, ...given } };
}

/** Without a scheme the port decides: RFC 8314 section 3.3 gives 465 to TLS from the first octet. */
function schemeOf(scheme: UrlScheme | undefined, { host, port }: SMTPOptions): UrlScheme {
  if (scheme !== undefined) return scheme;
  return port === 465 || (typeof host === 'string' && /[^:]:465$|\]:465$/.test(host)) ? 'smtps' : 'smtp';
}

function resolveServer(scheme: UrlScheme, server: MailerOptions): ResolvedServer {
  const dialect = DIALECTS[scheme];
  const pipelining = server.overlap === 'none' ? false : (server.pipelining ?? true);
  const options = resuming(resolveOptions({ ...server, pipelining }));
  return { options, dialect, target: targetOf(options, dialect) };
}

/** `within`: of which option they are parts. */
function checkNames(given: object, names: ReadonlySet<string>, within = ''): void {
  for (const name of Object.keys(given)) {
    if (names.has(name)) continue;
    const nearest = nearestName(name, [...names]);
    const known = [...names].map((one) => within + one);
    throw invalid(
      `the option ${JSON.stringify(within + name.slice(0, 60))} is not known`,
      nearest === undefined ? `The options are ${known.join(', ')}.` : `Did you mean ${within}${nearest}?`,
    );
  }
}

function checkCount(name: string, count: unknown): void {
  if (count === Infinity || (typeof count === 'number' && Number.isSafeInteger(count) && count > 0)) return;
  throw invalid(
    `${name} must be a whole number above 0, or Infinity, not ${String(count)}`,
    'Leave it out for the default.',
  );
}

function checkedOverlap(overlap: string): LanePolicy['overlap'] {
  if (overlap === 'none' || overlap === 'message' || overlap === 'session') return overlap;
  throw invalid(`overlap is ${JSON.stringify(overlap)}`, "It is 'none', 'message' or 'session'.");
}

function checkedChunking(chunking: unknown): LanePolicy['chunking'] {
  if (chunking === 'off' || chunking === 'safe') return chunking;
  if (typeof chunking === 'object' && chunking !== null && 'window' in chunking) {
    const { window } = chunking;
    if (typeof window === 'number' && Number.isSafeInteger(window) && window > 0) return Object.freeze({ window });
  }
  throw invalid('chunking is none that is known', "It is 'off', 'safe' or { window: 10 }.");
}

function twice(name: string): MessageError {
  return invalid(`the server is named by a URL, and by the option ${name} beside it`, 'Name it once.');
}

function passwordMissing({ userAlone = '' }: MailerServerUrl): MessageError {
  return invalid(
    'the URL has a user name and no password',
    `Write the password behind it, or give auth: { user: ${JSON.stringify(userAlone)}, password } beside the URL.`,
  );
}
