/**
 * Which header fields a signature covers. One rule: every field of a signed name is covered, however often it stands there, and
 * what a server on the way removes, adds or rewrites is never covered.
 */

/** One field of a canonical header block. */
export interface FieldOctets {
  /** The name in lower case; `''` for a line that is no field. */
  readonly key: string;
  /** With its continuation lines, ending in CRLF. */
  readonly octets: Buffer;
}

/**
 * The header fields that a DKIM signature covers when its key names none, in lower case. The examples of RFC 6376 section 5.4.1; those that make a message what it is (Sender, Message-ID); those that decide how its
 * body is read (RFC 2045); and the one that RFC 8058 section 4 requires beside List-Unsubscribe.
 */
export const DEFAULT_SIGNED_FIELDS: readonly string[] = [
  'from',
  'sender',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'to',
  'cc',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'in-reply-to',
  'references',
  'resent-date',
  'resent-from',
  'resent-to',
  'resent-cc',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
];

/** No honest server adds one of these, and a reader shows or answers to the one that was added. */
const CLOSED_ALWAYS: ReadonlySet<string> = new Set(['from', 'reply-to', 'subject', 'cc']);
/** Submission servers may add these where they are missing (RFC 6409 section 8); a second one is never honest. */
const CLOSED_WHEN_PRESENT: ReadonlySet<string> = new Set([
  'sender',
  'date',
  'message-id',
  'to',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]);

/** Fields of blind copies and of the way: they are removed, added or changed by whoever handles the message. */
const NEVER_SIGNED: ReadonlySet<string> = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'received',
  'received-spf',
  'delivered-to',
  'x-original-to',
  'authentication-results',
  'arc-authentication-results',
  'arc-message-signature',
  'arc-seal',
  'dkim-signature',
]);

export function isNeverSigned(key: string): boolean {
  return NEVER_SIGNED.has(key);
}

export interface FieldChoice {
  /** In lower case, each once, `from` among them. */
  readonly signed: readonly string[];
  /** The names that are closed: a field of that name that is added later breaks the signature. Undefined: the default. */
  readonly oversigned: ReadonlySet<string> | undefined;
}

/**
 * The names for `h=`: each as often as such a field stands in the message, and once more when it is closed, which signs the
 * absence of another one (RFC 6376 section 5.4).
 */
export function namesToSign(fields: readonly FieldOctets[], { signed, oversigned }: FieldChoice): string[] {
  const counts = new Map<string, number>();
  for (const { key } of fields) counts.set(key, (counts.get(key) ?? 0) + 1);
  return signed.flatMap((key) => {
    const count = counts.get(key) ?? 0;
    const isClosed =
      oversigned === undefined
        ? CLOSED_ALWAYS.has(key) || (count > 0 && CLOSED_WHEN_PRESENT.has(key))
        : oversigned.has(key);
    return Array.from({ length: count + (isClosed ? 1 : 0) }, () => key);
  });
}

/** The fields that `h=` names, from the bottom of the block upwards (RFC 6376 section 5.4.2); a name without a field left is none. */
export function fieldsOfNames(fields: readonly FieldOctets[], names: readonly string[]): Buffer[] {
  const left = new Map<string, Buffer[]>();
  for (const { key, octets } of fields) {
    const those = left.get(key);
    if (those === undefined) left.set(key, [octets]);
    else those.push(octets);
  }
  return names.flatMap((key) => left.get(key)?.pop() ?? []);
}
