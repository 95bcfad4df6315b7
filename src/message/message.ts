/**
 * A message as an object. One rule: it keeps the octets it was made from, and everything else (fields, envelope, a resending)
 * is a view of them or stands in front of them.
 */
import { MessageError } from '../errors.js';
import type { Content } from '../octets/content.js';
import { asBuffer } from '../octets/line-ends.js';
import type { Envelope, HeaderFields, SerializeOptions, Warning } from '../types.js';
import { checkOptions } from './check-argument.js';
import { composeParts } from './compose.js';
import {
  envelopeOf,
  explainEnvelope,
  type EnvelopeExplanation,
  type EnvelopeOptions,
  halvesOfEnvelope,
  type EnvelopeHalves,
} from './envelope.js';
import { messageEnvironment } from './environment.js';
import { parseHeaderBlock, type HeaderBlock } from './header-block.js';
import { headerWarnings } from './header-warnings.js';
import { HeaderList } from './headers.js';
import type { MessageFields } from './message-fields.js';
import type { MessageBody, MessageParts } from './message-parts.js';
import type { ParsedMail } from './parsed-mail.js';
import { makeResentBlock, type ResendFields } from './resend.js';
import { contentOfParts, refuseMailLoop, sevenBitParts } from './serialize.js';

let construct: (parts: MessageParts) => Message;
let partsOf: (message: Message) => MessageParts;

/** An Internet message (RFC 5322) that can be sent: header fields in memory, and a body in memory or streamed. */
export class Message {
  readonly #parts: MessageParts;

  static {
    construct = (parts) => new Message(parts);
    partsOf = (message) => message.#parts;
  }

  private constructor(parts: MessageParts) {
    this.#parts = parts;
  }

  /**
   * A message of its octets; a string is encoded as UTF-8. The octets are kept, not copied: do not change them afterwards. A
   * BOM and one mbox `From ` line in front are passed over.
   *
   * @throws MessageError: `ERR_MESSAGE_EMPTY`, `ERR_HEADER_BLOCK_TOO_LARGE` (1 MiB), `ERR_TOO_MANY_HEADER_FIELDS` (10,000),
   *   `ERR_INVALID_MESSAGE`.
   */
  static parse(raw: Uint8Array | string): Message {
    const octets = typeof raw === 'string' ? Buffer.from(raw, 'utf8') : octetsOf(raw);
    const block = parseHeaderBlock(octets);
    if (block.spans.length === 0 && block.bodyStart === octets.length) throw emptyMessageError();
    return messageOfBlock(octets, block, { kind: 'octets', octets: octets.subarray(block.bodyStart) });
  }

  /**
   * A new message. What it says is fixed here: Date, Message-ID, boundaries and encodings, so that each sending gives the same
   * octets. Nothing but ASCII leaves, unless an address or an attached message needs more, or `textEncoding: '8bit'` asks for it.
   *
   * @throws MissingSenderError (also when `from` has several addresses and there is no `sender`), AmbiguousSenderError,
   *   InvalidAddressError, and MessageError: `ERR_UNKNOWN_MESSAGE_FIELD`, `ERR_INVALID_MESSAGE_FIELD`, `ERR_RESERVED_HEADER`,
   *   `ERR_INVALID_HEADER_NAME`, `ERR_INVALID_HEADER_VALUE`, `ERR_INVALID_NAME`, `ERR_INVALID_DATE`, `ERR_INVALID_MESSAGE_ID`,
   *   `ERR_INVALID_TEXT`, `ERR_INVALID_CONTENT`, `ERR_INVALID_CONTENT_TYPE`, `ERR_INVALID_FILE_NAME`,
   *   `ERR_INVALID_CONTENT_ID`, `ERR_HEADER_BLOCK_TOO_LARGE`.
   */
  static compose(fields: MessageFields | ParsedMail): Message {
    return new Message(composeParts(fields, messageEnvironment()));
  }

  /** The header fields: in order, duplicates kept, names compared without case. Edits change the envelope and what is sent. */
  get headers(): HeaderFields {
    return this.#parts.headers;
  }

  /** Whether the message can be sent again: false when its body is an iterable that can be read once. */
  get replayable(): boolean {
    return this.#parts.body.kind === 'octets' || this.#parts.body.replayable;
  }

  /** What is legal but risky about the header fields, and about what the message was composed from. */
  get warnings(): readonly Warning[] {
    const { headers, warnings } = this.#parts;
    const found = headerWarnings(headers.spans);
    return warnings === undefined ? found : found.concat(warnings);
  }

