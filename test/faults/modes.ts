/**
 * The ways to send that the table is tried with. A mode runs the one send of a situation and says what came of it; what the
 * server has, and what became of the connection, is read off the server (run-cell.ts). Another client is another entry of `modes`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LMTP, Mailer, type MailerOptions, SMTP, type SendResult, type SMTPOptions } from '../../src/index.js';
import type { ScriptedServer, ScriptedServerOptions } from '../../src/testing/index.js';
import type { Outcomes, Variant } from './outcomes.js';
import { clientOptions, nextRecipient, password, recipients, sender, type Situation, user } from './situation.js';
import { octetByOctet } from './octet-by-octet.js';

export interface Sent {
  /** The result of the send or its error, or the error of what came before or behind it. */
  readonly settled: SendResult | Error;
  /** Whether the client itself takes its connection for usable. Absent: it keeps its connections to itself. */
  readonly connected?: boolean;
  /** Sends another message, over the same connection where there is one; rejects when that cannot be. */
  again(): Promise<unknown>;
  /** Lets go of everything. */
  close(): void;
}

export interface Mode {
  readonly name: string;
  readonly does: string;
  /** The mode that the document compares it with. Default: the first. */
  readonly like?: string;
  readonly server: ScriptedServerOptions;
  readonly extensions: readonly string[];
  /** What differs in the table. */
  readonly variants: readonly Variant[];
  /** RSET stands in front of each MAIL, whatever happened. */
  readonly alwaysResets?: boolean;
  /** Which cells make sense. */
  readonly takes: (step: string) => boolean;
  /** Never rejects. */
  send(situation: Situation, server: ScriptedServer): Promise<Sent>;
}

const behindTls = ['STARTTLS', 'TLS', 'EHLO-2'];
const always = ['8BITMIME', 'ENHANCEDSTATUSCODES', 'SIZE 52428800', 'AUTH LOGIN'];

interface ClientMode {
  readonly pipelining: boolean;
  readonly starttls: boolean;
  readonly protocol: 'smtp' | 'lmtp';
  readonly listen: boolean;
}

function optionsFor(situation: Situation, server: ScriptedServer, mode: ClientMode): SMTPOptions {
  const { dial, splitTls } = situation;
  const tls = mode.starttls ? { tls: { mode: 'required', ca: server.certificate } as const } : {};
  const options = { ...clientOptions(situation), ...tls, pipelining: mode.pipelining };
  if (dial === 'never') return { ...options, host: 'localhost', connector: () => new Promise(() => undefined) };
  if (mode.listen) {
    const address = { host: '127.0.0.1', port: server.port };
    if (situation.step !== 'greeting' || situation.fault !== 'reset') return { ...options, ...address };
    return { ...options, ...address, connector: () => connected(address, server) };
  }
  return {
    ...options,
    host: 'localhost',
    connector: async (target, signal) => {
      const stream = await server.connector(target, signal);
      server.release('connected');
      return splitTls ? octetByOctet(stream) : stream;
    },
  };
}

/** A connection that both sides know of: only then does a server that waits for it go on. */
async function connected(address: { host: string; port: number }, server: ScriptedServer): Promise<Socket> {
  const socket = connect(address);
  await once(socket, 'connect');
  server.release('connected');
  return socket;
}

/** Connects, logs in, sends, and does what comes behind. */
async function run(open: () => Promise<SMTP>, situation: Situation, settled: Promise<void>): Promise<SendResult> {
  const client = await open();
  if (situation.login) await client.login(user, password, { mechanisms: ['LOGIN'], initialResponseOk: false });
  const result = await client.sendmail(sender, recipients, situation.content(settled));
  if (situation.then === 'rset') await client.rset();
  if (situation.then === 'quit') await client.quit();
  if (situation.then === 'dispose') await client[Symbol.asyncDispose]();
  return result;
}

/** `sendmail()` of a connection of one's own. */
async function sendWithClient(mode: ClientMode, situation: Situation, server: ScriptedServer): Promise<Sent> {
  const options = optionsFor(situation, server, mode);
  const made: SMTP[] = [];
  const Class = mode.protocol === 'lmtp' ? LMTP : SMTP;
  /** `SMTP.connect()` gives no client when it fails: this one can be asked all the same. */
  class Watched extends Class {
    constructor(given: SMTPOptions) {
      super(given);
      made.push(this);
    }
  }
  const open = async (): Promise<SMTP> => {
    if (mode.starttls) return await Watched.connect(options);
    const client = new Watched(options);
    await client.connect();
    return client;
  };
  let settle: () => void = () => undefined;
  const settledAt = new Promise<void>((resolve) => (settle = resolve));
  const settled = await run(open, situation, settledAt).catch((error: unknown) =>
    error instanceof Error ? error : new Error(`not an error: ${String(error)}`),
  );
  settle();
  const [client] = made;
  return {
    settled,
    connected: client?.connected ?? false,
    again: async () => client?.sendmail(sender, nextRecipient, 'Subject: again\r\n\r\nagain\r\n'),
    close: () => client?.close(),
  };
}

