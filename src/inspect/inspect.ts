/**
 * A message read for people: texts, attachments, decoded fields. One rule: a message passes every limit before a parser sees an octet
 * of it, and nothing that it names is fetched.
 */
import { Message, type HeaderFields } from '../index.js';
import { parseDeliveryStatus } from './delivery-status.js';
import { InspectError } from './inspect-error.js';
import { resolveOptions, type InspectOptions, type ResolvedOptions } from './inspect-options.js';
import type { InspectedAttachment, Inspection } from './inspection.js';
import { readBody } from './read-body.js';
import { readFields } from './read-fields.js';
import { returnedMessage } from './returned-message.js';
import { bodyOf, bodyOfRaw } from './split-message.js';
import { scanStructure } from './structure-scan.js';
import { StopSignal } from './stop-signal.js';

/**
 * Reads a message, or its octets. For looking at messages, not for sending them: nothing on the way of a sent message calls this.
 * npm `mailparser` reads the body; it must be installed beside this package.
 *
 * Everything is held in memory. A message whose body can be read only once is read here, and cannot be sent afterwards.
 *
 * @throws InspectError: `ERR_MESSAGE_TOO_LARGE` (64 MiB), `ERR_NESTING_TOO_DEEP` (100), `ERR_TOO_MANY_PARTS` (1,000),
 *   `ERR_HEADER_BLOCK_TOO_LARGE` (1 MiB), `ERR_TOO_MANY_HEADER_FIELDS` (10,000), `ERR_TOO_MANY_FIELD_LINES` (10,000),
 *   `ERR_MAILPARSER_NOT_LOADED`, `ERR_INSPECTION_FAILED`, `ERR_ABORTED`, `ERR_TIMEOUT`, `ERR_INVALID_OPTION`. MessageError: what
 *   `Message.parse` throws of octets, and `toBytes()` of a Message.
 */
export async function inspect(message: Message | Uint8Array, options: InspectOptions = {}): Promise<Inspection> {
  const resolved = resolveOptions(options);
  const stop = new StopSignal(resolved);
  try {
    stop.check();
    const { headers, body } = await read(message, resolved, stop);
    const described = describingFields(headers);
    const scan = scanStructure(described, body, resolved);
    while (scan.next().done !== true) await stop.pause();
    const content = await readBody(described.text, body, resolved, stop.stopped);
    return { ...readFields(headers), ...content, deliveryStatus: deliveryStatusOf(content.attachments) };
  } finally {
    stop.end();
  }
}

interface WholeMessage {
  readonly headers: HeaderFields;
  readonly body: Buffer;
}

async function read(given: unknown, limits: ResolvedOptions, stop: StopSignal): Promise<WholeMessage> {
  if (given instanceof Message) {
    const octets = await collect(given, limits, stop);
    return { headers: given.headers, body: bodyOf(octets) };
  }
  if (!isOctets(given)) {
    throw new InspectError('what is to be inspected is neither a Message nor a Uint8Array', {
      code: 'ERR_INVALID_MESSAGE',
      hint: 'Give Message.parse(text) for a string, and messageFromFile(path) for a file.',
    });
  }
  if (given.length > limits.maxSizeBytes) throw tooLarge(limits);
  const octets = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  return { headers: Message.parse(octets).headers, body: bodyOfRaw(octets) };
}

/** As tolerant as can be: it is read, not sent. */
async function collect(message: Message, limits: ResolvedOptions, stop: StopSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const source = message.stream({ lineEndings: 'normalize-all', allowLongLines: true, keepReturnPath: true });
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stop.stopped]);
      if (next.done === true) return Buffer.concat(chunks);
      length += next.value.length;
      if (length > limits.maxSizeBytes) throw tooLarge(limits);
      chunks.push(next.value);
    }
  } finally {
    // Not waited for: a source that hangs would keep the error back.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function tooLarge({ maxSizeBytes }: ResolvedOptions): InspectError {
  return new InspectError(`the message has more than ${String(maxSizeBytes)} octets`, {
    code: 'ERR_MESSAGE_TOO_LARGE',
    hint: 'It would be decoded into memory: give a greater maxSizeBytes if there is room for that.',
  });
}

function isOctets(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}

/** The fields that say how the body is to be read, unfolded. */
function describingFields(headers: HeaderFields): { text: string; types: string[]; encodings: string[] } {
  const described = [...headers].filter(([name]) => name.toLowerCase().startsWith('content-'));
  const octetsOf = (name: string): string[] =>
    headers.getAll(name).map((value) => Buffer.from(value, 'utf8').toString('latin1'));
  return {
    text: `${described.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    types: octetsOf('Content-Type'),
    encodings: octetsOf('Content-Transfer-Encoding'),
  };
}

function deliveryStatusOf(attachments: readonly InspectedAttachment[]): Inspection['deliveryStatus'] {
  for (const { contentType, content } of attachments) {
    if (contentType !== 'message/delivery-status' && contentType !== 'message/global-delivery-status') continue;
    const status = parseDeliveryStatus(content);
    if (status !== undefined) return { ...status, returned: returnedMessage(attachments) };
  }
  return undefined;
}
