/**
 * From a message to the content that is sent. One rule: a blind copy never shows, and what is not removed arrives octet for octet,
 * but for line ends. Runs of untouched fields leave as views of the octets that came in.
 */
import { MessageError } from '../errors.js';
import { contentOfSegments } from '../octets/content-of.js';
import { charsetOf, type Charset, type Content, type StreamOptions } from '../octets/content.js';
import { asBuffer, CR, LF, LineEndEncoder } from '../octets/line-ends.js';
import type { SerializeOptions } from '../types.js';
import { checkChoice, checkOptions } from './check-argument.js';
import type { HeaderSpan } from './header-block.js';
import { HeaderList } from './headers.js';
import type { BodyFacts, MessageBody, MessageParts } from './message-parts.js';
import { removedName } from './removed-fields.js';

/** A message that passed through this many servers goes in circles (RFC 5321 section 6.3). */
const MAX_RECEIVED_FIELDS = 100;

const CRLF_OCTETS = Buffer.from('\r\n');
const LF_OCTETS = Buffer.from('\n');
/** Nothing that leaves may match. Latin-1 text has no other line ends than CR and LF. */
const BLIND_COPY = /^(?:resent-)?bcc(?:[ \t]|\r\n(?=[ \t]))*:/im;

/**
 * The content of a message. A body in memory is encoded here, so that its faults show before anything is sent; a streamed one
 * while it is read. A `binary` body goes out as it is, for BDAT and BODY=BINARYMIME (RFC 3030 section 3) only.
 *
 * @throws MessageError: `ERR_MAIL_LOOP`, `ERR_BARE_CR_IN_HEADER`, `ERR_BARE_LINE_END`, `ERR_LINE_TOO_LONG`, `ERR_NUL_OCTET`,
 *   `ERR_MESSAGE_EMPTY`, `ERR_MESSAGE_CONSUMED`.
 */
export function contentOfParts(
  parts: MessageParts,
  options: SerializeOptions = {},
  bodyIs: 'lines' | 'binary' = 'lines',
): Content {
  checkSerializeOptions(options);
  refuseMailLoop(parts.headers.spans);
  refuseLoneCr(parts, options);
  const encoder = new LineEndEncoder(options, bodyIs);
  const pieces = headerPieces(parts, options);
  const header: Uint8Array[] = [];
  for (const piece of pieces) header.push(...encoder.push(piece));
  const headerCharset = checkedCharset(header);
  const { body } = parts;
  const isHeaderless = pieces.every((piece) => piece === parts.emptyLine);
  if (isHeaderless && body.kind === 'octets' && body.octets.length === 0) failEmpty();
  if (body.kind === 'stream') {
    body.refuseConsumed?.();
    const sevenBit = sevenBitOf(parts, options);
    return streamedContent({ pieces, body, options, headerCharset, encoder, sevenBit, bodyIs });
  }
  const segments = [...header, ...encoder.push(body.octets), ...encoder.end()];
  return contentOfSegments(segments, encoder, headerCharset, sevenBitOf(parts, options));
}

/** Undefined also when the field that says `8bit` has been edited: then it is the caller's to say what the body is. */
function sevenBitOf(parts: MessageParts, options: SerializeOptions): (() => Content) | undefined {
  const { sevenBit, headers } = parts;
  if (sevenBit === undefined || !headers.spans.includes(sevenBit.encodingField)) return undefined;
  // As they are now, whatever is edited until it is asked for.
  const fixed = { ...parts, headers: new HeaderList(headers.spans) };
  return () => contentOfParts(sevenBitParts(fixed), options);
}

/** The same message without texts that are 8-bit only because they may be. */
export function sevenBitParts(parts: MessageParts): MessageParts {
  const { sevenBit, headers } = parts;
  if (sevenBit === undefined || !headers.spans.includes(sevenBit.encodingField)) return parts;
  const { encodingFields, body } = sevenBit.render();
  const spans = headers.spans.flatMap((span) => (span === sevenBit.encodingField ? encodingFields : [span]));
  return { ...parts, headers: new HeaderList(spans), body, sevenBit: undefined };
}

function checkSerializeOptions(options: SerializeOptions): void {
  checkOptions(options);
  checkChoice(options.lineEndings, ['normalize', 'normalize-all', 'reject'], 'lineEndings');
  checkChoice(options.keepReturnPath, [true, false], 'keepReturnPath');
  checkChoice(options.allowLongLines, [true, false], 'allowLongLines');
}

/** Throws when the message has been to more servers than any way is long. */
export function refuseMailLoop(spans: readonly HeaderSpan[]): void {
  let received = 0;
  for (const { key } of spans) if (key === 'received') received += 1;
  if (received <= MAX_RECEIVED_FIELDS) return;
  throw new MessageError(`the message has ${String(received)} Received fields: it goes in circles`, {
    code: 'ERR_MAIL_LOOP',
    header: 'Received',
    hint: 'Find the forwarding that sends it back (RFC 5321 section 6.3).',
  });
}

/** A field may be hidden behind a CR that others take for a character: also where that field is removed. */
function refuseLoneCr({ hasLoneCr }: MessageParts, { lineEndings = 'normalize' }: SerializeOptions): void {
  if (!hasLoneCr || lineEndings === 'normalize-all') return;
  throw new MessageError('the header block holds a CR without LF, which could hide a header field', {
    code: lineEndings === 'reject' ? 'ERR_BARE_LINE_END' : 'ERR_BARE_CR_IN_HEADER',
    hint: "Remove it; lineEndings: 'normalize-all' takes it as a line end.",
  });
}

