/** What a caller may set about a Mailer. Types only: resolve-options.ts checks them and fills in what is missing. */
import type { SMTPOptions } from '../client/options.js';
import type { RetryOptions } from './retry.js';

/** Options of a Mailer: those of its connections, and these. Times are milliseconds. */
export interface MailerOptions extends SMTPOptions {
  /** The server, or several of them, as a URL; in place of host, port and path. See the constructor. */
  url?: string;
  /** How many connections to a server there may be at a time. Default 5. */
  maxConnections?: number;
  /** How many messages a connection carries before it is replaced; a server may announce less (RFC 9422). Default 100. */
  maxMessagesPerConnection?: number;
  /** How old a connection may become; it is replaced when it has no message. Default 300,000. */
  maxConnectionAgeMs?: number;
  /**
   * How long a connection without a message is kept. Default 5,000. A process that forgets `close()` lives on as long as that, and no
   * longer.
   */
  idleTimeoutMs?: number;
  /**
   * How many messages may wait for a connection, those included that wait for their next attempt. Default 1,000. `send()` over a full
   * queue waits for a place. `Infinity` means no bound.
   */
  maxQueue?: number;
  /**
   * How far messages may overlap on a connection that pipelines (RFC 2920). `session` (default): the envelope of a message goes
   * out with the content of the one before it, one round trip each. `message`: MAIL, RCPT and DATA of one message go out together.
   * `none`: one command at a time.
   */
  overlap?: 'none' | 'message' | 'session';
  /**
   * Whether content goes out with BDAT where CHUNKING is offered (RFC 3030). `off` (default): never. `safe`: behind an accepted
   * recipient. `{ window }`: up to so many messages in flight, behind no answer at all; only for a server that is known to take it.
   */
  chunking?: 'off' | 'safe' | { window: number };
  /** What is tried again, and when. Default: nothing. */
  retry?: RetryOptions;
  /** How many messages may be begun in a time: `'10/s'`, `'600/min'`, `{ messages: 10, perMs: 1000 }`. All connections share it. */
  rate?: string | { messages: number; perMs: number };
  /** What the diagnostics channels tell. `recipients`: also the envelope. Default: counts alone. */
  diagnostics?: { recipients?: boolean };
}
