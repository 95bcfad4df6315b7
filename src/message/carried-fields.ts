/**
 * Which header fields of a message go over into a new one that is made of it. One rule: a field that says something about the message
 * for its readers goes on; what servers and mailboxes wrote about the way of the old one, what signs its octets, and what describes
 * its structure would be false in the new one.
 */

/** RFC 5322 section 3.6.8. */
const FIELD_NAME = /^[!-9;-~]+$/;

/** Fields that a new message gets from its own fields. */
const OWN = [
  'bcc',
  'cc',
  'date',
  'from',
  'in-reply-to',
  'message-id',
  'references',
  'reply-to',
  'sender',
  'subject',
  'to',
];

/** Whether a field speaks of the whole message: whom it is from, where it goes, what it is called. The key is in lower case. */
export function isOfWholeMessage(key: string): boolean {
  return OWN.includes(key) || key === 'return-path' || key.startsWith('resent-');
}

const NOT_CARRIED: ReadonlySet<string> = new Set([
  ...OWN,
  'mime-version',
  // Trace fields and what transports act upon (RFC 5321 section 4.4, RFC 7293, RFC 8689, RFC 9228).
  'apparently-to',
  'delivered-to',
  'delivery-date',
  'envelope-to',
  'errors-to',
  'received',
  'require-recipient-valid-since',
  'return-path',
  'tls-required',
  'x-envelope-from',
  'x-envelope-to',
  'x-original-to',
  'x-originating-ip',
  'x-received',
  'x-sieve',
  // Results and signatures (RFC 7208, RFC 8601).
  'authentication-results',
  'domainkey-signature',
  'received-spf',
  'x-authentication-results',
  // What a mailbox keeps about its copy.
  'lines',
  'status',
  'x-imap',
  'x-imapbase',
  'x-keywords',
  'x-status',
  'x-uid',
  'x-uidl',
]);

/** Families of such fields. */
const NOT_CARRIED_PREFIXES = [
  'arc-',
  'content-',
  'dkim-',
  'downgraded-',
  'resent-',
  'x-arc-',
  'x-dkim-',
  'x-forefront-',
  'x-gm-',
  'x-google-',
  'x-microsoft-antispam',
  'x-mozilla-',
  'x-ms-exchange-',
  'x-spam',
  'x-virus',
];

/** Whether a field of this name goes over as it is. Never what is no name. */
export function carriedName(name: string): boolean {
  const key = name.toLowerCase();
  return (
    FIELD_NAME.test(name) && !NOT_CARRIED.has(key) && !NOT_CARRIED_PREFIXES.some((prefix) => key.startsWith(prefix))
  );
}