/** The outgoing header block and its empty line, in as few pieces as there are changes. */
function headerPieces({ headers, emptyLine }: MessageParts, { keepReturnPath }: SerializeOptions): Buffer[] {
  const pieces: Buffer[] = [];
  let run: { readonly octets: Buffer; readonly start: number; end: number } | undefined;
  const endRun = (): void => {
    if (run === undefined) return;
    pieces.push(run.octets.subarray(run.start, run.end));
    // Behind a field that was removed, the LF of another line would make one line end of two.
    if (run.octets[run.end - 1] === CR) pieces.push(LF_OCTETS);
    run = undefined;
  };
  for (const span of headers.spans) {
    if (removedName(span, keepReturnPath) !== undefined) continue;
    if (run?.octets === span.octets && run.end === span.start) {
      run.end = span.end;
      continue;
    }
    endRun();
    // The last line of the octets may lack its line end, and a new field stand behind it.
    if (isUnended(pieces.at(-1))) pieces.push(CRLF_OCTETS);
    run = { octets: span.octets, start: span.start, end: span.end };
  }
  if (run !== undefined && liesBehind(run, emptyLine)) {
    pieces.push(run.octets.subarray(run.start, run.end + emptyLine.length));
    return pieces;
  }
  endRun();
  pieces.push(emptyLine);
  return pieces;
}

/** Of a message whose last field was left as it is, the empty line is part of the same octets. */
function liesBehind({ octets, end }: { readonly octets: Buffer; readonly end: number }, emptyLine: Buffer): boolean {
  const isNext = emptyLine.buffer === octets.buffer && emptyLine.byteOffset === octets.byteOffset + end;
  return isNext && end + emptyLine.length <= octets.length && octets[end - 1] === LF;
}

function isUnended(piece: Buffer | undefined): boolean {
  const last = piece?.at(-1);
  return last !== undefined && last !== LF && last !== CR;
}

function checkedCharset(header: readonly Uint8Array[]): Charset {
  const [first] = header;
  const octets = header.length === 1 && first !== undefined ? asBuffer(first) : Buffer.concat(header);
  if (BLIND_COPY.test(octets.toString('latin1'))) {
    throw new MessageError('a Bcc field is left in the header block that would be sent', {
      code: 'ERR_BCC_LEFT',
      header: 'Bcc',
      hint: 'This is a fault of this library: please report it with the header block.',
    });
  }
  return charsetOf(octets);
}

interface StreamedParts {
  readonly pieces: readonly Buffer[];
  readonly body: MessageBody & { readonly kind: 'stream' };
  readonly options: SerializeOptions;
  readonly headerCharset: Charset;
  /** Has seen the header block. */
  readonly encoder: LineEndEncoder;
  readonly sevenBit: (() => Content) | undefined;
  readonly bodyIs: 'lines' | 'binary';
}

/** Facts that nobody knows before are known once the content has been read to its end. */
function streamedContent(parts: StreamedParts): Content {
  const { pieces, body, options, headerCharset, encoder, sevenBit, bodyIs } = parts;
  // Line ends only grow on the way out.
  const leastSizeBytes = body.sourceOctets === undefined ? undefined : encoder.sizeBytes + body.sourceOctets;
  // What a scan counted are lines.
  const scanned = bodyIs === 'binary' ? undefined : knownFacts(body, options);
  if (scanned !== undefined) encoder.end();
  let facts: BodyFacts | undefined = scanned && {
    sizeBytes: encoder.sizeBytes + scanned.sizeBytes,
    eightBit: encoder.eightBit || scanned.eightBit,
    dotLines: encoder.dotLines + scanned.dotLines,
    longLine: undefined,
  };
  async function* encode(
    source: AsyncIterable<Uint8Array>,
    streamOptions: StreamOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const whole = new LineEndEncoder({ ...options, ...streamOptions }, bodyIs);
    // Each segment by itself: `yield*` would pass it through one more iterator, with promises of its own.
    for (const piece of pieces) for (const segment of whole.push(piece)) yield segment;
    for await (const chunk of source) for (const segment of whole.push(chunk)) yield segment;
    for (const segment of whole.end()) yield segment;
    facts = { sizeBytes: whole.sizeBytes, eightBit: whole.eightBit, dotLines: whole.dotLines, longLine: undefined };
  }
  return {
    segments: undefined,
    get sizeBytes() {
      return facts?.sizeBytes;
    },
    leastSizeBytes,
    get eightBit() {
      return encoder.eightBit || (facts?.eightBit ?? body.eightBit);
    },
    get dotLines() {
      return facts?.dotLines;
    },
    sevenBit,
    headerCharset,
    replayable: body.replayable,
    stream: (streamOptions: StreamOptions = {}) => encode(body.open(streamOptions.transient), streamOptions),
  };
}

function knownFacts({ facts }: StreamedParts['body'], { allowLongLines }: SerializeOptions): BodyFacts | undefined {
  if (facts?.longLine !== undefined && allowLongLines !== true) throw facts.longLine;
  return facts;
}

function failEmpty(): never {
  throw new MessageError('nothing is left of the message to send', {
    code: 'ERR_MESSAGE_EMPTY',
    hint: 'It had no other fields than those that are removed, and no body.',
  });
}
