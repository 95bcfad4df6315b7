/**
 * DKIM for messages. One rule: the fields of the signatures stand in front of the message, and no other octet of what goes out
 * changes, neither by signing nor afterwards: a body that is not the one that was signed is not sent.
 */
import { checkDkimKeys, type DkimKey, type SigningKey } from '../dkim/dkim-key.js';
import { signContent } from '../dkim/sign-content.js';
import { UnchangedBody } from '../dkim/unchanged-body.js';
import { MessageError } from '../errors.js';
import { domainToAscii } from '../message/domain.js';
import { messageEnvironment } from '../message/environment.js';
import { Message, serializeMessage, withFieldsInFront, withWatchedBody } from '../message/message.js';
import type { SerializeOptions, Warning } from '../types.js';

/**
 * The same message with one DKIM-Signature (RFC 6376) for each key in front. What is signed is what is sent: without Bcc,
 * Resent-Bcc and Return-Path, with CRLF line ends. Sign last, and send with the `serializeOptions` that are given here: a field
 * that is changed afterwards breaks the signature; `resend()` does not.
 *
 * The body is read once for its hash, in pieces, and again when the message is sent; so it must be possible to read it twice.
 *
 * @throws MessageError: `ERR_INVALID_DKIM_KEY`, `ERR_DKIM_KEY_TOO_WEAK` (RSA below 1024 bits), `ERR_INVALID_DKIM_DOMAIN`,
 *   `ERR_INVALID_DKIM_SELECTOR`, `ERR_INVALID_DKIM_FIELDS`, `ERR_INVALID_DKIM_OPTION`, `ERR_DKIM_NOT_REPLAYABLE`,
 *   `ERR_DKIM_NO_FROM`; what `toBytes()` throws. When it is sent: `ERR_MESSAGE_CHANGED`.
 */
export async function signDkim(
  message: Message,
  keys: DkimKey | readonly DkimKey[],
  options: SerializeOptions = {},
): Promise<Message> {
  return await signMessage(message, checkedKeys(keys), options);
}

/** The keys that were given, known to be fit; their errors show before any message is read. */
export function checkedKeys(keys: DkimKey | readonly DkimKey[]): readonly SigningKey[] {
  return checkDkimKeys(keys, domainToAscii);
}

export async function signMessage(
  message: Message,
  keys: readonly SigningKey[],
  options: SerializeOptions = {},
  signal?: AbortSignal,
): Promise<Message> {
  if (!(message instanceof Message)) {
    throw new MessageError('what is to be signed is no Message', {
      code: 'ERR_INVALID_MESSAGE',
      hint: 'Make one: Message.parse(bytes), Message.compose(fields) or messageFromFile(path).',
    });
  }
  if (!message.replayable) {
    throw new MessageError('a message whose body can be read only once cannot be signed', {
      code: 'ERR_DKIM_NOT_REPLAYABLE',
      hint: 'The signature stands in front of the body: give bytes, or a function that makes a new iterable for each reading.',
    });
  }
  const body = new UnchangedBody();
  // As it is now: header fields that are edited while the body is read are no part of it.
  const fixed = withWatchedBody(withFieldsInFront(message, ''), (source) => body.watch(source));
  const content = serializeMessage(fixed, options);
  const fields = await signContent(content.stream(), keys, messageEnvironment().now(), signal);
  return withFieldsInFront(fixed, fields.join(''), [
    ...keys.flatMap(({ warnings }) => warnings),
    ...(content.eightBit === true ? [EIGHT_BIT] : []),
  ]);
}

const EIGHT_BIT: Warning = {
  code: 'WARN_DKIM_EIGHT_BIT',
  message:
    'the signed message holds 8-bit octets: a server that passes it on to one without 8BITMIME encodes it anew, which breaks the signature (RFC 6376 section 5.3)',
  header: 'DKIM-Signature',
};
