/**
 * The tree of parts of a message (RFC 2046), and its octets. One rule: what is in memory is encoded once, when the tree is made;
 * what is not, is encoded while it is read, and never held.
 */
import { MessageError } from '../errors.js';
import { isOctets, openSource, refuseConsumed } from '../octets/content-of.js';
import { asBuffer } from '../octets/line-ends.js';
import { kindOf } from './check-argument.js';
import { checkedBlock } from './checked-block.js';
import { writeField, writeFieldOfPieces, type FieldText } from './header-field.js';
import type { MessageBody } from './message-parts.js';
import { formatParameters, type MimeParameter } from './mime-parameters.js';
import { Base64Encoder, type TransferEncoding } from './transfer-encoding.js';

/** A part without parts. Its fields are complete, but for Content-Transfer-Encoding. */
export interface LeafPart {
  readonly kind: 'leaf';
  readonly headers: readonly FieldText[];
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
  readonly headers: readonly FieldText[];
  readonly body: MessageBody;
}

/** A string is what stands around the parts. */
type Segment = string | Buffer | StreamedContent;

/** What stands in the tree as it is, where a boundary must not be. */
export function literalContents(part: MimePart): Buffer[] {
  if (part.kind === 'multipart') {
    const contents: Buffer[] = [];
    for (const child of part.parts) contents.push(...literalContents(child));
    return contents;
  }
  const isLiteral = part.encoding === '7bit' || part.encoding === '8bit';
  return isLiteral && Buffer.isBuffer(part.content) ? [part.content] : [];
}

/**
 * The fields and the body of a message that consists of this part.
 *
 * @param boundaryBase what every boundary begins with; a number behind it makes each its own.
 */
export function renderMessage(part: MimePart, boundaryBase: string): RenderedPart {
  const renderer = new Renderer(boundaryBase);
  const boundary = renderer.boundaryFor(part);
  renderer.addBody(part, boundary);
  return { headers: fieldsOf(part, boundary), body: bodyOf(renderer.segments, is8Bit(part)) };
}

class Renderer {
  readonly segments: Segment[] = [];
  readonly #boundaryBase: string;
  #boundaries = 0;

  constructor(boundaryBase: string) {
    this.#boundaryBase = boundaryBase;
  }

  boundaryFor({ kind }: MimePart): string {
    if (kind === 'leaf') return '';
    this.#boundaries += 1;
    return `${this.#boundaryBase}_${String(this.#boundaries)}`;
  }

  addBody(part: MimePart, boundary: string): void {
    const { segments } = this;
    if (part.kind === 'leaf') {
      segments.push(part.content);
      return;
    }
    let delimiter = `--${boundary}\r\n`;
    for (const child of part.parts) {
      const inner = this.boundaryFor(child);
      segments.push(`${delimiter}${checkedBlock(fieldsOf(child, inner))}\r\n`);
      this.addBody(child, inner);
      delimiter = `\r\n--${boundary}\r\n`;
    }
    segments.push(`\r\n--${boundary}--\r\n`);
  }
}

function fieldsOf(part: MimePart, boundary: string): readonly FieldText[] {
  if (part.kind === 'leaf') return [...part.headers, ...encodingField(part.encoding)];
  const type = formatParameters(`multipart/${part.subtype}`, [...part.parameters, ['boundary', boundary]]);
  return [writeFieldOfPieces('Content-Type', type), ...encodingField(is8Bit(part) ? '8bit' : '7bit')];
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
function encodingField(encoding: TransferEncoding): readonly FieldText[] {
  return ENCODING_FIELDS[encoding];
}

const ENCODING_FIELDS: Readonly<Record<TransferEncoding, readonly FieldText[]>> = {
  '7bit': [],
  '8bit': [writeField('Content-Transfer-Encoding', '8bit')],
  'quoted-printable': [writeField('Content-Transfer-Encoding', 'quoted-printable')],
  base64: [writeField('Content-Transfer-Encoding', 'base64')],
};

/** RFC 2045 section 6.4: what holds an 8-bit part is 8-bit itself. */
function is8Bit(part: MimePart): boolean {
  return part.kind === 'leaf' ? part.encoding === '8bit' : part.parts.some(is8Bit);
}

function bodyOf(segments: readonly Segment[], eightBit: boolean): MessageBody {
  const streamed = segments.filter(isStreamed);
  if (streamed.length === 0) return { kind: 'octets', octets: joined(segments) };
  return {
    kind: 'stream',
    replayable: streamed.every(({ source }) => typeof source === 'function'),
    eightBit: eightBit ? undefined : false,
    refuseConsumed: () => {
      for (const { source } of streamed) refuseConsumed(source);
    },
    open: () => {
      // Iterables are taken now, so that a second sending fails before it begins; functions are called when it is their turn.
      const sources = segments.map((segment) => {
        if (!isStreamed(segment)) return segment;
        const { source, literal } = segment;
        const opened = typeof source === 'function' ? source : openSource(source);
        return { open: () => (typeof opened === 'function' ? opened() : opened), literal };
      });
      return octetsOf(sources);
    },
  };
}

function isStreamed(segment: Segment): segment is StreamedContent {
  return typeof segment !== 'string' && !Buffer.isBuffer(segment);
}

function joined(segments: readonly Segment[]): Buffer {
  let sizeOctets = 0;
  for (const segment of segments) {
    if (typeof segment === 'string') sizeOctets += Buffer.byteLength(segment);
    else if (Buffer.isBuffer(segment)) sizeOctets += segment.length;
  }
  const octets = Buffer.allocUnsafe(sizeOctets);
  let end = 0;
  for (const segment of segments) {
    if (typeof segment === 'string') end += octets.write(segment, end);
    else if (Buffer.isBuffer(segment)) end += segment.copy(octets, end);
  }
  return octets;
}

type OpenSegment = string | Buffer | { readonly open: () => AsyncIterable<Uint8Array>; readonly literal: boolean };

async function* octetsOf(segments: readonly OpenSegment[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const segment of segments) {
    if (typeof segment === 'string' || Buffer.isBuffer(segment)) {
      if (segment.length > 0) yield typeof segment === 'string' ? Buffer.from(segment) : segment;
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
