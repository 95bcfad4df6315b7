/**
 * A resending (RFC 5322 section 3.6.6). One rule: it is a complete block of Resent-* fields in front of the message, and the
 * message behind it stays as it is, down to its signatures.
 */
import { AmbiguousSenderError, MessageError, MissingRecipientsError, MissingSenderError } from '../errors.js';
import { readAddressInput } from './address-input.js';
import { formatDate } from './date.js';
import type { MessageEnvironment } from './environment.js';
import type { HeaderSpan } from './header-block.js';
import { makeField } from './header-field.js';
import { mailboxKey, type AddressInput } from './mailbox.js';
import { checkMessageId, makeMessageId } from './message-id.js';

/** Who resends, and to whom. */
export interface ResendFields {
  from: AddressInput;
  to?: AddressInput;
  cc?: AddressInput;
  /** Gets the message, and is not named in what anybody gets. */
  bcc?: AddressInput;
  /** One address; required when `from` has several. */
  sender?: AddressInput;
  /** Default: now. */
  date?: Date;
  /** Default: a new one. */
  messageId?: string;
}

const KNOWN_FIELDS: readonly string[] = [
  'from',
  'to',
  'cc',
  'bcc',
  'sender',
  'date',
  'messageId',
] satisfies (keyof ResendFields)[];

/**
 * The fields of a resending, marked as its own.
 *
 * @throws MissingSenderError, AmbiguousSenderError, MissingRecipientsError, InvalidAddressError, MessageError.
 */
export function makeResentBlock(
  fields: ResendFields,
  environment: MessageEnvironment,
  resending: symbol,
): HeaderSpan[] {
  if (typeof fields !== 'object' || (fields as unknown) === null) {
    throw new MissingSenderError('resend() was called without its fields', {
      hint: "Give resend({ from: 'you@example.com', to: 'somebody@example.com' }).",
    });
  }
  // A misspelt one would be a recipient who gets nothing.
  const unknown = Object.keys(fields).find((key) => !KNOWN_FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new MessageError(`${unknown} is no field of a resending`, {
      code: 'ERR_UNKNOWN_MESSAGE_FIELD',
      hint: `A resending has ${KNOWN_FIELDS.join(', ')}.`,
    });
  }
  const from = readAddressInput(fields.from, 'Resent-From');
  const sender = readAddressInput(fields.sender, 'Resent-Sender');
  const recipients = (
    [
      ['Resent-To', fields.to],
      ['Resent-Cc', fields.cc],
      ['Resent-Bcc', fields.bcc],
    ] as const
  ).map(([header, input]) => ({ header, ...readAddressInput(input, header) }));
  const [author, ...coauthors] = from.mailboxes;
  const [agent, ...others] = sender.mailboxes;
  if (author === undefined) {
    throw new MissingSenderError('a resending needs an address to come from', {
      header: 'Resent-From',
      hint: "Give resend({ from: 'you@example.com', ... }).",
    });
  }
  if (others.length > 0) {
    throw new AmbiguousSenderError('a resending has one sender, and several were given', {
      header: 'Resent-Sender',
      hint: 'Give one address as sender; from may have several.',
    });
  }
  if (agent === undefined && coauthors.length > 0) {
    throw new MissingSenderError('a resending from several addresses needs a sender', {
      header: 'Resent-Sender',
      hint: 'Give as sender the one address that resends (RFC 5322 section 3.6.2).',
    });
  }
  if (recipients.every(({ mailboxes }) => mailboxes.length === 0)) {
    throw new MissingRecipientsError('a resending needs somebody to go to', {
      header: 'Resent-To',
      hint: 'Give at least one address as to, cc or bcc.',
    });
  }
  // A sender that says the same as from should not be written (RFC 5322 section 3.6.2).
  const isRedundant = agent !== undefined && coauthors.length === 0 && mailboxKey(agent) === mailboxKey(author);
  return [
    { header: 'Resent-Date', value: formatDate(fields.date ?? environment.now()) },
    { header: 'Resent-From', value: from.value },
    { header: 'Resent-Sender', value: isRedundant ? '' : sender.value },
    ...recipients,
    {
      header: 'Resent-Message-ID',
      value: fields.messageId === undefined ? makeMessageId(environment) : checkMessageId(fields.messageId),
    },
  ]
    .filter(({ value }) => value !== '')
    .map(({ header, value }) => makeField(header, value, resending));
}