  /**
   * Who the message is from, and everybody it goes to, as RFC 5322 says: Sender, else From; To, Cc and Bcc, each address once.
   * Of a resent message it is the Resent-* fields that count. The body is not looked at.
   *
   * @throws MissingSenderError, AmbiguousSenderError, MissingRecipientsError, MultipleResentSetsError, InvalidAddressError.
   */
  envelope(options: EnvelopeOptions = {}): Envelope {
    checkOptions(options);
    return envelopeOf(this.#parts.headers, this.#parts.resending, options);
  }

  /**
   * `envelope()`, with the field that each address came from, the duplicates, what would be removed, and warnings. `from` and
   * `to` replace a half, as they do in `sendMessage()`: it has no sources then, and its fields may be missing or broken.
   */
  explainEnvelope(options: EnvelopeOptions & Partial<Envelope> = {}): EnvelopeExplanation {
    checkOptions(options);
    return explainEnvelope(this.#parts.headers, this.#parts.resending, options);
  }

  /**
   * The same message, resent: a new Resent-* block in front (RFC 5322 section 3.6.6), no other octet changed. The result knows
   * its block, so that its envelope is clear even if the message was resent before.
   *
   * @throws MissingSenderError, AmbiguousSenderError, MissingRecipientsError, InvalidAddressError, and MessageError:
   *   `ERR_UNKNOWN_MESSAGE_FIELD`, `ERR_MAIL_LOOP` (more than 100 Received fields), `ERR_INVALID_DATE`, `ERR_INVALID_MESSAGE_ID`,
   *   `ERR_INVALID_NAME`, `ERR_MALFORMED_HEADER`.
   */
  resend(fields: ResendFields): Message {
    const { headers } = this.#parts;
    refuseMailLoop(headers.spans);
    const resending = Symbol('resending');
    const block = makeResentBlock(fields, messageEnvironment(), resending);
    const resent = new Message({
      ...this.#parts,
      headers: new HeaderList(headers.withPrepended(block)),
      resending,
      // What is resent may have been sent, and signed, as it is.
      sevenBit: undefined,
    });
    // What was written is read again, so that a fault shows here and not when it is sent.
    resent.envelope();
    return resent;
  }

  /**
   * The octets that are sent: CRLF line ends, without BOM, mbox line, Bcc, Resent-Bcc and Return-Path.
   *
   * @throws MessageError: `ERR_NUL_OCTET`, `ERR_BARE_CR_IN_HEADER`, `ERR_LINE_TOO_LONG`, `ERR_BARE_LINE_END`, `ERR_MAIL_LOOP`,
   *   `ERR_MESSAGE_CONSUMED`.
   */
  async toBytes(options?: SerializeOptions): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.stream(options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** The octets of `toBytes()` in pieces, read while they are asked for. Throws as it does. */
  stream(options?: SerializeOptions): AsyncIterable<Uint8Array> {
    return contentOfParts(this.#parts, options).stream();
  }
}

/** @internal The content of a message, with what the client must know of it before it sends. `binary`: see `contentOfParts()`. */
export function serializeMessage(
  message: Message,
  options?: SerializeOptions,
  bodyIs: 'lines' | 'binary' = 'lines',
): Content {
  return contentOfParts(partsOf(message), options, bodyIs);
}

/** @internal What a message says about the halves of its envelope that the caller did not give. */
export function envelopeHalvesOf(
  message: Message,
  halves: EnvelopeHalves,
  options: EnvelopeOptions = {},
): Envelope & { readonly warnings: readonly Warning[] } {
  const { headers, resending } = partsOf(message);
  return halvesOfEnvelope(headers, resending, options, halves);
}

/** @internal The same message with more fields in front of it; `text` is whole fields, each with its line end. */
export function withFieldsInFront(message: Message, text: string, warnings: readonly Warning[] = []): Message {
  // What is signed must not be encoded anew on the way (RFC 6376 section 5.3).
  const parts = sevenBitParts(partsOf(message));
  const { spans } = parseHeaderBlock(Buffer.from(text, 'utf8'));
  return construct({
    ...parts,
    headers: new HeaderList(parts.headers.withPrepended(spans)),
    warnings: [...(parts.warnings ?? []), ...warnings],
  });
}

/** @internal The same message, with somebody who sees the octets of a streamed body whenever it is read. */
export function withWatchedBody(
  message: Message,
  watch: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Message {
  const parts = partsOf(message);
  const { body } = parts;
  if (body.kind === 'octets') return message;
  return construct({ ...parts, body: { ...body, open: () => watch(body.open()) } });
}

/** @internal A message of a header block that has been read, and a body. */
export function messageOfBlock(octets: Buffer, block: HeaderBlock, body: MessageBody): Message {
  return construct({
    headers: new HeaderList(block.spans),
    hasLoneCr: block.loneCr !== undefined,
    emptyLine: octets.subarray(block.end, block.bodyStart),
    body,
  });
}

/** @internal */
export function emptyMessageError(): MessageError {
  return new MessageError('the message is empty', {
    code: 'ERR_MESSAGE_EMPTY',
    hint: 'A message has at least one header field.',
  });
}

function octetsOf(raw: unknown): Buffer {
  if (raw instanceof Uint8Array) return asBuffer(raw);
  throw new MessageError('a message is parsed from a Uint8Array (a Buffer is one) or a string', {
    code: 'ERR_INVALID_MESSAGE',
    hint: 'Read a file with messageFromFile(path).',
  });
}
