/** From anything that can be sent to an envelope and a content. All that can be wrong with them shows here, before any I/O. */
import { MessageError } from '../errors.js';
import { areFields, type MessageFields } from '../message/message-fields.js';
import { envelopeHalvesOf, Message, serializeMessage } from '../message/message.js';
import { isParsedMail, type ParsedMail } from '../message/parsed-mail.js';
import { readMessage } from '../message/read-message.js';
import type { Warning } from '../types.js';
import { asksBinary } from './mail-parameters.js';
import { forwardPaths, reversePath } from './paths.js';
import { checkedKeys, signMessage } from './sign-message.js';
import type { CallOptions, Shipment } from './sendmail.js';

/**
 * What `sendMessage()` takes: a Message, the fields of a new one, the bytes of one, a function that gives them anew for each attempt,
 * an object of another library that has `toBytes()`, or what npm `mailparser` has read, which becomes a new message.
 */
export type Sendable =
  | Message
  | MessageFields
  | ParsedMail
  | Uint8Array
  | (() => AsyncIterable<Uint8Array>)
  | { toBytes(): Promise<Uint8Array> };

/** `from` and `to` replace a half of the envelope that the message names. */
export interface SendMessageOptions extends CallOptions {
  from?: string;
  to?: string | readonly string[];
}

export interface PreparedMessage {
  readonly shipment: Shipment;
  readonly messageId: string | undefined;
}

export async function prepareMessage(
  sendable: Sendable,
  options: SendMessageOptions,
  signal?: AbortSignal,
): Promise<PreparedMessage> {
  return await prepareAtOnce(sendable, options, signal);
}

/** As `prepareMessage()`, which is waited for only where something has to be read or signed: most messages are in memory. */
export function prepareAtOnce(
  sendable: Sendable,
  options: SendMessageOptions,
  signal?: AbortSignal,
): PreparedMessage | Promise<PreparedMessage> {
  const { dkim } = options;
  const keys = dkim === undefined ? undefined : checkedKeys(dkim);
  if (keys !== undefined && asksBinary(options.mailOptions)) throw binarySigned();
  const unsigned = messageOf(sendable);
  if (unsigned instanceof Message && keys === undefined) return shipmentOf(unsigned, options);
  return prepareLater(unsigned, isForeignMessage(sendable) ? withEnvelopeOf(sendable, options) : options, keys, signal);
}

/** Whether preparing it waits for nothing. */
export function isAtHand(sendable: Sendable, { dkim }: SendMessageOptions): boolean {
  if (dkim !== undefined) return false;
  return sendable instanceof Message || (typeof sendable !== 'function' && !hasToBytes(sendable));
}

async function prepareLater(
  message: Message | Promise<Message>,
  options: SendMessageOptions,
  keys: ReturnType<typeof checkedKeys> | undefined,
  signal: AbortSignal | undefined,
): Promise<PreparedMessage> {
  // A message that is here is read before this returns: its caller may edit it for the next one.
  const unsigned = message instanceof Message ? message : await message;
  if (keys === undefined) return shipmentOf(unsigned, options);
  const envelope = envelopeFor(unsigned, options);
  return shipmentOf(await signMessage(unsigned, keys, options.serializeOptions, signal), options, envelope);
}

interface SendEnvelope extends Pick<Shipment, 'reversePath' | 'forwardPaths'> {
  readonly warnings: readonly Warning[];
}

function envelopeFor(message: Message, options: SendMessageOptions): SendEnvelope {
  const wanted = { from: options.from === undefined, to: options.to === undefined };
  // With both halves given, the fields may say what they like, or nothing.
  const derived =
    wanted.from || wanted.to
      ? envelopeHalvesOf(message, wanted, options.envelopeOptions)
      : { from: '', to: [], warnings: [] };
  // For undefined alone: null, which no type allows, must not become the null sender.
  const { from = derived.from, to = derived.to } = options;
  return {
    reversePath: reversePath(from),
    forwardPaths: forwardPaths(to),
    warnings: derived.warnings,
  };
}

function shipmentOf(
  message: Message,
  options: SendMessageOptions,
  envelope: SendEnvelope = envelopeFor(message, options),
): PreparedMessage {
  const bodyIs = asksBinary(options.mailOptions) ? 'binary' : 'lines';
  return {
    // Written out: spreading one object into another gives each of them a shape of its own.
    shipment: {
      reversePath: envelope.reversePath,
      forwardPaths: envelope.forwardPaths,
      content: serializeMessage(message, options.serializeOptions, bodyIs),
      warnings: message.warnings.concat(envelope.warnings),
    },
    messageId: message.headers.get('Message-ID'),
  };
}

function binarySigned(): MessageError {
  return new MessageError('a message with BODY=BINARYMIME was to be signed with dkim', {
    code: 'ERR_INVALID_OPTION',
    hint: 'DKIM signs lines (RFC 6376 section 5.3): encode the binary parts as base64.',
  });
}

function messageOf(sendable: Sendable): Message | Promise<Message> {
  if (sendable instanceof Message) return sendable;
  if (sendable instanceof Uint8Array) return Message.parse(sendable);
  if (typeof sendable === 'function') return readMessage(sendable);
  if (hasToBytes(sendable)) return fromBytes(sendable);
  if (isParsedMail(sendable) || areFields(sendable)) return Message.compose(sendable);
  throw new MessageError(`a message cannot be made of a value of type ${typeof sendable}`, {
    code: 'ERR_INVALID_MESSAGE',
    hint: 'Give a Message, { from, to, subject, text }, bytes, or a function that gives them: Message.parse(text) takes a string.',
  });
}

/** Of another copy of this package, as test runners and bundlers make them. Its bytes do not say who its blind copies are for. */
function isForeignMessage(value: unknown): value is Pick<Message, 'explainEnvelope'> {
  return hasToBytes(value) && 'explainEnvelope' in value && typeof value.explainEnvelope === 'function';
}

function withEnvelopeOf(message: Pick<Message, 'explainEnvelope'>, options: SendMessageOptions): SendMessageOptions {
  const envelope = message.explainEnvelope({
    ...options.envelopeOptions,
    ...(options.from !== undefined && { from: '' }),
    ...(options.to !== undefined && { to: [] }),
  });
  const { from = envelope.from, to = envelope.to } = options;
  return { ...options, from, to };
}

async function fromBytes(source: { toBytes(): Promise<Uint8Array> }): Promise<Message> {
  return Message.parse(await source.toBytes());
}

function hasToBytes(value: unknown): value is { toBytes(): Promise<Uint8Array> } {
  return typeof value === 'object' && value !== null && 'toBytes' in value && typeof value.toBytes === 'function';
}
