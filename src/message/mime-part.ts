/**
 * The tree of parts of a message (RFC 2046), and its octets. One rule: what is in memory is encoded once, when the tree is made;
 * what is not, is encoded while it is read, and never held.
 */
import { MessageError } from '../errors.js';
import { isOctets, openSource } from '../octets/content-of.js';
import { asBuffer, MAX_LINE_OCTETS } from '../octets/line-ends.js';
import { kindOf } from './check-argument.js';
import { parseHeaderBlock, type HeaderSpan } from './header-block.js';
import { makeField, makeFieldOfPieces } from './header-field.js';
import type { MessageBody } from './message-parts.js';
import { formatParameters, type MimeParameter } from './mime-parameters.js';
import { Base64Encoder, type TransferEncoding } from './transfer-encoding.js';

/** A part without parts. Its fields are complete, but for Content-Transfer-Encoding. */
export interface LeafPart {
  readonly kind: 'leaf';
  readonly headers: readonly HeaderSpan[];
  readonly encoding: TransferEncoding;
  /** Encoded octets, or where to read those that are not encoded yet. */
  readonly content: Buffer | StreamedContent;
  /** Of an 8-bit text: the same for servers that take 7-bit octets only. */
  readonly sevenBit?: () => LeafPart;
}

export interface Multipart {
  readonly kind: 'multipart';
  readonly subtype: 'mixed' | 'alternative' | 'related';
  readonly parameters: readonly MimeParameter[];
  readonly parts: readonly MimePart[];
}

export type MimePart = LeafPart | Multipart;

