/**
 * Content: what DATA carries, before framing. Whoever makes one promises canonical lines: every line end is CRLF, the last
 * line has one, there is no NUL. Framing (dot-stuffing or BDAT) is done by protocol/.
 */

/** ASCII; valid UTF-8 with some non-ASCII; or 8-bit bytes that are no UTF-8. */
export type Charset = 'ascii' | 'utf-8' | 'other';

export interface Content {
  /** The whole content in order, when it is in memory; undefined when it is streamed. */
  readonly segments: readonly Uint8Array[] | undefined;
  /** The content in order, canonical. A second call on content that is not replayable throws ERR_MESSAGE_CONSUMED. */
  stream(): AsyncIterable<Uint8Array>;
  /** Exact number of octets of the canonical form; undefined when it is not known before the content has been read. */
  readonly sizeBytes: number | undefined;
  /** Whether any octet is above 127; undefined when not known before the content has been read. */
  readonly eightBit: boolean | undefined;
  /** What the octets of the header block are. */
  readonly headerCharset: Charset;
  readonly replayable: boolean;
}
