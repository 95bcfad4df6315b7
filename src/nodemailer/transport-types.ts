/** What a transport is given, and what it gives back. Types only; times are milliseconds, sizes are octets. */
import type { Readable } from 'node:stream';
import type { MailerOptions, SendResult } from '../index.js';
import type { MailAuth, MailDkim } from './mail-types.js';
import type { NodemailerError } from './nodemailer-error.js';

/** A logger in the form of bunyan's. What it lacks is not called. */
export type ExternalLogger = Readonly<Record<string, unknown>>;

/** What every transport takes. */
export interface CommonOptions {
  /** `true`: the console. */
  readonly logger?: ExternalLogger | boolean | undefined;
  readonly component?: string | undefined;
  /** Signs each message that has no `dkim` of its own. */
  readonly dkim?: MailDkim | undefined;
  /**
   * The directories whose files a message may name as `path`: `'./assets'`, or several. Default: none. A path is relative to the working
   * directory, as everywhere; what it names must be inside of one of them, links followed.
   */
  readonly files?: string | readonly string[] | undefined;
  /** Any file that this process can read may be named. Only for messages that no stranger has a say in. Default false. */
  readonly allowFileAccess?: boolean | undefined;
  /** What an `href` may begin with: `'https://assets.example.com/mail/'`, or several. Default: none. Redirections are held to it too. */
  readonly urls?: string | readonly string[] | undefined;
  /** Any http URL may be named, those of the own network too. Default false. */
  readonly allowUrlAccess?: boolean | undefined;
  readonly disableFileAccess?: boolean | undefined;
  readonly disableUrlAccess?: boolean | undefined;
  /** Default 100,000; 0: no limit. */
  readonly maxRecipients?: number | undefined;
  readonly attachDataUrls?: boolean | undefined;
}

/** Options of a transport that sends. */
export interface SmtpTransportOptions extends CommonOptions {
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  /** Default 587; with `secure`, 465. */
  readonly port?: number | string | undefined;
  /** TLS from the first octet. Default: whether the port is 465. */
  readonly secure?: boolean | undefined;
  readonly requireTLS?: boolean | undefined;
  readonly ignoreTLS?: boolean | undefined;
  readonly opportunisticTLS?: boolean | undefined;
  /** `ca`, `cert`, `key`, `passphrase`, `minVersion`, `ciphers`, `servername`, `rejectUnauthorized`, `fingerprint256`. */
  readonly tls?: object | undefined;
  readonly servername?: string | undefined;
  readonly auth?: MailAuth | undefined;
  readonly authMethod?: string | undefined;
  readonly forceAuth?: boolean | undefined;
  /** Lets a password go out in clear text. Default false. */
  readonly allowInsecureAuth?: boolean | undefined;
  /** The name of a well-known provider in place of host, port and secure: see `services`. */
  readonly service?: string | undefined;
  /** The name in EHLO. */
  readonly name?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly lmtp?: boolean | undefined;
  readonly pool?: boolean | undefined;
  readonly maxConnections?: number | undefined;
  readonly maxMessages?: number | undefined;
  readonly maxRequeues?: number | undefined;
  readonly idleTimeout?: number | undefined;
  /** Messages in each `rateDelta`. */
  readonly rateLimit?: number | undefined;
  /** Default 1,000. */
  readonly rateDelta?: number | undefined;
  readonly connectionTimeout?: number | undefined;
  readonly greetingTimeout?: number | undefined;
  /** For each reply; never less than a minute for the last one. */
  readonly socketTimeout?: number | undefined;
  readonly dnsTimeout?: number | undefined;
  /** Logs the conversation, secrets redacted and contents left out. */
  readonly debug?: boolean | undefined;
  readonly transactionLog?: boolean | undefined;
  /** Options of the Mailer below, which outweigh what stands beside them: `retry`, `connector`, `onWire`, ... */
  readonly mailer?: Omit<MailerOptions, 'url' | 'host' | 'port' | 'path'> | undefined;
}

export interface StreamTransportOptions extends CommonOptions {
  readonly streamTransport: true;
  /** Gives the message as a Buffer, not as a stream. */
  readonly buffer?: boolean | undefined;
  /** `unix`: LF. Default: CRLF. */
  readonly newline?: string | undefined;
}

export interface JsonTransportOptions extends CommonOptions {
  readonly jsonTransport: true;
  /** Gives an object, not its text. */
  readonly skipEncoding?: boolean | undefined;
}

export type TransportOptions = SmtpTransportOptions | StreamTransportOptions | JsonTransportOptions;

// Types and not interfaces: only so are they what nodemailer's own types want, which let anything stand beside.
/* eslint-disable @typescript-eslint/consistent-type-definitions -- for the reason above */
export type InfoEnvelope = {
  /** `''`: the null sender. */
  readonly from: string;
  readonly to: string[];
};

/** What every transport tells of a message. */
export interface SentMessageInfo {
  readonly envelope: InfoEnvelope;
  readonly messageId: string;
}

/** What is told of a message that at least one recipient was accepted for. */
export type SmtpSentInfo = {
  readonly envelope: InfoEnvelope;
  readonly messageId: string;
  readonly accepted: string[];
  /** Look here: a message that was accepted for some is no error. */
  readonly rejected: string[];
  /** One for each of `rejected`; absent when there is none. */
  readonly rejectedErrors?: NodemailerError[];
  /** Those of whom nothing is known, or who were not asked for; absent when there is none. */
  readonly pending?: string[];
  /** The lines of the server's answer to EHLO, but the first. */
  readonly ehlo?: string[];
  readonly envelopeTime: number;
  readonly messageTime: number;
  /** Octets of the content, without what is added for the way. */
  readonly messageSize: number;
  /** The last reply. */
  readonly response: string;
  /** All that is known. */
  readonly result: SendResult;
};
/* eslint-enable @typescript-eslint/consistent-type-definitions */

export interface StreamSentInfo extends SentMessageInfo {
  /** A Buffer with `buffer: true`. */
  readonly message: Buffer | Readable;
}

export interface BufferSentInfo extends SentMessageInfo {
  readonly message: Buffer;
}

export interface ReadableSentInfo extends SentMessageInfo {
  readonly message: Readable;
}

export interface JsonSentInfo extends SentMessageInfo {
  readonly message: string;
}

export interface JsonObjectSentInfo extends SentMessageInfo {
  readonly message: Record<string, unknown>;
}
