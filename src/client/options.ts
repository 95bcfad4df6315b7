/**
 * What a caller may set about a connection, and its resolved form: checked once, every field present, frozen. Below this
 * file nobody writes a default.
 */
import { MessageError } from '../errors.js';
import type { Connector } from '../io/dial.js';
import type { TlsMode, TlsOptions } from '../io/tls-options.js';
import { TlsSessions } from '../io/tls-sessions.js';
import { checkTlsOptions } from '../io/tls.js';
import { encodeCommand } from '../protocol/command.js';
import type { Stage, WireEvent } from '../types.js';
import { checkShapes, type Shapes } from './check-shapes.js';
import type { Credentials } from './credentials.js';

/** Options of a connection. Times are milliseconds. */
export interface SMTPOptions {
  /** Default `localhost`. `host:port` and `[v6]:port` are split; what begins with `/` is a unix socket's path. */
  host?: string;
  /** Default: the port of the class. */
  port?: number;
  /** The path of a unix socket, in place of host and port. */
  path?: string;
  /** The name in EHLO. Default: this machine's name when it is a full one, else its address as a literal. */
  localHostname?: string;
  /** The local IP address to connect from. */
  sourceAddress?: string;
  /** The local port to connect from. */
  sourcePort?: number;
  /**
   * How long each stage may take, per whole reply. One number sets all but `final`, which becomes the larger of it and
   * 60,000: a server that took the message may be slow to say so, and giving up early makes duplicates (RFC 1047).
   * Defaults: connect, tls 30,000; data 120,000; body 180,000 per block; final 600,000; quit 5,000; others 300,000.
   */
  timeoutMs?: number | Partial<Record<Stage, number>>;
  /**
   * How `SMTP.connect()` and the Mailer encrypt: a mode, or options with one. Default mode: `required` when credentials are
   * given; else `never` on loopback and unix sockets, `opportunistic` everywhere else. `connect()` alone does not upgrade: call
   * `starttls()`. With SMTP_SSL the connection is always encrypted.
   */
  tls?: TlsMode | TlsOptions;
  /** Logs in after the greeting, in `SMTP.connect()` and the Mailer. `connect()` alone does not: call `login()`. */
  auth?: Credentials;
  /** Lets a secret go out on a connection that is neither encrypted nor on this machine. Default false. */
  allowInsecureAuth?: boolean;
  /** Writes MAIL, RCPT and DATA in one group when the server offers PIPELINING (RFC 2920). Default true. */
  pipelining?: boolean;
  /** EHLO keywords to ignore, in any case: for a server that offers what it cannot do. */
  disableExtensions?: readonly string[];
  /** Opens the stream in our place, for proxies and tests. */
  connector?: Connector;
  /** Gets every line of the conversation, secrets redacted, bodies left out. What it throws is ignored. */
  onWire?: (event: WireEvent) => void;
  /** Ends whatever is going on when it fires, and destroys the connection. */
  signal?: AbortSignal;
}

