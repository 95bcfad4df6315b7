// Postfix as a site runs it: smtpd, cleanup, queue manager, the virtual delivery agent with Maildirs, and Dovecot's login
// service behind the submission ports. It is strict about what a client should never do: bare LF and early talking.
import { stat } from 'node:fs/promises';
import { makeCertificates } from '../certificates.js';
import { freePorts, LOOPBACK, waitUntilGreeting, waitUntilListening } from '../free-port.js';
import { JAIL_USERS, Jail, type Program } from '../jail.js';
import { holdNoFile, takeFromMaildirs } from '../maildir.js';
import { CLOSED, DOMAIN, DOMAINS, JUERGEN, MAILBOXES, REFUSED_SENDER } from '../mailboxes.js';
import { waitFor } from '../wait-for.js';
import { DOVECOT_AUTH_FILES, DOVECOT_AUTH_SETTINGS, DOVECOT_MECHANISMS } from './dovecot-auth.js';
import type { InteropServer } from './server.js';
import { versionOf } from './version-of.js';

const PROGRAMS = '/usr/lib/postfix/sbin';
const QUEUE = '/var/spool/postfix';
const QUEUE_FOLDERS = 'active bounce corrupt defer deferred flush hold incoming saved trace'.split(' ');
const TRACE_FIELDS = ['Return-Path', 'X-Original-To', 'Delivered-To', 'Received'];
const KEYWORDS = '8BITMIME CHUNKING DSN ENHANCEDSTATUSCODES ETRN PIPELINING SIZE SMTPUTF8 STARTTLS VRFY'.split(' ');

const MAIN = `
compatibility_level = 3.6
queue_directory = ${QUEUE}
data_directory = /var/lib/postfix
daemon_directory = ${PROGRAMS}
command_directory = /usr/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /log
maillog_file = /log/postfix.log
myhostname = postfix.${DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
disable_dns_lookups = yes
transport_maps = texthash:/etc/postfix/transports
default_transport = error:no mail leaves the tests
relay_transport = error:no mail leaves the tests
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = ${DOMAINS.join(' ')}
virtual_mailbox_maps = texthash:/etc/postfix/mailboxes
virtual_mailbox_base = /mail
virtual_mailbox_limit = 0
virtual_uid_maps = static:${String(JAIL_USERS.mail)}
virtual_gid_maps = static:${String(JAIL_USERS.mail)}
virtual_destination_concurrency_limit = 20
service_throttle_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
message_size_limit = 20000000
smtputf8_enable = yes
local_header_rewrite_clients =
message_drop_headers =
smtpd_error_sleep_time = 0
smtpd_recipient_overshoot_limit = 1000
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/postfix/server.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_tls_security_options = noanonymous
smtpd_sasl_security_options = noanonymous
`;

