// One scenario on one server in one mode: the connected client or mailer, and the two questions that every scenario asks: what
// did it report, and what lies in the mailboxes.
import {
  LMTP,
  Mailer,
  type MailerOptions,
  SMTP,
  SMTP_SSL,
  type SMTPOptions,
  type TlsOptions,
  type WireEvent,
} from '../../src/index.js';
import { byteDifference } from './byte-difference.js';
import { makeCertificates } from './certificates.js';
import { SENDER } from './mailboxes.js';
import { isMailerMode, MAILER_OPTIONS, type Mode, rides } from './modes.js';
import { Neighbours } from './neighbours.js';
import { clientSender, mailerSender, type Sender } from './senders.js';
import type { Arrival, Endpoint, InteropServer } from './servers/server.js';

export interface Trial {
  readonly server: InteropServer;
  readonly mode: Mode;
  /** Connected to the server's plain endpoint without TLS, EHLO said: for single commands, and to ask what is offered. */
  readonly client: SMTP;
  /** Sends to the plain endpoint as the mode says: through `client`, or through a mailer with one connection. */
  readonly sender: Sender;
  /** The conversation of all clients and mailers of the trial, so far. */
  readonly wire: readonly WireEvent[];
  /** Trusts the authority of the test run, and has a certificate of the user's own. */
  readonly tls: TlsOptions;
  /** Another client. Where TLS is to be had, `tls` says so. */
  open(endpoint: Endpoint, options?: SMTPOptions): Promise<SMTP>;
  /** The same, with nothing said but the greeting. */
  dial(endpoint: Endpoint): Promise<SMTP>;
  /** As `sender`, to another endpoint or with other options. A mailer dials when it sends. */
  through(endpoint: Endpoint, options?: SMTPOptions): Promise<Sender>;
  /** What has arrived since it was last asked, without the neighbours, which are checked. */
  received(): Promise<readonly Arrival[]>;
  /** How many round trips it took: for the table. */
  report(roundTrips: number): void;
}

/** Runs `work` with a client that is connected to the plain endpoint, and says QUIT with all clients behind it. */
export async function withTrial(
  server: InteropServer,
  mode: Mode,
  work: (trial: Trial) => Promise<void>,
  report: (roundTrips: number) => void = () => undefined,
): Promise<void> {
  const { ca, clientCert, clientKey } = await makeCertificates();
  const wire: WireEvent[] = [];
  const clients: SMTP[] = [];
  const mailers: Mailer[] = [];
  const neighbours = new Neighbours();
  const onWire = (event: WireEvent): void => {
    wire.push(event);
  };
  const common: SMTPOptions = { pipelining: mode === 'pipelined', onWire };
  const open = async (endpoint: Endpoint, options: SMTPOptions = {}): Promise<SMTP> => {
    const client = await classFor(endpoint).connect({ ...endpoint.address, ...common, ...options });
    clients.push(client);
    return client;
  };
  const dial = async (endpoint: Endpoint): Promise<SMTP> => {
    const client = new (classFor(endpoint))({ ...endpoint.address, ...common });
    clients.push(client);
    await client.connect();
    return client;
  };
  const through = async (endpoint: Endpoint, options: SMTPOptions = {}): Promise<Sender> => {
    if (!isMailerMode(mode)) return clientSender(await open(endpoint, options));
    const own: MailerOptions = { maxConnections: 1, onWire, ...MAILER_OPTIONS[mode] };
    const mailer = new Mailer(urlOf(endpoint), { ...own, ...options });
    mailers.push(mailer);
    return mailerSender(mailer, rides(mode) ? neighbours : undefined);
  };
  const received = async (): Promise<readonly Arrival[]> => neighbours.take(await server.received());
  try {
    const client = await open(server.plain, { tls: 'never' });
    await work({
      server,
      mode,
      client,
      sender: isMailerMode(mode) ? await through(server.plain, { tls: 'never' }) : clientSender(client),
      wire,
      tls: { mode: 'required', ca, cert: clientCert, key: clientKey },
      open,
      dial,
      through,
      received,
      report,
    });
    for (const used of clients) if (used.connected) expect((await used.quit()).code).toBe(221);
    for (const mailer of mailers) await mailer.close();
    if (neighbours.outstanding) await received();
  } catch (error) {
    process.stdout.write(`\n--- ${server.name}, ${mode}: the conversation\n${describeWire(wire)}\n`);
    throw error;
  } finally {
    for (const client of clients) client.close();
    for (const mailer of mailers) await mailer.close({ drain: false });
  }
}

function classFor({ protocol, tls }: Endpoint): typeof SMTP {
  if (protocol === 'lmtp') return LMTP;
  return tls === 'implicit' ? SMTP_SSL : SMTP;
}

/** The endpoint as a Mailer takes it. */
export function urlOf({ protocol, address, tls }: Endpoint): string {
  if ('path' in address) return `lmtp+unix://${address.path}`;
  const scheme = protocol === 'lmtp' ? 'lmtp' : tls === 'implicit' ? 'smtps' : 'smtp';
  return `${scheme}://${address.host}:${String(address.port)}`;
}

export interface Delivery {
  readonly from?: string;
  readonly recipients: readonly string[];
  readonly bytes: Uint8Array;
}

/** The mailboxes of exactly these recipients hold exactly these octets, once each. */
export async function expectDelivered(trial: Trial, delivery: Delivery): Promise<void> {
  expectArrivals(await trial.received(), delivery);
}

export function expectArrivals(arrivals: readonly Arrival[], { from = SENDER, recipients, bytes }: Delivery): void {
  expect(arrivals.map(({ recipient }) => recipient).sort()).toEqual([...recipients].sort());
  for (const arrival of arrivals) {
    expect(arrival.envelopeFrom).toBe(from);
    expect(byteDifference(arrival.bytes, bytes)).toBeUndefined();
  }
}

function describeWire(wire: readonly WireEvent[]): string {
  const signs = { sent: 'C:', received: 'S:', state: '--' };
  const lines = wire.map(({ direction, text }) => `${signs[direction]} ${text}`);
  return lines.slice(-80).join('\n');
}