/** `Mailer.send()`: one connection, no second attempt, transactions that overlap. What it logs in with, and how it ends, is its own. */
async function sendWithMailer(mode: MailerMode, situation: Situation, server: ScriptedServer): Promise<Sent> {
  const options = optionsFor(situation, server, mode);
  const { chunking = 'off' } = mode;
  const auth = situation.login ? { auth: { user, password, mechanisms: ['LOGIN'] } } : {};
  const mailer = new Mailer({ ...options, ...auth, maxConnections: 1, chunking, retry: { attempts: 1 } });
  let settle: () => void = () => undefined;
  const settledAt = new Promise<void>((resolve) => (settle = resolve));
  const content = situation.content(settledAt);
  const message = typeof content === 'string' ? Buffer.from(content) : (content as () => AsyncIterable<Uint8Array>);
  const settled = await mailer
    .send(message, { from: sender, to: recipients })
    .catch((error: unknown) => (error instanceof Error ? error : new Error(`not an error: ${String(error)}`)));
  settle();
  return {
    settled,
    again: () => mailer.send(Buffer.from('Subject: again\r\n\r\nagain\r\n'), { from: sender, to: [nextRecipient] }),
    close: () => {
      mailer.close({ drain: false }).catch(() => undefined);
    },
  };
}

interface MailerMode extends ClientMode {
  readonly chunking?: MailerOptions['chunking'];
}

function mailerMode(name: string, does: string, mode: MailerMode): Mode {
  const base = clientMode(name, does, mode);
  const { chunking = 'off' } = mode;
  const own = chunking === 'off' ? 'mailer' : chunking === 'safe' ? 'chunks' : 'window';
  return {
    ...base,
    like: own !== 'mailer' ? 'mailer' : mode.starttls ? 'starttls pipelined' : 'pipelined',
    extensions: own === 'mailer' ? base.extensions : [...base.extensions, 'CHUNKING'],
    variants: [...base.variants, 'mailer', ...(own === 'mailer' ? [] : ([own] as const))],
    alwaysResets: own !== 'mailer',
    takes: (step) => {
      if (
        (!base.takes(step) && step !== 'chunk' && step !== 'RSET in front') ||
        /^(?:rset\(\)|quit\(\)|QUIT)$/.test(step)
      )
        return false;
      if (own === 'mailer') return !/^(?:chunk|RSET in front|AUTH-3)$/.test(step);
      return !/^(?:AUTH-\d|DATA|content|RSET)$/.test(step) && (own === 'chunks' || step !== 'chunk');
    },
    send: (situation, server) => sendWithMailer(mode, situation, server),
  };
}

function clientMode(name: string, does: string, mode: ClientMode): Mode {
  const isLmtp = mode.protocol === 'lmtp';
  return {
    name,
    does,
    ...(name.endsWith(' pipelined') ? { like: name.replace(' pipelined', '') } : {}),
    server: { protocol: mode.protocol, listen: mode.listen, violations: 'record' },
    extensions: [...always, ...(mode.pipelining ? ['PIPELINING'] : []), ...(mode.starttls ? ['STARTTLS'] : [])],
    variants: [
      ...(mode.pipelining ? (['pipelined'] as const) : []),
      ...(mode.starttls ? (['withStarttls'] as const) : []),
      ...(isLmtp ? (['lmtp'] as const) : []),
    ],
    takes: (step) =>
      step !== 'chunk' &&
      step !== 'RSET in front' &&
      (mode.starttls || !behindTls.includes(step)) &&
      (isLmtp ? step !== 'final' : !step.startsWith('delivery')),
    send: (situation, server) => sendWithClient(mode, situation, server),
  };
}

export const modes: readonly Mode[] = [
  clientMode('serial', 'SMTP over TCP, one command at a time', {
    pipelining: false,
    starttls: false,
    protocol: 'smtp',
    listen: true,
  }),
  clientMode('pipelined', 'SMTP, MAIL to DATA in one group', {
    pipelining: true,
    starttls: false,
    protocol: 'smtp',
    listen: false,
  }),
  clientMode('starttls', 'SMTP with TLS required, one command at a time', {
    pipelining: false,
    starttls: true,
    protocol: 'smtp',
    listen: false,
  }),
  clientMode('starttls pipelined', 'SMTP with TLS required, MAIL to DATA in one group', {
    pipelining: true,
    starttls: true,
    protocol: 'smtp',
    listen: false,
  }),
  mailerMode('mailer', '`Mailer.send()` with transactions that overlap', {
    pipelining: true,
    starttls: false,
    protocol: 'smtp',
    listen: false,
  }),
  mailerMode('mailer starttls', '`Mailer.send()` with TLS required', {
    pipelining: true,
    starttls: true,
    protocol: 'smtp',
    listen: false,
  }),
  mailerMode(
    'mailer bdat',
    "`Mailer.send()` with `chunking: 'safe'`: RSET, the envelope, and BDAT behind its answers",
    {
      pipelining: true,
      starttls: false,
      protocol: 'smtp',
      listen: false,
      chunking: 'safe',
    },
  ),
  mailerMode('mailer window', '`Mailer.send()` with `chunking: { window: 4 }`: all of the message in one group', {
    pipelining: true,
    starttls: false,
    protocol: 'smtp',
    listen: false,
    chunking: { window: 4 },
  }),
  clientMode('lmtp', 'LMTP, one command at a time', {
    pipelining: false,
    starttls: false,
    protocol: 'lmtp',
    listen: false,
  }),
  clientMode('lmtp pipelined', 'LMTP, MAIL to DATA in one group', {
    pipelining: true,
    starttls: false,
    protocol: 'lmtp',
    listen: false,
  }),
];

/** The table as this mode is held to it. */
export function expectedOf(mode: Mode, table: (variants: readonly Variant[]) => Outcomes): Outcomes {
  const rows = [...table(mode.variants)].filter(([step]) => mode.takes(step));
  if (mode.alwaysResets !== true) return new Map(rows);
  return new Map(
    rows.map(([step, row]) => [step, new Map([...row].map(([name, cell]) => [name, cell.replace('/R/', '/K/')]))]),
  );
}
