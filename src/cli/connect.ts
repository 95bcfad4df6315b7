/**
 * The server of a run: through a mailer, or over one connection by the class that its scheme asks for. What is wrong with its URL is a fault of whoever gave
 * it.
 */
import {
  isPosthasteError,
  LMTP,
  Mailer,
  MessageError,
  SMTP,
  SMTP_SSL,
  SMTPException,
  type MailerOptions,
  type WireEvent,
} from '../index.js';
import { CliError } from './cli-error.js';
import type { Output } from './io.js';
import { oneLine } from './one-line.js';
import type { Server } from './server.js';
import { serversOf } from './server-parts.js';

export interface ConnectOptions {
  readonly server: Server;
  readonly timeoutMs: number | undefined;
  /** Gets the conversation, for `--debug`. */
  readonly debug: Output | undefined;
  /** Ends whatever is going on. */
  readonly signal: AbortSignal;
}

/** What is no URL, or one of another scheme, goes to SMTP, which says what is wrong with it. */
const CLIENTS: Readonly<Record<string, typeof SMTP>> = { smtps: SMTP_SSL, lmtp: LMTP, 'lmtp+unix': LMTP };

const MARKS = { sent: 'C:', received: 'S:', state: '--' } as const;

export function clientOf(url: string): typeof SMTP {
  return CLIENTS[(/^([^:/]+):\/\//.exec(url)?.[1] ?? '').toLowerCase()] ?? SMTP;
}

/** Shows the conversation. */
export function wireTo(debug: Output): (event: WireEvent) => void {
  return ({ direction, text }) => {
    // What cannot be shown must not end a send.
    debug.write(`${MARKS[direction]} ${oneLine(text)}\n`).catch(() => undefined);
  };
}

/** Steps in front of any message: what fails there fails for all. */
const CONNECTION_STAGES: ReadonlySet<unknown> = new Set(['connect', 'tls', 'greeting', 'hello', 'starttls', 'auth']);

/** Whether there is no connection, whatever the message: another one would fare no better. */
export function isOfConnection(error: unknown): boolean {
  return error instanceof SMTPException && CONNECTION_STAGES.has(error.stage) && error.recipients.length === 0;
}

/** All that a URL can say is taken, several servers too. `more` outweighs it. Throws CliError for a bad URL. */
export function mailerTo({ server, timeoutMs, debug, signal }: ConnectOptions, more: MailerOptions): Mailer {
  try {
    return new Mailer(server.url, {
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(debug === undefined ? {} : { onWire: wireTo(debug) }),
      ...more,
    });
  } catch (error) {
    throw faultOfServer(server, error);
  }
}

/**
 * Connected, greeted, encrypted and logged in: to the first server of the URL that lets us. Rejects with what `SMTP.connect` throws for the
 * last one, or with CliError for a bad URL.
 */
export async function connectTo({ server, timeoutMs, debug, signal }: ConnectOptions): Promise<SMTP> {
  try {
    const servers = serversOf(server.url);
    for (const [index, { url, login, options }] of servers.entries()) {
      try {
        return await clientOf(url).connect(url, {
          ...options,
          signal,
          ...(login === undefined ? {} : { auth: login }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(debug === undefined ? {} : { onWire: wireTo(debug) }),
        });
      } catch (error) {
        if (index === servers.length - 1 || signal.aborted) throw error;
      }
    }
  } catch (error) {
    throw faultOfServer(server, error);
  }
  throw new Error('a URL names at least one server');
}

/** An error about the URL names where it came from; any other is itself. */
export function faultOfServer(server: Server, error: unknown): unknown {
  if (!(isPosthasteError(error) && error instanceof MessageError)) return error;
  return new CliError(server.exitWhenWrong, `${server.origin}: ${error.message}`, error.hint, error);
}
