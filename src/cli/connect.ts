/**
 * One connection to the server of a run, by the class that its scheme asks for. What is wrong with its URL is a fault of whoever gave
 * it.
 */
import { isPosthasteError, LMTP, MessageError, SMTP, SMTP_SSL, type WireEvent } from '../index.js';
import { CliError } from './cli-error.js';
import type { Output } from './io.js';
import { oneLine } from './one-line.js';
import type { Server } from './server.js';

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

/** Connected, greeted, encrypted and logged in. Rejects with what `SMTP.connect` throws, or with CliError for a bad URL. */
export async function connectTo({ server, timeoutMs, debug, signal }: ConnectOptions): Promise<SMTP> {
  try {
    return await clientOf(server.url).connect(server.url, {
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(debug === undefined ? {} : { onWire: wireTo(debug) }),
    });
  } catch (error) {
    throw faultOfServer(server, error);
  }
}

/** An error about the URL names where it came from; any other is itself. */
export function faultOfServer(server: Server, error: unknown): unknown {
  if (!(isPosthasteError(error) && error instanceof MessageError)) return error;
  return new CliError(server.exitWhenWrong, `${server.origin}: ${error.message}`, error.hint, error);
}
