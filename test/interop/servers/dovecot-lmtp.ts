// Dovecot's LMTP service on a unix socket. One mailbox has no room left: it is refused after the content, alone.
import { Jail } from '../jail.js';
import { takeFromMaildirs } from '../maildir.js';
import { FULL, MAILBOXES } from '../mailboxes.js';
import { waitUntilGreeting } from '../free-port.js';
import type { InteropServer } from './server.js';
import { versionOf } from './version-of.js';

const TRACE_FIELDS = ['Return-Path', 'Received'];
const SOCKET = '/run/lmtp';

const CONFIGURATION = `
protocols = lmtp
base_dir = /run/dovecot
log_path = /log/dovecot.log
default_internal_user = dovecot
default_login_user = dovenull
ssl = no
mail_location = maildir:/mail/%u:INDEX=MEMORY
mail_plugins = quota
hostname = dovecot.interop.test
lmtp_rcpt_check_quota = no
lmtp_hdr_delivery_address = none
first_valid_uid = 1
userdb {
  driver = passwd-file
  args = /etc/dovecot/mailboxes
  default_fields = uid=mail gid=mail home=/mail/%u
}
passdb {
  driver = passwd-file
  args = /etc/dovecot/mailboxes
}
plugin {
  quota = maildir:Mailbox
}
service lmtp {
  unix_listener ${SOCKET} {
    mode = 0600
  }
}
`;

export function startDovecotLmtp(): Promise<InteropServer> {
  return Jail.open('dovecot-lmtp', start);
}

async function start(jail: Jail): Promise<InteropServer> {
  await jail.write('/etc/dovecot/dovecot.conf', CONFIGURATION);
  const mailboxes = MAILBOXES.map((address) => `${address}:::::::\n`);
  mailboxes.push(`${FULL}:::::::userdb_quota_rule=*:bytes=10\n`);
  await jail.write('/etc/dovecot/mailboxes', mailboxes.join(''));
  await jail.makeDirectory('/mail', 'mail');

  jail.start('/usr/sbin/dovecot', '-F');
  const address = { path: jail.path(SOCKET) };
  await waitUntilGreeting(address, () => jail.log());
  return {
    name: 'Dovecot LMTP',
    version: await versionOf('dovecot-core'),
    plain: {
      protocol: 'lmtp',
      address,
      tls: 'none',
      keywords: ['8BITMIME', 'CHUNKING', 'ENHANCEDSTATUSCODES', 'PIPELINING'],
      mechanisms: [],
    },
    received: () => takeFromMaildirs(jail.path('/mail'), TRACE_FIELDS),
    log: () => jail.log(),
    stop: () => jail.destroy(),
  };
}
