/**
 * The message as it stands on standard input, made whole as sendmail does it: without header fields, all of it is the body; From, Date
 * and Message-ID are added where they are missing; everything else stays.
 */
import { formatMailbox, Message } from '../../index.js';

export interface Missing {
  /** The address of the person who sends. */
  readonly address: string;
  readonly name: string | undefined;
  readonly date: Date;
  /** Without angle brackets. */
  readonly messageId: string;
}

const FIELD = /^[!-9;-~]+[ \t]*:/;
const MBOX_LINE = /^>?From /;
const LONGEST_LINE = 998;

/** Throws what `Message.parse` throws. */
export function completeMessage(octets: Buffer, missing: Missing): Message {
  // A first line that is empty is the end of a header block without fields.
  const end = /^\r?\n/.test(octets.toString('latin1', 0, 2)) ? '' : '\n';
  const field = Buffer.from(`Message-ID: <${missing.messageId}>\n${end}`);
  const message = Message.parse(beginsWithFields(octets) ? octets : Buffer.concat([field, octets]));
  const { headers } = message;
  const add = (name: string, value: string): void => {
    if (!headers.has(name)) headers.prepend(name, value);
  };
  add('Message-ID', `<${missing.messageId}>`);
  add('Date', missing.date.toUTCString().replace(/GMT$/, '+0000'));
  const { name, address } = missing;
  add('From', formatMailbox({ address, ...(name === undefined ? {} : { name }) }));
  return message;
}

function beginsWithFields(octets: Buffer): boolean {
  const text = octets.toString('latin1', 0, 4 * LONGEST_LINE);
  const [first = '', second = ''] = text.split(/\r?\n/, 2);
  return FIELD.test(first) || (MBOX_LINE.test(first) && FIELD.test(second));
}
