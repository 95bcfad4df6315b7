/**
 * Content of bytes that are sent as they are: what `sendmail` and `data` were given. Nothing is removed here; whether the
 * octets may go out at all is LineEndEncoder's to say, before any command is written when they are in memory.
 */
import { MessageError } from '../errors.js';
import type { Bytes, SerializeOptions } from '../types.js';
import { charsetOf, type Charset, type Content, type StreamOptions } from './content.js';
import { asBuffer, CR, LF, LineEndEncoder } from './line-ends.js';

/** The header block: what stands in front of the first empty line. */
function headerBlockOf(octets: Uint8Array): Uint8Array {
  const buffer = asBuffer(octets);
  let lineStart = 0;
  // Each is looked for again only once it was passed: a message without one of them is searched for it once.
  let lf = buffer.indexOf(LF);
  let cr = buffer.indexOf(CR);
  while (lf !== -1 || cr !== -1) {
    if (lf === lineStart || cr === lineStart) return buffer.subarray(0, lineStart);
    const end = cr === -1 || (lf !== -1 && lf <= cr + 1) ? lf : cr;
    lineStart = end + 1;
    if (lf !== -1 && lf < lineStart) lf = buffer.indexOf(LF, lineStart);
    if (cr !== -1 && cr < lineStart) cr = buffer.indexOf(CR, lineStart);
  }
  return buffer;
}

/** Iterables that were read: each can be read once, whoever asks. */
const consumed = new WeakSet<AsyncIterable<Uint8Array>>();

export function consumedError(): MessageError {
  return new MessageError('the content was an iterable that has been read already', {
    code: 'ERR_MESSAGE_CONSUMED',
    hint: 'Give bytes, or a function that makes a new iterable for each attempt.',
  });
}

/** Content that is in memory. Throws MessageError before anything is sent when the octets cannot go out. */
export function contentOfOctets(octets: Uint8Array, options: SerializeOptions = {}): Content {
  const encoder = new LineEndEncoder(options);
  const segments = [...encoder.push(octets), ...encoder.end()];
  return contentOfSegments(segments, encoder, encoder.eightBit ? charsetOf(headerBlockOf(octets)) : 'ascii');
}

/** Content of canonical segments, with the facts of the encoder that made them. `sevenBit`: see Content. */
export function contentOfSegments(
  segments: readonly Uint8Array[],
  facts: LineEndEncoder,
  headerCharset: Charset,
  sevenBit?: () => Content,
): Content {
  return new ContentInMemory(segments, facts, headerCharset, sevenBit);
}

/** A class, not an object with a function of its own: each of those gets a shape of its own, which outlives it for long. */
class ContentInMemory implements Content {
  readonly segments: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly eightBit: boolean;
  readonly dotLines: number;
  readonly headerCharset: Charset;
  readonly replayable = true;
  readonly sevenBit: (() => Content) | undefined;

  constructor(
    segments: readonly Uint8Array[],
    facts: LineEndEncoder,
    headerCharset: Charset,
    sevenBit: (() => Content) | undefined,
  ) {
    this.segments = segments;
    this.sizeBytes = facts.sizeBytes;
    this.eightBit = facts.eightBit;
    this.dotLines = facts.dotLines;
    this.headerCharset = headerCharset;
    this.sevenBit = sevenBit;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- in memory already, but the shape is that of a stream
  async *stream(options: StreamOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    if (options.dotStuffing !== true || this.dotLines === 0) yield* this.segments;
    else yield* stuffDots(this.segments);
  }
}

/** Canonical segments with every line's leading dot doubled (RFC 5321 section 4.5.2). */
export function stuffDots(segments: readonly Uint8Array[]): Uint8Array[] {
  const encoder = new LineEndEncoder({ dotStuffing: true, bodyOnly: true, allowLongLines: true });
  const stuffed = segments.flatMap((segment) => encoder.push(segment));
  return [...stuffed, ...encoder.end()];
}

/** Throws MessageError (`ERR_MESSAGE_CONSUMED`) for an iterable that was read: before anything is sent, if asked before. */
export function refuseConsumed(source: (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>): void {
  if (typeof source !== 'function' && consumed.has(source)) throw consumedError();
}

/** Calls the factory, or takes an iterable for the only time. Throws MessageError (`ERR_MESSAGE_CONSUMED`) the next time. */
export function openSource(
  source: (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  if (typeof source === 'function') return source();
  refuseConsumed(source);
  consumed.add(source);
  return source;
}

/** Content that is read while it is sent; its facts are known once it has been read to its end. */
export function contentOfStream(
  source: (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>,
  options: SerializeOptions = {},
): Content {
  refuseConsumed(source);
  let facts: LineEndEncoder | undefined;
  async function* encode(streamOptions: StreamOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const encoder = new LineEndEncoder({ ...options, ...streamOptions });
    for await (const chunk of openSource(source)) {
      if (!isOctets(chunk)) throw notOctets(chunk);
      // Not `yield*`, which would pass each segment through one more iterator, with promises of its own.
      for (const segment of encoder.push(chunk)) yield segment;
    }
    for (const segment of encoder.end()) yield segment;
    facts = encoder;
  }
  return {
    segments: undefined,
    get sizeBytes() {
      return facts?.sizeBytes;
    },
    get eightBit() {
      return facts?.eightBit;
    },
    get dotLines() {
      return facts?.dotLines;
    },
    headerCharset: 'ascii',
    replayable: typeof source === 'function',
    stream: (streamOptions: StreamOptions = {}) => encode(streamOptions),
  };
}

/** Content of whatever a caller may give as a message's bytes. A string is encoded as UTF-8. */
export function contentOf(message: Bytes, options: SerializeOptions = {}): Content {
  if (typeof message === 'string') return contentOfOctets(Buffer.from(message, 'utf8'), options);
  if (isOctets(message)) return contentOfOctets(message, options);
  if (typeof message === 'function' || isAsyncIterable(message)) return contentOfStream(message, options);
  throw new MessageError(
    'the message is neither bytes, nor a string, nor an async iterable of bytes, nor a function that makes one',
    {
      code: 'ERR_INVALID_MESSAGE',
      hint: 'Give a Uint8Array (a Buffer is one), a string, or () => createReadStream(path).',
    },
  );
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Not `instanceof`: octets may come from another realm, such as a test runner's. */
export function isOctets(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}

function notOctets(chunk: unknown): MessageError {
  return new MessageError(`the content's source gave ${chunk === null ? 'null' : typeof chunk}, not octets`, {
    code: 'ERR_INVALID_MESSAGE',
    hint: 'Give Uint8Array chunks: a stream that was made with an encoding gives strings.',
  });
}
