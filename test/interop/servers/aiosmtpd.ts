// aiosmtpd, the server that Python programmers test smtplib with. It keeps content octet by octet, line ends too.
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from '../certificates.js';
import { freePorts, LOOPBACK, waitUntilGreeting, waitUntilListening } from '../free-port.js';
import { Jail } from '../jail.js';
import { DOMAIN, JUERGEN, MAILBOXES, PASSWORD, REFUSED_SENDER, USER } from '../mailboxes.js';
import { bareAddress } from '../trace-block.js';
import type { Arrival, InteropServer } from './server.js';
import { versionOf } from './version-of.js';

const PROGRAM = join(import.meta.dirname, 'aiosmtpd-server.py');
const KEYWORDS = ['8BITMIME', 'HELP', 'SIZE', 'SMTPUTF8', 'STARTTLS'];
const MECHANISMS = ['LOGIN', 'PLAIN'];

interface Dump {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

export function startAiosmtpd(): Promise<InteropServer> {
  return Jail.open('aiosmtpd', start);
}

async function start(jail: Jail): Promise<InteropServer> {
  const { serverKey, serverCert } = await makeCertificates();
  const [plainPort = 0, submissionPort = 0, implicitPort = 0] = await freePorts(3);
  const ports = { plain: plainPort, submission: submissionPort, implicitTls: implicitPort };
  await jail.write('/srv/server.py', await readFile(PROGRAM, 'utf8'));
  await jail.write('/etc/server.pem', serverKey + serverCert, 'root', 0o600);
  await jail.write('/etc/mailboxes.json', JSON.stringify([...MAILBOXES, JUERGEN]));
  await jail.makeDirectory('/mail');

  const settings = JSON.stringify({
    ...ports,
    domain: DOMAIN,
    user: USER,
    password: PASSWORD,
    refused: REFUSED_SENDER,
  });
  jail.start('/usr/bin/python3', '/srv/server.py', settings);
  const plain = { host: LOOPBACK, port: ports.plain };
  const submission = { host: LOOPBACK, port: ports.submission };
  const implicitTls = { host: LOOPBACK, port: ports.implicitTls };
  const log = (): Promise<string> => jail.log();
  await waitUntilGreeting(plain, log);
  await waitUntilGreeting(submission, log);
  await waitUntilListening(implicitTls, log);

  return {
    name: 'aiosmtpd',
    version: await versionOf('python3-aiosmtpd'),
    plain: { protocol: 'smtp', address: plain, tls: 'starttls', keywords: KEYWORDS, mechanisms: [] },
    submission: { protocol: 'smtp', address: submission, tls: 'starttls', keywords: KEYWORDS, mechanisms: MECHANISMS },
    implicitTls: {
      protocol: 'smtp',
      address: implicitTls,
      tls: 'implicit',
      keywords: [...KEYWORDS.filter((keyword) => keyword !== 'STARTTLS'), 'AUTH'].sort(),
      mechanisms: MECHANISMS,
    },
    received: () => takeDumps(jail.path('/mail')),
    log,
    stop: () => jail.destroy(),
  };
}

async function takeDumps(folder: string): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const dump = JSON.parse(await readFile(join(folder, name), 'utf8')) as Dump;
    const bytes = Buffer.from(dump.content, 'base64');
    arrivals.push(...dump.to.map((recipient) => ({ envelopeFrom: bareAddress(dump.from), recipient, bytes })));
    await unlink(join(folder, name));
  }
  return arrivals;
}
