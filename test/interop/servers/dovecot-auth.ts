// Dovecot's login service: every mechanism that Dovecot 2.3 can check, for the one user of the tests.
import { createHmac } from 'node:crypto';
import { PASSWORD, USER } from '../mailboxes.js';

export const DOVECOT_MECHANISMS: readonly string[] = [
  'CRAM-MD5',
  'LOGIN',
  'OAUTHBEARER',
  'PLAIN',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'XOAUTH2',
];

const TOKEN_KEY = Buffer.from('a key that signs the access tokens of the interop tests');

/** Settings for dovecot.conf; the files are those of `dovecotAuthFiles`. */
export const DOVECOT_AUTH_SETTINGS = `
auth_mechanisms = ${DOVECOT_MECHANISMS.join(' ').toLowerCase()}
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = /etc/dovecot/passwords
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = /etc/dovecot/oauth2.conf.ext
}
`;

/** Files by path in the jail. */
export const DOVECOT_AUTH_FILES: Readonly<Record<string, string>> = {
  '/etc/dovecot/passwords': `${USER}:{PLAIN}${PASSWORD}\n`,
  '/etc/dovecot/oauth2.conf.ext': `introspection_mode = local
local_validation_key_dict = fs:posix:prefix=/etc/dovecot/keys/
username_attribute = sub
`,
  '/etc/dovecot/keys/default/HS256/default': TOKEN_KEY.toString('base64'),
};

/** An access token (RFC 7519) that Dovecot accepts for the user of the tests. */
export function accessToken(): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ alg: 'HS256', typ: 'JWT', kid: 'default' });
  const now = Math.floor(Date.now() / 1000);
  const claims = encode({ sub: USER, iat: now - 60, nbf: now - 60, exp: now + 3600 });
  const signature = createHmac('sha256', TOKEN_KEY).update(`${head}.${claims}`).digest('base64url');
  return `${head}.${claims}.${signature}`;
}
