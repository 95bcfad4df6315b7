/** What an inbox may be told, checked once. Every limit has its name here; below this file nobody fills in a default. */
import { createSecureContext } from 'node:tls';
import { MessageError } from '../index.js';
import { isHost } from '../web/index.js';

const MEBIOCTET = 1024 * 1024;

export interface InboxOptions {
  /** The address to listen on, for SMTP and for the page. Default `127.0.0.1`: nobody but this machine gets in. */
  readonly host?: string;
  /** The port of the SMTP server; 0 takes a free one, which is the default. */
  readonly smtpPort?: number;
  /** The port of the page and of the REST interface; 0 takes a free one, which is the default. */
  readonly webPort?: number;
  /**
   * Names, beside `localhost` and addresses, under which a browser may ask for the page. Any other name in a Host field is
   * refused, because a name of somebody else can be made to point here.
   */
  readonly allowedHosts?: readonly string[];
  /** How many messages are kept; the oldest one goes first. Default 500. */
  readonly maxMessages?: number;
  /** How many octets all messages together may take, with what was decoded from them. Default 256 MiB. */
  readonly maxOctets?: number;
  /** The largest message that is taken (SIZE, RFC 1870). Default 32 MiB. */
  readonly maxMessageOctets?: number;
  /**
   * Whether STARTTLS is offered, and how: `true` with a certificate that is made on the spot (`inbox.certificate`, for clients to
   * trust), or with one of your own, as PEM. Default false: programs that encrypt where they can would refuse what they do not trust.
   */
  readonly tls?: boolean | InboxCertificate;
}

/** As PEM. */
export interface InboxCertificate {
  readonly cert: string;
  readonly key: string;
}

export type ResolvedInboxOptions = Readonly<Required<InboxOptions>>;

export const DEFAULT_INBOX_OPTIONS: ResolvedInboxOptions = Object.freeze({
  host: '127.0.0.1',
  smtpPort: 0,
  webPort: 0,
  allowedHosts: [],
  maxMessages: 500,
  maxOctets: 256 * MEBIOCTET,
  maxMessageOctets: 32 * MEBIOCTET,
  tls: false,
});

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveInboxOptions(given: InboxOptions = {}): ResolvedInboxOptions {
  if (typeof given !== 'object') throw invalid('the options of an inbox are an object', 'Give { smtpPort: 1025 }.');
  for (const name of Object.keys(given)) {
    if (!(name in DEFAULT_INBOX_OPTIONS)) {
      throw invalid(
        `an inbox has no option ${JSON.stringify(name)}`,
        `It has ${Object.keys(DEFAULT_INBOX_OPTIONS).join(', ')}.`,
      );
    }
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const options = { ...DEFAULT_INBOX_OPTIONS, ...(Object.fromEntries(set) as InboxOptions) };
  checkHost('host', options.host);
  if (!Array.isArray(options.allowedHosts)) throw invalid('allowedHosts is no list', "Give ['inbox.test'].");
  for (const name of options.allowedHosts) checkHost('allowedHosts', name);
  checkWhole('smtpPort', options.smtpPort, 0, 65_535);
  checkWhole('webPort', options.webPort, 0, 65_535);
  checkWhole('maxMessages', options.maxMessages, 1, 100_000);
  checkWhole('maxOctets', options.maxOctets, 1024, Number.MAX_SAFE_INTEGER);
  checkWhole('maxMessageOctets', options.maxMessageOctets, 1024, 1024 * MEBIOCTET);
  if (options.maxMessageOctets > options.maxOctets) {
    throw invalid('maxMessageOctets is more than maxOctets', 'One message must fit into what all of them may take.');
  }
  checkTls(options.tls);
  return Object.freeze(options);
}

function checkTls(tls: unknown): void {
  if (typeof tls === 'boolean') return;
  const { cert, key } = (tls ?? {}) as Partial<InboxCertificate>;
  const hint = 'Give true for a certificate that is made on the spot, or { cert, key } as PEM.';
  if (typeof cert !== 'string' || typeof key !== 'string') throw invalid('tls is neither true nor false', hint);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw invalid(`tls cannot be used: ${(error as Error).message}`, hint);
  }
}

function checkHost(name: string, value: unknown): void {
  if (isHost(value)) return;
  throw invalid(`${name} is no address and no host name`, "Give '127.0.0.1', '::1' or a name, without a port.");
}

function checkWhole(name: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw invalid(
    `${name} is no whole number from ${String(least)} to ${String(most)}`,
    `Leave ${name} out for its default.`,
  );
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
