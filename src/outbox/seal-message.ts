/**
 * From anything that can be sent to what is stored. One rule: what is sealed is what every attempt sends, octet for octet, and to whom.
 */
import { createHash } from 'node:crypto';
import { decodeWords, Message, prepareSend, type Envelope, type Sendable } from '../index.js';
import { generatedParts, identityOf } from './identity.js';
import type { EnqueueOptions } from './options.js';
import type { SendParameters } from './store.js';

export interface SealedMessage {
  readonly envelope: Envelope;
  readonly content: Uint8Array;
  /** SHA-256 of the content, in hexadecimal digits. */
  readonly contentHash: string;
  /** SHA-256 over what the caller meant: what counts as the same message under one key. */
  readonly identity: string;
  readonly messageId: string | undefined;
  readonly subject: string | undefined;
  readonly parameters: SendParameters;
}

const MAX_SUBJECT = 1_000;

/** Throws what `Mailer.send` throws before it connects, and MessageTooLargeError. */
export async function sealMessage(
  message: Sendable,
  options: EnqueueOptions,
  maxMessageBytes = Infinity,
): Promise<SealedMessage> {
  const { dkim, ...unsignedOptions } = options;
  const limits = { maxBytes: maxMessageBytes };
  const unsigned = await prepareSend(message, { ...unsignedOptions, ...limits });
  const { envelope } = unsigned;
  const signed =
    dkim === undefined
      ? unsigned
      : await prepareSend(unsigned.content, {
          ...unsignedOptions,
          ...limits,
          from: envelope.from,
          to: envelope.to,
          dkim,
        });
  const parameters = parametersOf(options);
  const generated = generatedParts(message, unsigned.content);
  const subject = Message.parse(unsigned.content).headers.get('Subject');
  return {
    envelope: { from: envelope.from, to: [...envelope.to] },
    content: signed.content,
    contentHash: hashOf(signed.content),
    identity: identityOf(envelope, parameters, unsigned.content, generated),
    messageId: unsigned.messageId,
    subject: subject === undefined ? undefined : decodeWords(subject).slice(0, MAX_SUBJECT),
    parameters,
  };
}

export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function parametersOf(options: EnqueueOptions): SendParameters {
  const { mailOptions, rcptOptions, dsn, requireTls, requireAllRecipients, serializeOptions } = options;
  return {
    ...(mailOptions && { mailOptions }),
    ...(rcptOptions && { rcptOptions }),
    ...(dsn && { dsn }),
    ...(requireTls === true && { requireTls }),
    ...(requireAllRecipients === true && { requireAllRecipients }),
    ...(serializeOptions?.allowLongLines === true && { allowLongLines: true }),
    ...(serializeOptions?.keepReturnPath === true && { keepReturnPath: true }),
  };
}
