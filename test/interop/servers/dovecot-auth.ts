// Dovecot's login service: every mechanism that Dovecot 2.3 can check, for the one user of the tests.
import { PASSWORD, USER } from '../mailboxes.js';
import { TOKEN_KEY } from './access-token.js';

export const DOVECOT_MECHANISMS: readonly string[] = [
  'CRAM-MD5',
  'LOGIN',
  'OAUTHBEARER',
  'PLAIN',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'XOAUTH2',
];

/** Settings for dovecot.conf; the files are those of `dovecotAuthFiles`. */
export const DOVECOT_AUTH_SETTINGS = `
auth_mechanisms = ${DOVECOT_MECHANISMS.join(' ').toLowerCase()}
disable_plaintext_auth = no
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
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
