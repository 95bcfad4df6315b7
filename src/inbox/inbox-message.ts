/** A message as an inbox keeps it: the octets that arrived, what they say, and what the session said about them. */
import { isPosthasteError, Message, type Envelope, type Warning } from '../index.js';
import { contentOf, type InboxMessageContent } from './inspection.js';
import { provenanceOf, type AskedRecipient, type Provenance } from './provenance.js';
import type { Transcript } from './transcript.js';

/** The client's side of a session, as far as it told about itself. */
export interface ClientFacts {
  readonly address: string;
  /** What it said in EHLO or HELO. */
  readonly hello: string;
  /** The name it logged in with; any password is accepted, and none is kept. */
  readonly user: string | undefined;
  /** The version of TLS and the cipher, when the message came over TLS. */
  readonly tls: { readonly protocol: string; readonly cipher: string } | undefined;
  /** The parameters of MAIL, as it gave them: `SIZE=1234`. */
  readonly mailParameters: readonly string[];
}

export interface InboxMessage extends InboxMessageContent {
  /** 1, 2, 3 in the order of arrival; never used twice by one inbox. */
  readonly id: number;
  readonly receivedAt: Date;
  /** What the session said; `to` are the recipients that were accepted. */
  readonly envelope: Envelope;
  /** `dropped`: the connection was cut on purpose before the answer (`drop-data@`), so that the sender cannot know. */
  readonly outcome: 'accepted' | 'dropped';
  /** The content, octet for octet, without the dots that SMTP adds. */
  readonly raw: Buffer;
  /** The same to ask about fields and envelope; undefined when there is no header block that can be read. */
  readonly message: Message | undefined;
  /** Where each address of the envelope came from. */
  readonly provenance: Provenance;
  readonly transcript: Transcript;
  readonly client: ClientFacts;
}

/** What one transaction of a session brought. */
export interface Arrival {
  readonly receivedAt: Date;
  readonly from: string;
  readonly asked: readonly AskedRecipient[];
  readonly outcome: InboxMessage['outcome'];
  readonly raw: Buffer;
  readonly transcript: Transcript;
  readonly client: ClientFacts;
}

/** Never fails on what arrived: what cannot be read is a warning. */
export async function makeInboxMessage(id: number, arrival: Arrival): Promise<InboxMessage> {
  const { from, asked, raw, ...rest } = arrival;
  const { message, fault } = parse(raw);
  const content = message === undefined ? NOTHING_READ : await read(raw, message);
  return {
    id,
    ...rest,
    envelope: { from, to: asked.filter(({ reply }) => reply === undefined).map(({ address }) => address) },
    raw,
    message,
    ...content,
    provenance: provenanceOf(message, raw, from, asked),
    warnings: [...fault, ...(message?.warnings ?? []), ...content.warnings],
  };
}

/** What a message weighs against `maxOctets`: its octets, and what was decoded from them. */
export function octetsOf({ raw, text = '', html = '', attachments }: InboxMessage): number {
  const decoded = attachments.reduce((sum, { content }) => sum + content.length, 0);
  return raw.length + decoded + 2 * (text.length + html.length);
}

const NOTHING_READ: InboxMessageContent = {
  subject: '',
  from: '',
  to: '',
  cc: '',
  date: undefined,
  text: undefined,
  html: undefined,
  attachments: [],
  warnings: [],
};

function parse(raw: Buffer): { readonly message: Message | undefined; readonly fault: readonly Warning[] } {
  try {
    return { message: Message.parse(raw), fault: [] };
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    return { message: undefined, fault: [{ code: error.code, message: error.message }] };
  }
}

async function read(raw: Buffer, { headers }: Message): Promise<InboxMessageContent> {
  try {
    return await contentOf(raw);
  } catch (error) {
    const { message, hint } = error as Error & { readonly hint?: string };
    const why = [message, hint].filter(Boolean).join('. ');
    return {
      ...NOTHING_READ,
      // Not decoded, and better than nothing.
      subject: headers.get('Subject') ?? '',
      from: headers.get('From') ?? '',
      to: headers.get('To') ?? '',
      cc: headers.get('Cc') ?? '',
      warnings: [{ code: 'WARN_NOT_INSPECTED', message: `Its content cannot be shown: ${why}` }],
    };
  }
}