const MASTER = `
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
closed unix - n n - - pipe user=nobody argv=/usr/bin/dash /etc/postfix/closed.sh
discard unix - - n - - discard
virtual unix - n n - 20 virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

const DOVECOT = `
protocols =
base_dir = /run/dovecot
log_path = /log/dovecot.log
default_internal_user = dovecot
default_login_user = dovenull
ssl = no
userdb {
  driver = static
  args = uid=mail gid=mail home=/mail/%n
}
service auth {
  unix_listener ${QUEUE}/private/auth {
    mode = 0600
    user = postfix
  }
}
${DOVECOT_AUTH_SETTINGS}`;

/** Postfix makes the file of a message executable when it is complete, before it says that it took it. */
async function isComplete(path: string): Promise<boolean> {
  return ((await stat(path).catch(() => undefined))?.mode ?? 0) % 0o200 >= 0o100;
}

export function startPostfix(): Promise<InteropServer> {
  return Jail.open('postfix', start);
}

async function start(jail: Jail): Promise<InteropServer> {
  const { serverKey, serverCert } = await makeCertificates();
  const [plainPort = 0, submissionPort = 0, implicitPort = 0, impatientPort = 0] = await freePorts(4);
  const login = ['smtpd_sasl_auth_enable=yes', 'smtpd_client_restrictions=permit_sasl_authenticated,reject'];
  const service = (port: number, ...settings: string[]): string =>
    `${LOOPBACK}:${String(port)} inet n - n - - smtpd${settings.map((setting) => `\n  -o ${setting}`).join('')}\n`;
  const services = [
    service(
      plainPort,
      'smtpd_delay_reject=no',
      'smtpd_sender_restrictions=check_sender_access,texthash:/etc/postfix/senders',
    ),
    service(submissionPort, 'smtpd_tls_security_level=encrypt', ...login),
    service(impatientPort, 'smtpd_timeout=1s'),
    service(implicitPort, 'smtpd_tls_wrappermode=yes', ...login),
  ];
  await jail.write('/etc/postfix/main.cf', MAIN);
  await jail.write('/etc/postfix/master.cf', services.join('') + MASTER);
  await jail.write('/etc/postfix/server.pem', serverKey + serverCert, 'root', 0o600);
  const mailboxes = [...MAILBOXES, JUERGEN, CLOSED].map((address) => `${address} ${address}/\n`);
  await jail.write('/etc/postfix/senders', `${REFUSED_SENDER} REJECT not from you\n`);
  await jail.write('/etc/postfix/transports', `${CLOSED} closed:\n`);
  // 67 is EX_NOUSER of sysexits.h.
  await jail.write('/etc/postfix/closed.sh', 'echo the mailbox is closed\nexit 67\n');
  await jail.write('/etc/postfix/mailboxes', mailboxes.join(''));
  for (const name of QUEUE_FOLDERS) await jail.makeDirectory(`${QUEUE}/${name}`, 'postfix', 0o700);
  for (const name of ['pid', 'etc']) await jail.makeDirectory(`${QUEUE}/${name}`);
  for (const name of ['private', 'public', 'maildrop']) await jail.makeDirectory(`${QUEUE}/${name}`, 'postfix');
  await jail.makeDirectory('/var/lib/postfix', 'postfix', 0o700);
  await jail.makeDirectory('/mail', 'mail');
  await jail.write('/etc/dovecot/dovecot.conf', DOVECOT);
  for (const [path, content] of Object.entries(DOVECOT_AUTH_FILES)) await jail.write(path, content);

  jail.start('/usr/sbin/dovecot', '-F');
  const startMaster = (): Program => jail.start(`${PROGRAMS}/master`, '-d');
  let master = startMaster();
  const plain = { host: LOOPBACK, port: plainPort };
  const submission = { host: LOOPBACK, port: submissionPort };
  const implicitTls = { host: LOOPBACK, port: implicitPort };
  const log = (): Promise<string> => jail.log();
  await waitUntilGreeting(plain, log);
  await waitUntilGreeting(submission, log);
  await waitUntilListening(implicitTls, log);

  const queued = ['incoming', 'active', 'deferred'].map((name) => jail.path(`${QUEUE}/${name}`));
  return {
    name: 'Postfix',
    version: await versionOf('postfix'),
    plain: { protocol: 'smtp', address: plain, tls: 'starttls', keywords: KEYWORDS, mechanisms: [] },
    submission: {
      protocol: 'smtp',
      address: submission,
      tls: 'starttls',
      keywords: KEYWORDS,
      mechanisms: DOVECOT_MECHANISMS,
    },
    implicitTls: {
      protocol: 'smtp',
      address: implicitTls,
      tls: 'implicit',
      keywords: [...KEYWORDS.filter((keyword) => keyword !== 'STARTTLS'), 'AUTH'].sort(),
      mechanisms: DOVECOT_MECHANISMS,
    },
    impatient: {
      protocol: 'smtp',
      address: { host: LOOPBACK, port: impatientPort },
      tls: 'starttls',
      keywords: KEYWORDS,
      mechanisms: [],
    },
    control: {
      reload: () => {
        master.signal('SIGHUP');
      },
      endSessions: () => jail.kill('SIGKILL', ({ program }) => program === `${PROGRAMS}/smtpd`),
      restart: async () => {
        await master.stop();
        // A child that was only just forked may have missed the signal, and would keep the port.
        const endChildren = () => jail.kill('SIGKILL', ({ program }) => program.startsWith(PROGRAMS));
        await waitFor('the children of Postfix to end', async () => (await endChildren()) === 0, log);
        master = startMaster();
        await waitUntilGreeting(plain, log);
      },
    },
    notifications: { toldBy: 'report', texts: 'decoded' },
    received: async () => {
      await waitFor('Postfix to empty its queue', () => holdNoFile(queued, isComplete), log);
      return takeFromMaildirs(jail.path('/mail'), TRACE_FIELDS);
    },
    log,
    stop: () => jail.destroy(),
  };
}
