/**
 * What counts as the same message under one key: the envelope, the parameters, and the content but for what was made up while it was
 * composed (Date, Message-ID, boundaries), because a request that is repeated makes those anew.
 */
import { createHash, type Hash } from 'node:crypto';
import { Message, type Envelope, type Sendable } from '../index.js';
import type { SendParameters } from './store.js';

/** What of a content was made up. */
export interface GeneratedParts {
  readonly date: boolean;
  readonly messageId: boolean;
  /** What every boundary begins with. */
  readonly boundary: string | undefined;
}

const NOTHING: GeneratedParts = { date: false, messageId: false, boundary: undefined };

/** Of bytes, and of a Message, nothing is: its maker had the fields in hand. */
export function generatedParts(message: Sendable, content: Uint8Array): GeneratedParts {
  const given = composedFrom(message);
  if (given === undefined) return NOTHING;
  const { headers } = Message.parse(content);
  const { messageId } = given;
  const isGiven = typeof messageId === 'string' && (headers.get('Message-ID') ?? '').includes(messageId);
  return {
    date: given.date === undefined,
    messageId: !isGiven,
    boundary: /boundary="?(=_[0-9a-f]{30})_/.exec(headers.get('Content-Type') ?? '')?.[1],
  };
}

function composedFrom(message: Sendable): { readonly date?: unknown; readonly messageId?: unknown } | undefined {
  if (message instanceof Message || message instanceof Uint8Array || typeof message === 'function') return undefined;
  return 'toBytes' in message ? undefined : message;
}

/** SHA-256, in hexadecimal digits. */
export function identityOf(
  { from, to }: Envelope,
  parameters: SendParameters,
  content: Uint8Array,
  generated: GeneratedParts,
): string {
  const hash = createHash('sha256');
  hash.update(canonicalJson({ from, to, parameters }));
  const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const end = octets.indexOf('\r\n\r\n');
  const bodyStart = end < 0 ? octets.length : end + 2;
  const fields = octets
    .toString('latin1', 0, bodyStart)
    .split(/(?<=\r\n)(?![ \t])/)
    .filter((field) => !isGenerated(field, generated));
  addWithout(hash, Buffer.from(fields.join(''), 'latin1'), generated.boundary);
  addWithout(hash, octets.subarray(bodyStart), generated.boundary);
  return hash.digest('hex');
}

function isGenerated(field: string, { date, messageId }: GeneratedParts): boolean {
  return (date && /^date:/i.test(field)) || (messageId && /^message-id:/i.test(field));
}

/** Adds octets, with a line in the place of each occurrence of `text`. */
function addWithout(hash: Hash, octets: Buffer, text: string | undefined): void {
  if (text === undefined) {
    hash.update(octets);
    return;
  }
  let start = 0;
  for (let found = octets.indexOf(text); found >= 0; found = octets.indexOf(text, start)) {
    hash.update(octets.subarray(start, found)).update('\r\n=_boundary\r\n');
    start = found + text.length;
  }
  hash.update(octets.subarray(start));
}

/** Keys in order, so that two objects of the same meaning give the same text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
