/** What an inspection gives. One rule: everything is a plain value of our own types, decoded, and nothing is made up. */
import type { Group, Mailbox, Message, Warning } from '../index.js';
import type { DeliveryStatus } from './delivery-status.js';

/** A part that is no text, or a text that is to be kept as a file. */
export interface InspectedAttachment {
  /** Decoded from its transfer encoding, and from nothing else. */
  readonly content: Uint8Array;
  /** In lower case, without parameters: `text/calendar`. */
  readonly contentType: string;
  /** The parameters of Content-Type, by their names in lower case: `charset`, `method`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly disposition: 'attachment' | 'inline';
  /** As the sender gave it. It may be a path, or harmful in another way: never write to a file of this name unchecked. */
  readonly filename: string | undefined;
  /** What the HTML names as `cid:...`, without angle brackets. */
  readonly cid: string | undefined;
}

/** The message that a report is about (RFC 6522 section 3). */
export interface ReturnedMessage {
  readonly message: Message;
  /** Only its header fields came back. */
  readonly headersOnly: boolean;
}

/** A message, read for people. */
export interface Inspection {
  readonly subject: string | undefined;
  /** Names are decoded; addresses are those of `parseAddressList`, never guesses. Of several such fields, all. */
  readonly from: readonly (Mailbox | Group)[];
  readonly sender: readonly (Mailbox | Group)[];
  readonly replyTo: readonly (Mailbox | Group)[];
  readonly to: readonly (Mailbox | Group)[];
  readonly cc: readonly (Mailbox | Group)[];
  readonly bcc: readonly (Mailbox | Group)[];
  /** Undefined when there is none, or none that can be read. */
  readonly date: Date | undefined;
  /** With its angle brackets. */
  readonly messageId: string | undefined;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** The decoded values of all fields, in order, by the names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The plain text parts that are no attachments, with LF line ends. HTML is not made into text. */
  readonly text: string | undefined;
  /** The HTML parts that are no attachments, as they came: scripts, remote images and all. Clean it before it is shown. */
  readonly html: string | undefined;
  readonly attachments: readonly InspectedAttachment[];
  /** Of a delivery status notification (RFC 3464). */
  readonly deliveryStatus: (DeliveryStatus & { readonly returned: ReturnedMessage | undefined }) | undefined;
  /** What could not be read as it should be. */
  readonly warnings: readonly Warning[];
}
