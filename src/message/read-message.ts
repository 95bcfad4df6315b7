/**
 * Messages whose body is streamed. One rule: no more than the header block is held in memory, and a body that is read a second
 * time must stand behind the same header block.
 */
import { MessageError } from '../errors.js';
import { consumedError } from '../octets/content-of.js';
import { asBuffer, CR, LF } from '../octets/line-ends.js';
import { findHeaderBlock, MAX_HEADER_BLOCK_OCTETS, parseHeaderBlock, type HeaderBlock } from './header-block.js';
import { emptyMessageError, messageOfBlock, type Message } from './message.js';
import type { BodyFacts } from './message-parts.js';

/** What an empty line looks like with any line end in front of it. */
const TWO_LINE_ENDS = ['\n\n', '\n\r', '\r\r'];

export type MessageSource = (() => AsyncIterable<Uint8Array>) | AsyncIterable<Uint8Array>;

/**
 * Reads a message's header block. A factory is called now, and again for each sending; an iterable stays open until the message
 * is sent.
 *
 * @throws MessageError as `Message.parse` does, and `ERR_INVALID_CHUNK`; what the source throws.
 */
export async function readMessage(source: MessageSource): Promise<Message> {
  return typeof source === 'function' ? readReplayable(source) : readOnce(source);
}

async function readReplayable(factory: () => AsyncIterable<Uint8Array>): Promise<Message> {
  const iterator = iterableOf(factory())[Symbol.asyncIterator]();
  const head = await readHead(iterator).finally(() => iterator.return?.());
  return messageOfHead(head, {
    replayable: true,
    open: () => behindHead(factory, head),
  });
}

async function readOnce(source: AsyncIterable<Uint8Array>): Promise<Message> {
  const iterator = source[Symbol.asyncIterator]();
  const head = await readHead(iterator).catch(async (error: unknown) => {
    await iterator.return?.();
    throw error;
  });
  let isConsumed = false;
  const refuseConsumed = (): void => {
    if (isConsumed) throw consumedError();
  };
  return messageOfHead(head, {
    replayable: false,
    refuseConsumed,
    open: () => {
      refuseConsumed();
      isConsumed = true;
      return restOf(head.rest, iterator);
    },
  });
}

/** The beginning of a message. */
export interface MessageHead {
  /** The header block and its empty line, and nothing else: fields must not keep a large chunk of a body alive. */
  readonly octets: Buffer;
  readonly block: HeaderBlock;
  /** What was read of the body with it. */
  readonly rest: Buffer;
}

/** Reads until the header block has ended, and no chunk further. */
export async function readHead(iterator: AsyncIterator<Uint8Array>): Promise<MessageHead> {
  const chunks: Buffer[] = [];
  let length = 0;
  let last: number | undefined;
  let mayHaveEnded = false;
  // Without an end, the block is looked at when it is too large, to say so.
  let lookAt = MAX_HEADER_BLOCK_OCTETS + 1;
  for (;;) {
    const result = await iterator.next();
    if (result.done === true) break;
    const chunk = checkedChunk(result.value);
    chunks.push(chunk);
    length += chunk.length;
    mayHaveEnded ||= chunk.length === length || hasEmptyLine(last, chunk);
    last = chunk.at(-1) ?? last;
    if (!mayHaveEnded && length < lookAt) continue;
    const octets = Buffer.concat(chunks);
    const block = findHeaderBlock(octets);
    if (block !== undefined) return headOf(octets, block);
    mayHaveEnded = last === CR;
    if (length >= lookAt) lookAt = 2 * length;
  }
  const octets = Buffer.concat(chunks);
  const block = parseHeaderBlock(octets);
  if (block.spans.length === 0 && block.bodyStart === octets.length) throw emptyMessageError();
  return headOf(octets, block);
}

function headOf(read: Buffer, { bodyStart }: HeaderBlock): MessageHead {
  const octets = Buffer.from(read.subarray(0, bodyStart));
  return { octets, block: parseHeaderBlock(octets), rest: read.subarray(bodyStart) };
}

/** Whether two line ends meet in the chunk, or at its beginning. */
function hasEmptyLine(last: number | undefined, chunk: Buffer): boolean {
  const [first] = chunk;
  const meets = (last === LF && (first === LF || first === CR)) || (last === CR && first === CR);
  return meets || TWO_LINE_ENDS.some((octets) => chunk.includes(octets));
}

/** A message of its header block, and of a body that is opened when it is sent. */
export function messageOfHead(
  { octets, block }: MessageHead,
  body: {
    readonly replayable: boolean;
    readonly refuseConsumed?: () => void;
    readonly open: (transient?: boolean) => AsyncIterable<Uint8Array>;
    readonly sourceOctets?: number | undefined;
    readonly facts?: BodyFacts | undefined;
  },
): Message {
  return messageOfBlock(octets, block, { kind: 'stream', ...body });
}

/** The octets behind the head, with which what the factory makes must begin. It is called when the first octet is asked for. */
async function* behindHead(
  factory: () => AsyncIterable<Uint8Array>,
  { octets: head, block }: MessageHead,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hasBody = block.bodyStart > block.end;
  let passed = 0;
  for await (const value of factory()) {
    const chunk = checkedChunk(value);
    const headOctets = Math.min(chunk.length, head.length - passed);
    if (chunk.compare(head, passed, passed + headOctets, 0, headOctets) !== 0) throw changedError();
    passed += headOctets;
    if (chunk.length === headOctets) continue;
    // What stands behind a header block without an empty line would be read as more fields.
    if (!hasBody) throw changedError();
    yield chunk.subarray(headOctets);
  }
  if (passed < head.length) throw changedError();
}

async function* restOf(
  first: Buffer,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const result = await iterator.next();
      if (result.done === true) return;
      yield checkedChunk(result.value);
    }
  } finally {
    await iterator.return?.();
  }
}

/** A factory that gives the bytes themselves, or a promise, is an easy mistake. */
function iterableOf(given: unknown): AsyncIterable<Uint8Array> {
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given) {
    return given as AsyncIterable<Uint8Array>;
  }
  throw new MessageError('the function that should give the message did not give an async iterable', {
    code: 'ERR_INVALID_MESSAGE',
    hint: 'Give () => createReadStream(path), an async generator function, or the bytes themselves.',
  });
}

function checkedChunk(chunk: unknown): Buffer {
  if (chunk instanceof Uint8Array) return asBuffer(chunk);
  throw new MessageError(`a chunk of the message is no Uint8Array but ${typeof chunk}`, {
    code: 'ERR_INVALID_CHUNK',
    hint: 'Read the source without an encoding.',
  });
}

function changedError(): MessageError {
  return new MessageError('the source of the message gave other octets than before', {
    code: 'ERR_MESSAGE_CHANGED',
    hint: 'A factory must give the same message each time it is called.',
  });
}