export interface StreamedContent {
  readonly source: (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>;
  /** Whether it is sent as it is: a message in a message has no encoding (RFC 2046 section 5.2.1). */
  readonly literal: boolean;
}

export interface RenderedPart {
  readonly headers: readonly HeaderSpan[];
  readonly body: MessageBody;
}

type Segment = Buffer | StreamedContent;

const CRLF = Buffer.from('\r\n');

/** What stands in the tree as it is, where a boundary must not be. */
export function literalContents(part: MimePart): Buffer[] {
  if (part.kind === 'multipart') return part.parts.flatMap(literalContents);
  const isLiteral = part.encoding === '7bit' || part.encoding === '8bit';
  return isLiteral && Buffer.isBuffer(part.content) ? [part.content] : [];
}

/**
 * The fields and the body of a message that consists of this part.
 *
 * @param boundaryBase what every boundary begins with; a number behind it makes each its own.
 */
export function renderMessage(part: MimePart, boundaryBase: string): RenderedPart {
  let boundaries = 0;
  const render = (current: MimePart): { headers: HeaderSpan[]; segments: Segment[] } => {
    if (current.kind === 'leaf') {
      return { headers: [...current.headers, ...encodingField(current.encoding)], segments: [current.content] };
    }
    boundaries += 1;
    const boundary = `${boundaryBase}_${String(boundaries)}`;
    const type = formatParameters(`multipart/${current.subtype}`, [...current.parameters, ['boundary', boundary]]);
    const segments = current.parts.flatMap((child, index): Segment[] => {
      const inner = render(child);
      const delimiter = Buffer.from(`${index === 0 ? '' : '\r\n'}--${boundary}\r\n`);
      return [delimiter, ...checkedBlock(inner.headers), CRLF, ...inner.segments];
    });
    return {
      headers: [makeFieldOfPieces('Content-Type', type), ...encodingField(is8Bit(current) ? '8bit' : '7bit')],
      segments: [...segments, Buffer.from(`\r\n--${boundary}--\r\n`)],
    };
  };
  const { headers, segments } = render(part);
  return { headers, body: bodyOf(segments, is8Bit(part)) };
}

/** Whether there is a text that is 8-bit only because it may be. */
export function hasSevenBitForm(part: MimePart): boolean {
  return part.kind === 'leaf' ? part.sevenBit !== undefined : part.parts.some(hasSevenBitForm);
}

/** The same tree with each such text encoded. */
export function sevenBitForm(part: MimePart): MimePart {
  if (part.kind === 'leaf') return part.sevenBit?.() ?? part;
  return { ...part, parts: part.parts.map(sevenBitForm) };
}

/** RFC 2045 section 6.1: 7bit goes without saying. */
function encodingField(encoding: TransferEncoding): HeaderSpan[] {
  return encoding === '7bit' ? [] : [makeField('Content-Transfer-Encoding', encoding)];
}

/** RFC 2045 section 6.4: what holds an 8-bit part is 8-bit itself. */
function is8Bit(part: MimePart): boolean {
  return part.kind === 'leaf' ? part.encoding === '8bit' : part.parts.some(is8Bit);
}

/**
 * The octets of fields, read again: each is the field it was made as, and there is no other line.
 *
 * @throws MessageError: `ERR_HEADER_BLOCK_TOO_LARGE`, `ERR_TOO_MANY_HEADER_FIELDS`, `ERR_LINE_TOO_LONG`; `ERR_MALFORMED_HEADER`
 *   would be a fault of this library.
 */
export function checkedBlock(fields: readonly HeaderSpan[]): Buffer[] {
  const pieces = fields.map(({ octets, start, end }) => octets.subarray(start, end));
  const block = Buffer.concat(pieces);
  const { spans, end, loneCr } = parseHeaderBlock(block);
  const isSame = spans.length === fields.length && spans.every(({ key }, index) => key === fields[index]?.key);
  if (!isSame || loneCr !== undefined || end !== block.length) {
    throw new MessageError('the header block that was made is not made of the fields that were given', {
      code: 'ERR_MALFORMED_HEADER',
      hint: 'This is a fault of this library: please report it with the fields.',
    });
  }
  refuseLongLines(block, fields);
  return pieces;
}

/** Text is encoded before it is that long; a name, a type or an identifier may be. */
function refuseLongLines(block: Buffer, fields: readonly HeaderSpan[]): void {
  const line = block
    .toString('latin1')
    .split('\r\n')
    .find((text) => text.length > MAX_LINE_OCTETS);
  if (line === undefined) return;
  const field = fields.find(({ octets }) => octets.includes(line, 'latin1'));
  throw new MessageError(`a line of the header block would have ${String(line.length)} octets`, {
    code: 'ERR_LINE_TOO_LONG',
    header: field?.name.slice(0, 100),
    hint: `A line has at most ${String(MAX_LINE_OCTETS)} (RFC 5322 section 2.1.1): shorten the value.`,
  });
}

function bodyOf(segments: readonly Segment[], eightBit: boolean): MessageBody {
  const streamed = segments.filter((segment): segment is StreamedContent => !Buffer.isBuffer(segment));
  if (streamed.length === 0)
    return { kind: 'octets', octets: Buffer.concat(segments.filter((segment) => Buffer.isBuffer(segment))) };
  return {
    kind: 'stream',
    replayable: streamed.every(({ source }) => typeof source === 'function'),
    eightBit: eightBit ? undefined : false,
    open: () => {
      // Iterables are taken now, so that a second sending fails before it begins; functions are called when it is their turn.
      const sources = segments.map((segment) => {
        if (Buffer.isBuffer(segment)) return segment;
        const { source, literal } = segment;
        const opened = typeof source === 'function' ? source : openSource(source);
        return { open: () => (typeof opened === 'function' ? opened() : opened), literal };
      });
      return octetsOf(sources);
    },
  };
}

type OpenSegment = Buffer | { readonly open: () => AsyncIterable<Uint8Array>; readonly literal: boolean };

async function* octetsOf(segments: readonly OpenSegment[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const segment of segments) {
    if (Buffer.isBuffer(segment)) {
      if (segment.length > 0) yield segment;
      continue;
    }
    const encoder = segment.literal ? undefined : new Base64Encoder();
    for await (const chunk of checkedSource(segment.open())) {
      const octets = checkedChunk(chunk);
      if (encoder === undefined) yield octets;
      else yield* encoder.push(octets);
    }
    if (encoder !== undefined) yield encoder.end();
  }
}

/** A function that gives the bytes themselves, or a promise, is an easy mistake. */
function checkedSource(source: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source as AsyncIterable<unknown>;
    if (Symbol.iterator in source && !isOctets(source)) return source as Iterable<unknown>;
  }
  throw new MessageError(`the content of an attachment gave ${kindOf(source)}, and no async iterable`, {
    code: 'ERR_INVALID_CONTENT',
    hint: 'Give () => createReadStream(path), an async generator function, or the bytes themselves.',
  });
}

function checkedChunk(chunk: unknown): Buffer {
  if (isOctets(chunk)) return asBuffer(chunk);
  throw new MessageError(`a chunk of an attachment is no Uint8Array but ${chunk === null ? 'null' : typeof chunk}`, {
    code: 'ERR_INVALID_CHUNK',
    hint: 'Read the source without an encoding.',
  });
}
