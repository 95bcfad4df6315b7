/**
 * Content: what DATA carries, before framing. Whoever makes one promises canonical lines: every line end is CRLF, the last
 * line has one, there is no NUL. LineEndEncoder is the one gate through which all content passes on its way to this promise.
 */
import { isAscii, isUtf8 } from 'node:buffer';

/** ASCII; valid UTF-8 with some non-ASCII; or 8-bit octets that are no UTF-8. */
export type Charset = 'ascii' | 'utf-8' | 'other';

export interface StreamOptions {
  /** Doubles a dot at the start of a line (RFC 5321 section 4.5.2) in the same pass. Default false. */
  readonly dotStuffing?: boolean;
  /**
   * Each piece is of use only until the next one is asked for: its memory may be used again. For a reader that has passed it on by
   * then. Default false.
   */
  readonly transient?: boolean;
}

export interface Content {
  /** The whole content in order, when it is in memory; undefined when it is streamed. */
  readonly segments: readonly Uint8Array[] | undefined;
  /** The content in order. Reading content that is not replayable a second time throws ERR_MESSAGE_CONSUMED. */
  stream(options?: StreamOptions): AsyncIterable<Uint8Array>;
  /** Exact number of octets, without stuffed dots; undefined until it is known, for a stream when it has been read. */
  readonly sizeBytes: number | undefined;
  /** While `sizeBytes` is not known: what it will be at least, when that is known. */
  readonly leastSizeBytes?: number | undefined;
  /**
   * The same message with its body encoded for servers that take 7-bit octets only; absent when it has no other form. Of a message
   * that was parsed there is none: encoding it anew would break its signatures.
   */
  readonly sevenBit?: (() => Content) | undefined;
  /** Whether any octet is above 127; undefined until it is known. */
  readonly eightBit: boolean | undefined;
  /** How many lines begin with a dot; 0 lets `segments` go out as they are. Undefined until it is known. */
  readonly dotLines: number | undefined;
  /** What the octets of the header block are. */
  readonly headerCharset: Charset;
  readonly replayable: boolean;
}

export function charsetOf(octets: Uint8Array): Charset {
  if (isAscii(octets)) return 'ascii';
  return isUtf8(octets) ? 'utf-8' : 'other';
}
