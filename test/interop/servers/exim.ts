// Exim with its own router and transport: one Maildir per mailbox. It delivers at once and has no queue runner.
import { makeCertificates } from '../certificates.js';
import { freePorts, LOOPBACK, waitUntilGreeting, waitUntilListening, waitUntilSilent } from '../free-port.js';
import { Jail, type Program } from '../jail.js';
import { holdNoFile, takeFromMaildirs } from '../maildir.js';
import { CLOSED, DOMAIN, DOMAINS, JUERGEN, MAILBOXES, PASSWORD, REFUSED_SENDER, USER } from '../mailboxes.js';
import { waitFor } from '../wait-for.js';
import type { InteropServer } from './server.js';
import { versionOf } from './version-of.js';

const TRACE_FIELDS = ['Return-path', 'Envelope-to', 'Received'];
const KEYWORDS = '8BITMIME CHUNKING DSN HELP PIPECONNECT PIPELINING SIZE SMTPUTF8 STARTTLS'.split(' ');
const MECHANISMS = ['CRAM-MD5', 'EXTERNAL', 'LOGIN', 'PLAIN'];

interface Ports {
  readonly plain: number;
  readonly submission: number;
  readonly implicitTls: number;
  readonly impatient: number;
}

const configuration = ({ plain, submission, implicitTls, impatient }: Ports): string => `
exim_path = /usr/sbin/exim4
spool_directory = /var/spool/exim4
log_file_path = /log/exim-%s
primary_hostname = exim.${DOMAIN}
qualify_domain = ${DOMAIN}
local_interfaces = ${LOOPBACK}
daemon_smtp_ports = ${[plain, submission, implicitTls, impatient].join(' : ')}
tls_on_connect_ports = ${String(implicitTls)}
tls_advertise_hosts = *
tls_certificate = /etc/exim4/server.pem
tls_privatekey = /etc/exim4/server.key
tls_verify_certificates = /etc/exim4/ca.pem
tls_try_verify_hosts = *
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
auth_advertise_hosts = \${if and{{!inlist{$received_port}{${String(plain)}:${String(impatient)}}}{def:tls_in_cipher}}{*}{}}
return_path_remove = false
envelope_to_remove = false
delivery_date_remove = false
accept_8bitmime = true
message_size_limit = 20M
smtp_accept_queue_per_connection = 0
smtp_accept_max = 100
smtp_receive_timeout = \${if eq{$received_port}{${String(impatient)}}{1s}{5m}}
rfc1413_query_timeout = 0s
smtp_enforce_sync = true
deliver_drop_privilege = true
prod_requires_admin = true
acl_smtp_mail = check_sender
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept

begin acl
check_sender:
  deny
    senders = ${REFUSED_SENDER}
    message = not from you
  accept

check_recipient:
  deny
    condition = \${if inlist{$received_port}{${String(plain)}:${String(impatient)}}{no}{\${if def:authenticated_id{no}{yes}}}}
    message = log in first
  deny
    !verify = recipient
    message = no such mailbox
  accept

begin routers
closed:
  driver = redirect
  domains = ${DOMAIN}
  local_parts = ${CLOSED.split('@')[0] ?? ''}
  no_verify
  allow_fail
  data = :fail: the mailbox is closed

mailbox:
  driver = accept
  domains = ${DOMAINS.join(' : ')}
  address_data = \${lookup{$local_part@$domain}lsearch{/etc/exim4/mailboxes}{$value}fail}
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = /mail/$address_data
  maildir_format
  return_path_add
  envelope_to_add
  delivery_date_add = false

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${USER}}}{eq{$auth3}{${PASSWORD}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if and{{eq{$auth1}{${USER}}}{eq{$auth2}{${PASSWORD}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{${USER}}{${PASSWORD}}fail}
  server_set_id = $auth1
external:
  driver = external
  public_name = EXTERNAL
  server_param2 = \${certextract{subj_altname,mail}{$tls_in_peercert}}
  server_condition = \${if and{{eq{$tls_in_certificate_verified}{1}}{eq{$auth2}{${USER}@${DOMAIN}}}}}
  server_set_id = $auth2
`;

