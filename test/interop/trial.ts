// One scenario on one server in one mode: the connected client, and the two questions that every scenario asks: what did the
// client report, and what lies in the mailboxes.
import { LMTP, SMTP, SMTP_SSL, type SMTPOptions, type TlsOptions, type WireEvent } from '../../src/index.js';
import { byteDifference } from './byte-difference.js';
import { makeCertificates } from './certificates.js';
import { SENDER } from './mailboxes.js';
import type { Arrival, Endpoint, InteropServer } from './servers/server.js';

export type Mode = 'serial' | 'pipelined';

export interface Trial {
  readonly server: InteropServer;
  readonly mode: Mode;
  /** Connected to the server's plain endpoint without TLS, EHLO said. */
  readonly client: SMTP;
  /** The conversation of all clients of the trial, so far. */
  readonly wire: readonly WireEvent[];
  /** Trusts the authority of the test run, and has a certificate of the user's own. */
  readonly tls: TlsOptions;
  /** Another client, in the mode of the trial. Where TLS is to be had, `tls` says so. */
  open(endpoint: Endpoint, options?: SMTPOptions): Promise<SMTP>;
  /** The same, with nothing said but the greeting. */
  dial(endpoint: Endpoint): Promise<SMTP>;
}

/** Runs `work` with a client that is connected to the plain endpoint, and says QUIT with all clients behind it. */
export async function withTrial(
  server: InteropServer,
  mode: Mode,
  work: (trial: Trial) => Promise<void>,
): Promise<void> {
  const { ca, clientCert, clientKey } = await makeCertificates();
  const wire: WireEvent[] = [];
  const clients: SMTP[] = [];
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
  try {
    const client = await open(server.plain, { tls: 'never' });
    await work({
      server,
      mode,
      client,
      wire,
      tls: { mode: 'required', ca, cert: clientCert, key: clientKey },
      open,
      dial,
    });
    for (const used of clients) if (used.connected) expect((await used.quit()).code).toBe(221);
  } catch (error) {
    process.stdout.write(`\n--- ${server.name}, ${mode}: the conversation\n${describeWire(wire)}\n`);
    throw error;
  } finally {
    for (const client of clients) client.close();
  }
}

function classFor({ protocol, tls }: Endpoint): typeof SMTP {
  if (protocol === 'lmtp') return LMTP;
  return tls === 'implicit' ? SMTP_SSL : SMTP;
}

export interface Delivery {
  readonly from?: string;
  readonly recipients: readonly string[];
  readonly bytes: Uint8Array;
}

/** The mailboxes of exactly these recipients hold exactly these octets, once each. */
export async function expectDelivered({ server }: Trial, delivery: Delivery): Promise<void> {
  expectArrivals(await server.received(), delivery);
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
