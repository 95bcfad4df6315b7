// The npm package smtp-server, in this process. It keeps content octet by octet, line ends too, and is the one server here
// that offers REQUIRETLS.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerOptions } from 'smtp-server';
import { makeCertificates } from '../certificates.js';
import { LOOPBACK } from '../free-port.js';
import { BOOKSHOP, JUERGEN, MAILBOXES, PASSWORD, REFUSED_SENDER, USER } from '../mailboxes.js';
import { isAccessToken } from './access-token.js';
import type { Arrival, InteropServer } from './server.js';

const PACKAGE = new URL('../../../node_modules/smtp-server/package.json', import.meta.url);
const KEYWORDS = '8BITMIME DSN ENHANCEDSTATUSCODES PIPELINING SIZE SMTPUTF8 STARTTLS'.split(' ');
const MECHANISMS = ['CRAM-MD5', 'LOGIN', 'PLAIN', 'XOAUTH2'];
const KNOWN: ReadonlySet<string> = new Set([...MAILBOXES, JUERGEN, BOOKSHOP]);

export async function startSmtpServer(): Promise<InteropServer> {
  const { ca, serverCert, serverKey } = await makeCertificates();
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
  const arrivals: Arrival[] = [];
  const common = optionsFor(arrivals);
  const tls = { cert: serverCert, key: serverKey, ca };
  const servers = [
    new SMTPServer({ ...common, ...tls, disabledCommands: ['AUTH'], authOptional: true }),
    new SMTPServer({ ...common, ...tls, authMethods: MECHANISMS }),
    new SMTPServer({ ...common, ...tls, authMethods: MECHANISMS, secure: true }),
  ];
  const [plain, submission, implicitTls] = await Promise.all(servers.map(listen));
  if (plain === undefined || submission === undefined || implicitTls === undefined) throw new Error('no address');
  return {
    name: 'smtp-server',
    version,
    plain: { protocol: 'smtp', address: plain, tls: 'starttls', keywords: KEYWORDS, mechanisms: [] },
    submission: {
      protocol: 'smtp',
      address: submission,
      tls: 'starttls',
      keywords: [...KEYWORDS, 'AUTH'].sort(),
      mechanisms: MECHANISMS,
    },
    implicitTls: {
      protocol: 'smtp',
      address: implicitTls,
      tls: 'implicit',
      keywords: [...KEYWORDS.filter((keyword) => keyword !== 'STARTTLS'), 'AUTH', 'REQUIRETLS'].sort(),
      mechanisms: MECHANISMS,
    },
    notifications: { toldBy: 'parameters', texts: 'decoded' },
    received: () => Promise.resolve(arrivals.splice(0)),
    log: () => Promise.resolve(''),
    stop: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

function optionsFor(arrivals: Arrival[]): SMTPServerOptions {
  return {
    name: 'localhost',
    size: 20_000_000,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    hideREQUIRETLS: false,
    disableReverseLookup: true,
    closeTimeout: 1,
    onAuth: (login, _session, done) => {
      if (isRight(login)) done(null, { user: USER });
      else done(new Error('wrong user or password'));
    },
    onMailFrom: ({ address }, _session, done) => {
      if (address !== REFUSED_SENDER) done();
      else done(Object.assign(new Error('not from you'), { responseCode: 550 }));
    },
    onRcptTo: ({ address }, _session, done) => {
      if (KNOWN.has(address)) done();
      else done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const envelopeFrom = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const { mailFrom } = envelope;
        const mailArguments = mailFrom === false ? false : mailFrom.args;
        for (const { address, args } of envelope.rcptTo) {
          const parameters = { ...textsOf(mailArguments), ...textsOf(args) };
          arrivals.push({ envelopeFrom, recipient: withAsciiDomain(address), bytes, parameters });
        }
        done();
      });
    },
  };
}

function textsOf(values: object | false): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values === false ? {} : values).map(([name, value]) => [name, String(value)]),
  );
}

/** The package shows domains in Unicode, whichever form they came in. */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at + 1) + domainToASCII(address.slice(at + 1));
}

function isRight(login: SMTPServerAuthentication): boolean {
  if (login.username !== USER) return false;
  if (login.method === 'XOAUTH2') return isAccessToken(login.accessToken ?? '');
  return login.method === 'CRAM-MD5' ? login.validatePassword(PASSWORD) : login.password === PASSWORD;
}

async function listen(server: SMTPServer): Promise<{ host: string; port: number }> {
  server.on('error', () => undefined);
  const listener = server.listen(0, LOOPBACK);
  await once(listener, 'listening');
  return { host: LOOPBACK, port: (listener.address() as AddressInfo).port };
}

function close(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(resolve);
  });
}
