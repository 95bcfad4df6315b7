/**
 * What a send would put on the wire, made now for a send that comes later: by a queue, or another process. One rule: nothing is found
 * wrong later that `sendMessage()` would have found in front of any I/O.
 */
import { MessageError, MessageTooLargeError } from '../errors.js';
import type { Content } from '../octets/content.js';
import type { Envelope, Warning } from '../types.js';
import { checkShapes } from './check-shapes.js';
import { asksBinary, parseWanted } from './mail-parameters.js';
import { emptyContent } from './send-content.js';
import { prepareMessage, type Sendable, type SendMessageOptions } from './send-message.js';
import { CALL_SHAPES } from './smtp.js';

export interface PrepareSendOptions extends Omit<SendMessageOptions, 'beforeContent' | 'deadlineMs'> {
  /** The largest content that is held in memory, in octets. Default: no limit. */
  maxBytes?: number;
}

/** A message that is ready to be stored, and to be sent as bytes with `from` and `to`. */
export interface PreparedSend {
  readonly envelope: Envelope;
  /** What DATA carries: CRLF line ends, no Bcc, in its 7-bit form where it has one. */
  readonly content: Uint8Array;
  readonly messageId: string | undefined;
  readonly warnings: readonly Warning[];
}

/**
 * Reads, checks, signs and serializes a message as `sendMessage()` would. Parameters are held against their grammar; what a server
 * must offer for them shows when it is sent.
 *
 * Throws what `sendMessage()` throws before it connects, and MessageTooLargeError.
 */
export async function prepareSend(message: Sendable, options: PrepareSendOptions = {}): Promise<PreparedSend> {
  checkShapes(options, CALL_SHAPES);
  const { signal, maxBytes = Infinity, rcptOptions } = options;
  signal?.throwIfAborted();
  if (asksBinary(options.mailOptions)) throw binaryLater();
  parseWanted({ ...options, rcptOptions: typeof rcptOptions === 'function' ? undefined : rcptOptions });
  const { shipment, messageId } = await prepareMessage(message, options, signal);
  const { content } = shipment;
  // Which server it will be is not known yet: the form that every one takes.
  const form = content.eightBit === false ? content : (content.sevenBit?.() ?? content);
  return {
    envelope: { from: shipment.reversePath.address, to: shipment.forwardPaths.map(({ address }) => address) },
    content: await octetsOf(form, maxBytes, signal),
    messageId,
    warnings: shipment.warnings,
  };
}

async function octetsOf(content: Content, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { segments } = content;
  if (segments !== undefined) {
    const sizeBytes = segments.reduce((sum, { length }) => sum + length, 0);
    if (sizeBytes > maxBytes) throw tooLarge(sizeBytes, maxBytes);
    return Buffer.concat(segments);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of content.stream()) {
    signal?.throwIfAborted();
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(sizeBytes, maxBytes);
    // A source may use its buffer again.
    chunks.push(Uint8Array.from(chunk));
  }
  if (sizeBytes === 0) throw emptyContent();
  return Buffer.concat(chunks);
}

function tooLarge(sizeBytes: number, limitBytes: number): MessageTooLargeError {
  return new MessageTooLargeError(
    `the message has at least ${String(sizeBytes)} octets, and ${String(limitBytes)} at most are held`,
    { sizeBytes, limitBytes, hint: 'Send smaller attachments, or links to them; or raise the limit.' },
  );
}

function binaryLater(): MessageError {
  return new MessageError('BODY=BINARYMIME was asked for, for a message that is sent later', {
    code: 'ERR_INVALID_OPTION',
    hint: 'Encode the binary parts as base64: every server takes that.',
  });
}