export function startExim(): Promise<InteropServer> {
  return Jail.open('exim', start);
}

async function start(jail: Jail): Promise<InteropServer> {
  const { ca, serverKey, serverCert } = await makeCertificates();
  const [plainPort = 0, submissionPort = 0, implicitPort = 0, impatientPort = 0] = await freePorts(4);
  const ports = { plain: plainPort, submission: submissionPort, implicitTls: implicitPort, impatient: impatientPort };
  await jail.write('/etc/exim4/exim4.conf', configuration(ports), 'root', 0o644);
  const mailboxes = [...MAILBOXES, JUERGEN, CLOSED].map((address) => `${address}: ${address}\n`);
  await jail.write('/etc/exim4/mailboxes', mailboxes.join(''));
  await jail.write('/etc/exim4/server.pem', serverCert);
  await jail.write('/etc/exim4/server.key', serverKey, 'Debian-exim', 0o600);
  await jail.write('/etc/exim4/ca.pem', ca);
  await jail.makeDirectory('/var/spool/exim4', 'Debian-exim', 0o750);
  await jail.makeDirectory('/mail', 'Debian-exim');

  const startDaemon = (): Program => jail.start('/usr/sbin/exim4', '-bdf');
  let daemon = startDaemon();
  let disturbed = false;
  const endSessions = (): Promise<number> => {
    disturbed = true;
    // Told to end, it takes back what it was reading; killed, it would leave half a message in the spool. Its own children deliver.
    return jail.kill('SIGTERM', ({ parent }) => parent === daemon.id);
  };
  const plain = { host: LOOPBACK, port: ports.plain };
  const submission = { host: LOOPBACK, port: ports.submission };
  const implicitTls = { host: LOOPBACK, port: ports.implicitTls };
  const log = (): Promise<string> => jail.log();
  await waitUntilGreeting(plain, log);
  await waitUntilGreeting(submission, log);
  await waitUntilListening(implicitTls, log);

  return {
    name: 'Exim',
    version: await versionOf('exim4-daemon-light'),
    plain: { protocol: 'smtp', address: plain, tls: 'starttls', keywords: KEYWORDS, mechanisms: [] },
    submission: { protocol: 'smtp', address: submission, tls: 'starttls', keywords: KEYWORDS, mechanisms: MECHANISMS },
    implicitTls: {
      protocol: 'smtp',
      address: implicitTls,
      tls: 'implicit',
      keywords: [...KEYWORDS.filter((keyword) => keyword !== 'STARTTLS'), 'AUTH'].sort(),
      mechanisms: MECHANISMS,
    },
    impatient: {
      protocol: 'smtp',
      address: { host: LOOPBACK, port: ports.impatient },
      tls: 'starttls',
      keywords: KEYWORDS,
      mechanisms: [],
    },
    control: {
      reload: () => {
        daemon.signal('SIGHUP');
      },
      endSessions,
      restart: async () => {
        await endSessions();
        await daemon.stop();
        // Its youngest child may not have closed the sockets yet; the new daemon would wait 30 s before it tries again.
        for (const port of Object.values(ports)) await waitUntilSilent({ host: LOOPBACK, port }, log);
        daemon = startDaemon();
        await waitUntilGreeting(plain, log);
      },
    },
    notifications: { toldBy: 'report', texts: 'xtext' },
    received: async () => {
      // The process that was about to deliver may have been ended too.
      if (disturbed) await jail.run('/usr/sbin/exim4', '-qff');
      disturbed = false;
      await waitFor('Exim to empty its spool', () => holdNoFile([jail.path('/var/spool/exim4/input')]), log);
      return takeFromMaildirs(jail.path('/mail'), TRACE_FIELDS);
    },
    log,
    stop: () => jail.destroy(),
  };
}
