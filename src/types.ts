/**
 * The words that every layer shares. Types only: this file has no run time.
 * Times are milliseconds, sizes are octets.
 */
import type { PeerCertificate } from 'node:tls';

/**
 * One complete reply of the server (RFC 5321 section 4.2), after multi-line folding.
 *
 * `lines` are the texts behind the code, one per line, as the server sent them (UTF-8, else Latin-1); `text` is the same
 * joined with LF. `enhancedCode` is the RFC 3463 status code, such as `5.1.1`, when the first line begins with one of the
 * same class as `code`.
 */
export interface Reply {
  readonly code: number;
  readonly enhancedCode: string | undefined;
  readonly lines: readonly string[];
  readonly text: string;
}

/** Where in a session something happened. `final` is the reply to the content: the only one that settles a message. */
export type Stage =
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'hello'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'final'
  | 'rset'
  | 'quit'
  | 'command';

/**
 * What the server may have done with the message.
 *
 * - `not-sent`: the end of the message never left; sending again is safe.
 * - `refused`: the server said no; sending again is safe, and useful after a 4xx.
 * - `unknown`: the end of the message was handed to the socket and no complete answer came (RFC 1047): it may have been
 *   delivered, and sending again may deliver it twice.
 */
export type Delivery = 'not-sent' | 'refused' | 'unknown';

/**
 * What happened to one recipient. There is one result per recipient given, by index: RFC 2033 section 4.2 counts replies,
 * not addresses, and one mailbox may appear twice.
 */
export interface RecipientResult {
  readonly index: number;
  readonly address: string;
  readonly status: 'accepted' | 'refused' | 'unknown' | 'not-sent';
  /** The stage whose reply, or whose silence, decided. */
  readonly stage: Stage;
  /** The server's last word on this recipient; absent when it said none. */
  readonly reply?: Reply;
}

/** Something legal but risky about a message or a send. `code` is stable; `message` is for people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly header?: string;
}

/** The TLS session in use, read after the handshake. */
export interface TlsInfo {
  readonly protocol: string;
  readonly cipher: string;
  readonly authorized: boolean;
  readonly certificate: PeerCertificate;
}

/** The SMTP envelope (RFC 5321 section 2.3.1). `from` is the reverse-path; `''` is the null sender. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** How long each stage took, in milliseconds. `queued`: waiting for a turn; `total`: from the call to its settlement. */
export type Timing = Readonly<Partial<Record<Stage | 'queued' | 'total', number>>>;

/** The report of a message of which at least one recipient was accepted. */
export interface SendResult {
  readonly envelope: Envelope;
  readonly recipients: readonly RecipientResult[];
  /** The addresses that the server took, in the order given. A view of `recipients`. */
  readonly accepted: readonly string[];
  /** The addresses that the server refused, each with its reply; empty when all were accepted. A view of `recipients`. */
  readonly refused: ReadonlyMap<string, Reply>;
  /** The final reply (the last one where there are several: LMTP, several transactions). */
  readonly reply: Reply;
  /** The server's own name for the message, when the final reply tells it in a known form. */
  readonly queueId: string | undefined;
  readonly messageId: string | undefined;
  /** Octets of the content with CRLF line ends, before dot-stuffing: what SIZE declares (RFC 1870). */
  readonly sizeBytes: number;
  readonly tls: TlsInfo | undefined;
  readonly warnings: readonly Warning[];
  readonly timing: Timing;
}

/** One line of the conversation, for logs. Secrets are redacted and bodies are left out. */
export interface WireEvent {
  readonly direction: 'sent' | 'received' | 'state';
  readonly stage: Stage;
  readonly text: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/**
 * Header fields in order, duplicates kept, names compared without case (RFC 5322 section 2.2).
 * Values are unfolded text: CRLF removed, outer white space trimmed, bytes read as UTF-8 (else Latin-1), nothing decoded.
 */
export interface HeaderFields extends Iterable<readonly [name: string, value: string]> {
  /** The first value of that name. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  has(name: string): boolean;
  /** Adds a field behind the last one. Throws MessageError on a bad name or a value with CR, LF or NUL. */
  append(name: string, value: string): void;
  /** Adds a field in front of the first one. Throws as `append` does. */
  prepend(name: string, value: string): void;
  /** Replaces the first field of that name and deletes the others; appends when there is none. Throws as `append` does. */
  set(name: string, value: string): void;
  /** Deletes all fields of that name and returns how many there were. */
  delete(name: string): number;
}

/**
 * Content. Bytes, strings (encoded as UTF-8) and factories can be sent again; a factory is called anew for each attempt.
 * A bare AsyncIterable can be used once.
 */
export type Bytes = Uint8Array | string | (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>;

/** How raw bytes become the content on the wire. */
export interface SerializeOptions {
  /**
   * `normalize` (default): CRLF, lone LF and lone CR are each one line end and become CRLF; a lone CR in the header block is
   * an error. `normalize-all`: there too it becomes CRLF. `reject`: any line end that is not CRLF is an error.
   */
  lineEndings?: 'normalize' | 'normalize-all' | 'reject';
  /** Keeps Return-Path fields, which are removed by default (RFC 5321 section 4.4). */
  keepReturnPath?: boolean;
  /** Lets lines of more than 998 octets pass (RFC 5322 section 2.1.1), which are an error by default. */
  allowLongLines?: boolean;
}

/** ESMTP parameters of MAIL or RCPT: keyword to value (`true`: no value), or Python's list of raw `KEYWORD[=value]` words. */
export type EsmtpParams = Readonly<Record<string, string | number | true>> | readonly string[];