export interface ResolvedOptions {
  readonly host: string;
  readonly port: number | undefined;
  readonly localHostname: string | undefined;
  readonly sourceAddress: string | undefined;
  readonly sourcePort: number | undefined;
  readonly timeoutsMs: Readonly<Record<Stage, number>>;
  /** Undefined: the default, which depends on the target. */
  readonly tlsMode: TlsMode | undefined;
  readonly tls: TlsOptions;
  /** Whoever dials the same server again resumes its TLS session. Undefined: each connection has a whole handshake. */
  readonly tlsSessions: TlsSessions | undefined;
  readonly auth: Credentials | undefined;
  readonly allowInsecureAuth: boolean;
  readonly pipelining: boolean;
  readonly disableExtensions: readonly string[];
  readonly connector: Connector | undefined;
  readonly onWire: ((event: WireEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_TIMEOUTS_MS: Readonly<Record<Stage, number>> = Object.freeze({
  connect: 30_000,
  tls: 30_000,
  greeting: 300_000,
  hello: 300_000,
  starttls: 300_000,
  auth: 300_000,
  mail: 300_000,
  rcpt: 300_000,
  data: 120_000,
  body: 180_000,
  final: 600_000,
  rset: 300_000,
  quit: 5_000,
  command: 300_000,
});

/** One number does not make the wait for the final reply shorter than this. */
const SHORTEST_FINAL_MS = 60_000;

const SHAPES: Shapes = {
  path: ['text'],
  localHostname: ['text'],
  sourceAddress: ['text'],
  tls: ['text', 'object'],
  auth: ['object'],
  allowInsecureAuth: ['flag'],
  pipelining: ['flag'],
  disableExtensions: ['list'],
  connector: ['function'],
  onWire: ['function'],
  signal: ['signal'],
};

/** Throws MessageError, code `ERR_INVALID_OPTION`, and `ERR_CONTROL_IN_COMMAND` for a localHostname that is no line. */
export function resolveOptions(options: SMTPOptions): ResolvedOptions {
  checkShapes(options, SHAPES);
  if (options.localHostname !== undefined) checkLocalHostname(options.localHostname);
  if (options.path !== undefined && (options.host !== undefined || options.port !== undefined)) {
    throw invalid('path was given beside host or port', 'Give the path of a unix socket, or a host and a port.');
  }
  if (options.path !== undefined && !options.path.startsWith('/')) {
    throw invalid(`the path ${JSON.stringify(options.path)} is not absolute`, 'Give the full path of the unix socket.');
  }
  return Object.freeze({
    host: options.path ?? options.host ?? 'localhost',
    port: options.port,
    localHostname: options.localHostname,
    sourceAddress: options.sourceAddress,
    sourcePort: options.sourcePort,
    timeoutsMs: resolveTimeouts(options.timeoutMs),
    ...resolveTls(options.tls, options.auth !== undefined),
    tlsSessions: undefined,
    auth: options.auth,
    allowInsecureAuth: options.allowInsecureAuth ?? false,
    pipelining: options.pipelining ?? true,
    disableExtensions: Object.freeze([...(options.disableExtensions ?? [])]),
    connector: options.connector,
    onWire: options.onWire,
    signal: options.signal,
  });
}

/** Refused here, not when a server is waiting for the EHLO. */
function checkLocalHostname(name: string): void {
  encodeCommand(`EHLO ${name}`);
  if (name !== '' && !name.includes(' ')) return;
  throw invalid(
    `the localHostname ${JSON.stringify(name)} is no name`,
    'Give a full host name, or an address such as [192.0.2.1]; leave it out for the default.',
  );
}

/** For connections that are dialed again and again with these options: a TLS session that was verified is resumed. */
export function resuming(options: ResolvedOptions): ResolvedOptions {
  return Object.freeze({ ...options, tlsSessions: new TlsSessions() });
}

const TLS_MODES: ReadonlySet<string> = new Set<TlsMode>(['required', 'opportunistic', 'never']);

function resolveTls(tls: SMTPOptions['tls'], hasCredentials: boolean): Pick<ResolvedOptions, 'tls' | 'tlsMode'> {
  const options: TlsOptions = typeof tls === 'object' ? { ...tls } : {};
  // Whoever gives options for TLS wants it where it can be had, on loopback too; credentials need it all the same.
  const modeOfOptions = tls === undefined ? undefined : hasCredentials ? 'required' : 'opportunistic';
  const tlsMode = typeof tls === 'string' ? tls : (options.mode ?? modeOfOptions);
  if (tlsMode !== undefined && !TLS_MODES.has(tlsMode)) {
    throw invalid(`tls mode ${JSON.stringify(tlsMode)} is not known`, "It is 'required', 'opportunistic' or 'never'.");
  }
  if (typeof tls === 'object') checkTlsOptions(options);
  return { tls: Object.freeze(options), tlsMode };
}

function resolveTimeouts(timeoutMs: unknown): Readonly<Record<Stage, number>> {
  if (timeoutMs === undefined) return DEFAULT_TIMEOUTS_MS;
  const timeouts = { ...DEFAULT_TIMEOUTS_MS };
  if (typeof timeoutMs !== 'object' || timeoutMs === null) {
    checkDuration('timeoutMs', timeoutMs);
    for (const stage of Object.keys(timeouts) as Stage[]) timeouts[stage] = timeoutMs;
    timeouts.final = Math.max(timeoutMs, SHORTEST_FINAL_MS);
    return Object.freeze(timeouts);
  }
  for (const [stage, value] of Object.entries(timeoutMs) as [string, unknown][]) {
    if (!isStage(stage)) {
      throw invalid(`timeoutMs.${stage} is no stage`, `The stages are ${Object.keys(DEFAULT_TIMEOUTS_MS).join(', ')}.`);
    }
    if (value === undefined) continue;
    checkDuration(`timeoutMs.${stage}`, value);
    timeouts[stage] = value;
  }
  return Object.freeze(timeouts);
}

function isStage(name: string): name is Stage {
  return Object.hasOwn(DEFAULT_TIMEOUTS_MS, name);
}

/** Throws MessageError unless it is a positive number of milliseconds; Infinity is one. */
export function checkDuration(name: string, milliseconds: unknown): asserts milliseconds is number {
  if (typeof milliseconds === 'number' && milliseconds > 0) return;
  throw invalid(
    `${name} must be a positive number of milliseconds, not ${String(milliseconds)}`,
    'Leave it out for the default.',
  );
}

export function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
