// OpenSMTPD. Its spool and control socket have fixed paths, so it could not run twice on a machine without a jail. Debian's
// build offers STARTTLS and then fails every handshake, so it has no login here: it offers AUTH in TLS only.
import { makeCertificates } from '../certificates.js';
import { freePorts, LOOPBACK, waitUntilGreeting } from '../free-port.js';
import { Jail } from '../jail.js';
import { holdNoFile, takeFromMaildirs } from '../maildir.js';
import { DOMAINS, MAILBOXES, REFUSED_SENDER } from '../mailboxes.js';
import { waitFor } from '../wait-for.js';
import type { InteropServer } from './server.js';
import { versionOf } from './version-of.js';

/** Mail with the null reverse-path gets no Return-Path field. */
const TRACE_FIELDS = ['Return-Path?', 'Delivered-To', 'Received'];
const KEYWORDS = '8BITMIME DSN ENHANCEDSTATUSCODES HELP SIZE STARTTLS'.split(' ');

const configuration = (port: number): string => `
pki localhost cert "/etc/smtpd/server.pem"
pki localhost key "/etc/smtpd/server.key"
table mailboxes file:/etc/smtpd/mailboxes
table addresses file:/etc/smtpd/addresses
table refused { "${REFUSED_SENDER}" }
filter refusal phase mail-from match mail-from <refused> reject "550 not from you"
smtp max-message-size "20M"
listen on ${LOOPBACK} port ${String(port)} tls pki localhost filter refusal
action deliver maildir "/mail/%{rcpt}" virtual <mailboxes>
match from any for domain { ${DOMAINS.map((domain) => `"${domain}"`).join(', ')} } rcpt-to <addresses> action deliver
`;

export function startOpenSmtpd(): Promise<InteropServer> {
  return Jail.open('opensmtpd', start);
}

async function start(jail: Jail): Promise<InteropServer> {
  const { serverKey, serverCert } = await makeCertificates();
  const [port = 0] = await freePorts(1);
  await jail.write('/etc/smtpd.conf', configuration(port), 'root', 0o600);
  await jail.write('/etc/smtpd/server.pem', serverCert, 'root', 0o600);
  await jail.write('/etc/smtpd/server.key', serverKey, 'root', 0o600);
  await jail.write('/etc/smtpd/mailboxes', MAILBOXES.map((address) => `${address} mail\n`).join(''));
  await jail.write('/etc/smtpd/addresses', MAILBOXES.map((address) => `${address}\n`).join(''));
  await jail.makeDirectory('/var/lib/opensmtpd/empty');
  await jail.makeDirectory('/var/run');
  await jail.makeDirectory('/var/spool/smtpd', 'root', 0o711);
  await jail.makeDirectory('/mail', 'mail');

  jail.start('/usr/sbin/smtpd', '-d', '-P', 'mta');
  const address = { host: LOOPBACK, port };
  const log = (): Promise<string> => jail.log();
  await waitUntilGreeting(address, log);

  const queued = ['incoming', 'queue'].map((name) => jail.path(`/var/spool/smtpd/${name}`));
  return {
    name: 'OpenSMTPD',
    version: await versionOf('opensmtpd'),
    plain: { protocol: 'smtp', address, tls: 'starttls', keywords: KEYWORDS, mechanisms: [] },
    tlsFault: 'its private-key process does not work with OpenSSL 3: each handshake ends in an internal error',
    notifications: { toldBy: 'report', texts: 'left out' },
    received: async () => {
      await waitFor('OpenSMTPD to empty its queue', () => holdNoFile(queued), log);
      return takeFromMaildirs(jail.path('/mail'), TRACE_FIELDS);
    },
    log,
    stop: () => jail.destroy(),
  };
}
