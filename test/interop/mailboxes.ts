// The mailboxes that every server of these tests has, and the addresses that none has.

export const DOMAIN = 'interop.test';
/** A domain outside ASCII as people write it, and as it stands in an envelope (RFC 5890, A-labels). */
const INTERNATIONAL_DOMAIN = 'bücher.interop.test';
const INTERNATIONAL_DOMAIN_ASCII = 'xn--bcher-kva.interop.test';
export const DOMAINS: readonly string[] = [DOMAIN, INTERNATIONAL_DOMAIN_ASCII];

/** Who logs in. */
export const USER = 'sender';
export const PASSWORD = 'Tr0ub4dor & 3';

export const SENDER = `${USER}@${DOMAIN}`;
export const ALICE = `alice@${DOMAIN}`;
export const BOB = `bob@${DOMAIN}`;
export const CAROL = `carol@${DOMAIN}`;

/** Gets the messages that go in front of and behind the one that is looked at. */
export const NEIGHBOUR = `neighbour@${DOMAIN}`;

/** Servers that can be told to refuse senders refuse this one, at MAIL. */
export const REFUSED_SENDER = `refused@${DOMAIN}`;

/** One mailbox, as typed and as asked for. */
export const BOOKSHOP = `alice@${INTERNATIONAL_DOMAIN}`;
export const BOOKSHOP_ASCII = `alice@${INTERNATIONAL_DOMAIN_ASCII}`;

/** A local part outside ASCII (RFC 6531), on the servers that take such addresses. */
export const JUERGEN = `jürgen@${DOMAIN}`;

/** Known to the LMTP server, which refuses it after the content: its quota is used up. */
export const FULL = `full@${DOMAIN}`;

/** Postfix and Exim take mail for it, and then cannot deliver it. */
export const CLOSED = `closed@${DOMAIN}`;

/** No server knows it. */
export const UNKNOWN = `nobody-of-that-name@${DOMAIN}`;

const MEMBER_COUNT = 500;
export const MEMBERS: readonly string[] = Array.from(
  { length: MEMBER_COUNT },
  (_, index) => `member${String(index + 1).padStart(3, '0')}@${DOMAIN}`,
);

/** All mailboxes with an ASCII address and room for mail. */
export const MAILBOXES: readonly string[] = [SENDER, ALICE, BOB, CAROL, NEIGHBOUR, BOOKSHOP_ASCII, ...MEMBERS];
