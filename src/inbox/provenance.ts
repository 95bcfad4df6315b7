/**
 * Where each address of an envelope came from: the envelope of the session held against the fields of what arrived. A sender that
 * works well leaves blind copies without a trace, so an address that no field names is no fault; a Bcc field that arrives is one.
 */
import { domainToASCII } from 'node:url';
import { isPosthasteError, MissingRecipientsError, type EnvelopeSource, type Message, type Reply } from '../index.js';

/** A field that names an address; the occurrence counts the fields of that name from 0, from the top. */
export interface NamedIn {
  readonly header: string;
  readonly occurrence: number;
}

/**
 * - `field`: a field that counts names the address: To, Cc or Bcc; of a resent message Resent-To, Resent-Cc or Resent-Bcc.
 * - `original`: the message was resent, and only a field of the original names it.
 * - `blind`: no field names it: a blind copy, a list, or an envelope that was given apart from the message.
 */
export type Origin = 'field' | 'original' | 'blind';

export interface RecipientOrigin {
  readonly address: string;
  /** Whether the server took it at RCPT. */
  readonly status: 'accepted' | 'refused';
  /** The answer to a refused one. */
  readonly reply?: Pick<Reply, 'code' | 'text'>;
  readonly origin: Origin;
  readonly namedIn: readonly NamedIn[];
}

export interface SenderOrigin {
  /** `''` is the null sender. */
  readonly address: string;
  readonly origin: Origin;
  readonly namedIn: readonly NamedIn[];
  /** What the fields say, where it is another address; undefined when they say the same, or nothing that can be read. */
  readonly inFields?: string;
}

export interface Provenance {
  readonly sender: SenderOrigin;
  /** One for each RCPT, in order. */
  readonly recipients: readonly RecipientOrigin[];
  /** Addresses that the fields that count name, and that got nothing in this transaction. */
  readonly notAddressed: readonly (NamedIn & { readonly address: string })[];
  /** Whether Resent-* fields are the ones that count. */
  readonly resent: boolean;
  /** Fields that should have stayed behind: Bcc, Resent-Bcc, Return-Path. */
  readonly leaked: readonly NamedIn[];
  /** Lines that begin with a dot: the sender doubled it, and the server took one away (RFC 5321 section 4.5.2). */
  readonly dotLines: number;
  /** Why a field could not be read. */
  readonly notes: readonly string[];
}

/** One RCPT of the session, and its answer. */
export interface AskedRecipient {
  readonly address: string;
  /** Undefined when it was accepted. */
  readonly reply: Pick<Reply, 'code' | 'text'> | undefined;
}

/** `message` is undefined when what arrived has no readable header block. */
export function provenanceOf(
  message: Message | undefined,
  raw: Uint8Array,
  from: string,
  asked: readonly AskedRecipient[],
): Provenance {
  const notes: string[] = [];
  const recipients = sourcesOfRecipients(message, from, notes);
  const sender = sourceOfSender(message, notes);
  const askedKeys = new Set(asked.map(({ address }) => keyOf(address)));
  return {
    sender: senderOrigin(from, sender),
    recipients: asked.map(({ address, reply }) => {
      const counting = recipients.counting.get(keyOf(address)) ?? [];
      const original = recipients.original.get(keyOf(address)) ?? [];
      const origin = counting.length > 0 ? 'field' : original.length > 0 ? 'original' : 'blind';
      const namedIn = [...counting, ...original].map(({ header, occurrence }) => ({ header, occurrence }));
      return reply === undefined
        ? { address, status: 'accepted', origin, namedIn }
        : { address, status: 'refused', reply, origin, namedIn };
    }),
    notAddressed: [...recipients.counting]
      .filter(([key]) => !askedKeys.has(key))
      .flatMap(([, sources]) => sources.slice(0, 1))
      .map(({ address, header, occurrence }) => ({ address, header, occurrence })),
    resent: recipients.resent,
    leaked: leakedFields(message),
    dotLines: dotLines(raw),
    notes,
  };
}

type SourcesByKey = ReadonlyMap<string, readonly EnvelopeSource[]>;

interface RecipientSources {
  readonly counting: SourcesByKey;
  readonly original: SourcesByKey;
  readonly resent: boolean;
}

function sourcesOfRecipients(message: Message | undefined, from: string, notes: string[]): RecipientSources {
  const nothing = { counting: new Map(), original: new Map(), resent: false };
  if (message === undefined) return nothing;
  const read = (resent: 'latest' | 'ignore'): { readonly sources: SourcesByKey; readonly resent: boolean } => {
    try {
      const explanation = message.explainEnvelope({ from, resent, addresses: 'lenient' });
      return { sources: byKey(explanation.sources), resent: explanation.resent };
    } catch (error) {
      if (!isPosthasteError(error)) throw error;
      // Everybody may be a blind copy: then no field names anybody, and nothing is wrong.
      if (!(error instanceof MissingRecipientsError)) notes.push(firstLine(error.message));
      return { sources: new Map(), resent: hasResentFields(message) };
    }
  };
  const latest = read('latest');
  if (!latest.resent) return { ...nothing, counting: latest.sources };
  return { counting: latest.sources, original: read('ignore').sources, resent: true };
}

function hasResentFields(message: Message): boolean {
  return ['Resent-From', 'Resent-To', 'Resent-Cc', 'Resent-Bcc'].some((name) => message.headers.has(name));
}

function sourceOfSender(message: Message | undefined, notes: string[]): EnvelopeSource | undefined {
  if (message === undefined) return undefined;
  try {
    const { sources } = message.explainEnvelope({ to: [], resent: 'latest', addresses: 'lenient' });
    return sources[0];
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    const note = firstLine(error.message);
    if (!notes.includes(note)) notes.push(note);
    return undefined;
  }
}

function senderOrigin(address: string, source: EnvelopeSource | undefined): SenderOrigin {
  if (source === undefined) return { address, origin: 'blind', namedIn: [] };
  const { header, occurrence } = source;
  if (keyOf(source.address) === keyOf(address)) return { address, origin: 'field', namedIn: [{ header, occurrence }] };
  return { address, origin: 'blind', namedIn: [], inFields: source.address };
}

function leakedFields(message: Message | undefined): readonly NamedIn[] {
  // With both halves given no address is read, so that nothing can be wrong with them.
  return message?.explainEnvelope({ from: '', to: [] }).removed ?? [];
}

function byKey(sources: readonly EnvelopeSource[]): SourcesByKey {
  const found = new Map<string, EnvelopeSource[]>();
  for (const source of sources) {
    if (source.role !== 'to') continue;
    const key = keyOf(source.address);
    const before = found.get(key);
    if (before === undefined) found.set(key, [source]);
    else before.push(source);
  }
  return found;
}

/** The local part is kept as it is (RFC 5321 section 2.4); a domain is the same in any case, and in either of its two alphabets. */
function keyOf(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return `${address.slice(0, at + 1)}${domainToASCII(domain) || domain.toLowerCase()}`;
}

const DOT = 0x2e;

function dotLines(raw: Uint8Array): number {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let count = octets[0] === DOT ? 1 : 0;
  for (let at = octets.indexOf('\n.'); at !== -1; at = octets.indexOf('\n.', at + 2)) count += 1;
  return count;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
