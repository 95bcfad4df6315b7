// The mailboxes that every server of these tests has, and the addresses that none has.

export const DOMAIN = 'interop.test';
export const USER = 'sender';
export const PASSWORD = 'Tr0ub4dor & 3';

/** A mailbox with a local part outside ASCII (RFC 6531), on the servers that take such addresses. */
export const INTERNATIONAL_USER = 'jürgen';

/** Known to the LMTP server, which refuses it after the content: its quota is used up. */
export const FULL_USER = 'full';

/** No server knows it. */
export const UNKNOWN_USER = 'nobody-of-that-name';

const MEMBERS = 500;
export const MEMBER_USERS: readonly string[] = Array.from(
  { length: MEMBERS },
  (_, index) => `member${String(index + 1).padStart(3, '0')}`,
);

/** Local parts of all mailboxes with an ASCII name and room for mail. */
export const USERS: readonly string[] = [USER, 'alice', 'bob', 'carol', ...MEMBER_USERS];

export function addressOf(user: string): string {
  return `${user}@${DOMAIN}`;
}
