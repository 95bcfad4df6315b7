/**
 * What a test can ask the server afterwards. Plain values; they grow while the conversation goes on.
 */
import type { Envelope, Reply } from '../index.js';
import type { Violation } from './content.js';

/** A command, or an answer to a challenge of AUTH. */
export interface ReceivedCommand {
  /** The line without its line end, read as UTF-8. */
  readonly line: string;
  /** In upper case; empty for the answer to a challenge of AUTH. */
  readonly verb: string;
  /** What stands behind the verb. */
  readonly argument: string;
  /** The reply given to it, when one was. */
  readonly reply: Reply | undefined;
  /** The index in `reads` of the read that brought its line end: commands that came in one piece share it. */
  readonly readIndex: number;
  /** Whether it came over TLS. */
  readonly tls: boolean;
}

/** A recipient that was asked for with RCPT. */
export interface ReceivedRecipient {
  /** Without angle brackets, otherwise as it came. */
  readonly address: string;
  /** The ESMTP parameters as they were given: `NOTIFY=NEVER`. */
  readonly parameters: readonly string[];
  /** The reply to RCPT. */
  readonly reply: Reply | undefined;
  /** LMTP: the reply about this recipient after the content (RFC 2033 section 4.2). */
  readonly final: Reply | undefined;
}

/**
 * What became of a message.
 * - `queued`: a 2xx was given to its content (LMTP: for one recipient at least).
 * - `refused`: only 4xx or 5xx were.
 * - `unanswered`: the content came to its end and no complete reply was given.
 * - `incomplete`: the content did not come to its end.
 */
export type MessageOutcome = 'queued' | 'refused' | 'unanswered' | 'incomplete';

/** A message whose content has begun. */
export interface ReceivedMessage {
  /** The reverse-path, and the recipients whose RCPT got a 2xx. */
  readonly envelope: Envelope;
  /** The ESMTP parameters of MAIL as they were given: `SIZE=120`, `BODY=8BITMIME`. */
  readonly parameters: readonly string[];
  /** Every recipient asked for, in order, the refused ones too. */
  readonly recipients: readonly ReceivedRecipient[];
  /** The command that brought it. */
  readonly framing: 'data' | 'bdat';
  /** The message: after removal of the dots that DATA adds. */
  readonly content: Buffer;
  /** As it was on the wire, with the lone dot. */
  readonly raw: Buffer;
  /** May still change while the connection is open. */
  readonly outcome: MessageOutcome;
  /** The reply to the content; with LMTP the last one. */
  readonly reply: Reply | undefined;
  /** What is wrong with the content, the first of each kind. */
  readonly violations: readonly Violation[];
}

/** Who ended a connection first. A reset is a TCP RST: what was under way is lost. */
export type Ending = 'open' | 'by-client' | 'reset-by-client' | 'by-server' | 'reset-by-server' | 'at-shutdown';

/** One connection, as it was and is. */
export interface ConnectionRecord {
  /** Counted from 1, in the order of arrival. */
  readonly number: number;
  /** In order of arrival. */
  readonly commands: readonly ReceivedCommand[];
  /** The bytes as they arrived, one entry per read of the socket (after decryption). */
  readonly reads: readonly Buffer[];
  /** In order of arrival, the incomplete ones too. */
  readonly messages: readonly ReceivedMessage[];
  /** Those of commands and of messages. */
  readonly violations: readonly Violation[];
  /** The conversation as lines of a transcript. */
  readonly log: readonly string[];
  readonly ending: Ending;
  /** Whether a handshake has succeeded on it. */
  readonly tls: boolean;
  /** Why a TLS handshake failed. */
  readonly tlsError: Error | undefined;
}

/** Counted even when nothing is kept. */
export interface Totals {
  readonly connections: number;
  readonly commands: number;
  readonly violations: number;
  readonly queued: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly incomplete: number;
}

/** The same record, as the server writes it. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };
