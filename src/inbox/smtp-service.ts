/**
 * The SMTP side of an inbox, by npm `smtp-server`. One rule: a message is in the inbox before its sender hears that it was accepted.
 * Every login succeeds, nothing is sent on.
 */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { TLSSocket } from 'node:tls';
import type { SMTPServer, SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { SMTPException } from '../index.js';
import { createTestCertificate } from '../testing/index.js';
import { faultsOf, type Fault } from './fault-tags.js';
import type { Arrival } from './inbox-message.js';
import { loadSmtpServer } from './load-smtp-server.js';
import { hostInUrl, whyNotListening } from '../web/index.js';
import type { InboxCertificate, ResolvedInboxOptions } from './options.js';
import type { AskedRecipient } from './provenance.js';
import { TranscriptRecorder } from './transcript.js';

/** As RFC 5321 section 4.5.3.1.8 asks for a hundred, and a mailing needs more. */
export const MAX_RECIPIENTS = 1_000;

/** What a client may take of the server. */
export interface SmtpLimits {
  /** So many may be connected at a time; each can hold one message of `maxMessageOctets` that is on its way. */
  readonly maxClients: number;
  /** A client that says nothing for so long is cut off. */
  readonly idleMs: number;
  /** What a client says and sends may take so long in all: one that drips is cut off too. */
  readonly sessionMs: number;
}

export const SMTP_LIMITS: SmtpLimits = { maxClients: 50, idleMs: 60_000, sessionMs: 15 * 60_000 };

/** Keeps a message, and gives its id. */
export type Accept = (arrival: Arrival) => Promise<number>;

type TlsFacts = NonNullable<Arrival['client']['tls']>;

/** One connection. */
interface Session {
  readonly recorder: TranscriptRecorder;
  /** The one that is spoken over: behind STARTTLS that of TLS. */
  socket: Socket | undefined;
  tls: TlsFacts | undefined;
  /** The recipients of the transaction that is under way, refused ones too. */
  asked: AskedRecipient[];
}

type Done = (error?: Error | null) => void;
type DataDone = (error?: Error | null, message?: string) => void;

export class SmtpService {
  readonly #accept: Accept;
  readonly #options: ResolvedInboxOptions;
  readonly #limits: SmtpLimits;
  readonly #certificate: InboxCertificate | undefined;
  readonly #sessions = new Map<string, Session>();
  /** By the client's address and port: the library's session does not hold its socket. */
  readonly #sockets = new Map<string, { socket: Socket; readonly timer: NodeJS.Timeout }>();
  #server: SMTPServer | undefined;
  #port = 0;

  private constructor(options: ResolvedInboxOptions, accept: Accept, limits: SmtpLimits) {
    this.#options = options;
    this.#accept = accept;
    this.#limits = limits;
    this.#certificate = certificateFor(options);
  }

  /** Throws SMTPException: `ERR_INBOX_NEEDS_SMTP_SERVER`, `ERR_INBOX_CANNOT_LISTEN`. */
  static async start(
    options: ResolvedInboxOptions,
    accept: Accept,
    limits: SmtpLimits = SMTP_LIMITS,
  ): Promise<SmtpService> {
    const service = new SmtpService(options, accept, limits);
    await service.#listen();
    return service;
  }

  get port(): number {
    return this.#port;
  }

  /** PEM; undefined when nothing is encrypted. */
  get certificate(): string | undefined {
    return this.#certificate?.cert;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      server.close(resolve);
    });
    for (const { socket } of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async #listen(): Promise<void> {
    const { SMTPServer } = await loadSmtpServer();
    const { host, smtpPort, maxMessageOctets } = this.#options;
    const server = new SMTPServer({
      name: 'posthaste-inbox',
      banner: 'a mail inbox for development',
      authOptional: true,
      allowInsecureAuth: true,
      authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
      ...(this.#certificate ?? { disabledCommands: ['STARTTLS'] }),
      hideENHANCEDSTATUSCODES: false,
      hideDSN: false,
      disableReverseLookup: true,
      size: maxMessageOctets,
      maxClients: this.#limits.maxClients,
      maxRecipients: MAX_RECIPIENTS,
      socketTimeout: this.#limits.idleMs,
      closeTimeout: 1_000,
      logger: this.#logger(),
      onConnect: (session, done) => {
        this.#opened(session);
        done();
      },
      onSecure: (socket, session, done) => {
        if ('getCipher' in socket) this.#secured(socket, session);
        // At once: what is listened to already must not come before the library listens.
        done();
      },
      onAuth: (auth, _session, done) => {
        done(null, { user: auth.username ?? 'unnamed' });
      },
      onMailFrom: (address, session, done) => {
        this.#mail(address, session, done);
      },
      onRcptTo: (address, session, done) => {
        this.#recipient(address, session, done);
      },
      onData: (stream, session, done) => {
        void this.#content(stream, session, done);
      },
      onClose: (session) => {
        this.#sessions.delete(session.id);
        this.#forget(keyOf(session.remoteAddress, session.remotePort));
      },
    });
    server.server.on('connection', (socket: Socket) => {
      this.#connected(socket);
    });
    // What goes wrong with one client concerns nobody else; what goes wrong with listening shows below.
    server.on('error', () => undefined);
    const listening = once(server.server, 'listening');
    server.listen(smtpPort, host);
    try {
      await listening;
    } catch (cause) {
      throw cannotListen('SMTP', host, smtpPort, cause);
    }
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  #connected(socket: Socket): void {
    const key = keyOf(socket.remoteAddress, socket.remotePort);
    const timer = setTimeout(() => {
      this.#sockets.get(key)?.socket.destroy();
    }, this.#limits.sessionMs);
    timer.unref();
    this.#sockets.set(key, { socket, timer });
    socket.once('close', () => {
      this.#forget(key);
    });
  }

  #forget(key: string): void {
    clearTimeout(this.#sockets.get(key)?.timer);
    this.#sockets.delete(key);
  }

  #opened(session: SMTPServerSession): void {
    const socket = this.#sockets.get(keyOf(session.remoteAddress, session.remotePort))?.socket;
    const recorder = new TranscriptRecorder(() => performance.now());
    countPackets(socket, recorder);
    this.#sessions.set(session.id, { recorder, socket, tls: undefined, asked: [] });
  }

  /** From here on the other socket is silent, and the library has taken what listened to it. */
  #secured(socket: TLSSocket, session: SMTPServerSession): void {
    const connection = this.#sockets.get(keyOf(session.remoteAddress, session.remotePort));
    if (connection !== undefined) connection.socket = socket;
    const ours = this.#sessions.get(session.id);
    if (ours === undefined) return;
    ours.socket = socket;
    ours.tls = { protocol: socket.getProtocol() ?? 'TLS', cipher: socket.getCipher().name };
    countPackets(socket, ours.recorder);
  }

  #mail(address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const ours = this.#sessions.get(session.id);
    if (ours !== undefined) ours.asked = [];
    answer(faultsOf(address.address), done);
  }

  #recipient({ address }: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const ours = this.#sessions.get(session.id);
    answer(faultsOf(address), (error) => {
      const reply = error ? { code: (error as RefusalError).responseCode, text: error.message } : undefined;
      ours?.asked.push({ address, reply });
      done(error);
    });
  }

  async #content(stream: SMTPServerDataStream, session: SMTPServerSession, done: DataDone): Promise<void> {
    const ours = this.#sessions.get(session.id);
    try {
      const raw = await this.#read(stream, ours);
      if (ours === undefined) return;
      ours.recorder.contentEnded(stream.byteLength);
      if (raw === undefined) {
        done(refusal(552, `The message is larger than ${String(this.#options.maxMessageOctets)} octets`));
        return;
      }
      const faults = [sender(session), ...session.envelope.rcptTo.map(({ address }) => address)].flatMap(faultsOf);
      const refused = faults.find((fault) => fault.kind === 'refuse' && fault.at === 'content');
      if (refused?.kind === 'refuse') {
        done(refusalFor(refused.code));
        return;
      }
      const drop = faults.some(({ kind }) => kind === 'drop');
      const id = await this.#accept(arrivalOf(session, ours, raw, drop ? 'dropped' : 'accepted'));
      if (drop) ours.socket?.destroy();
      else done(null, `Kept as ${String(id)}`);
    } catch (error) {
      // The client went away in the middle, or a fault of ours: either way it is not told that the message is kept.
      done(refusal(451, error instanceof Error ? error.message : 'The message cannot be kept'));
    }
  }

  /** Undefined for content that is too large: it is read to its end, and not kept. */
  async #read(stream: SMTPServerDataStream, session: Session | undefined): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      session?.recorder.contentBegan();
      if (stream.sizeExceeded) chunks.length = 0;
      else chunks.push(chunk);
    }
    return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
  }

  /** The library tells what it hears and says to a log, and takes passwords out of it. */
  #logger(): Record<(typeof LEVELS)[number], LogMethod> {
    const log: LogMethod = (about, ...words) => {
      const { tnx, cid } = about as { readonly tnx?: string; readonly cid?: string };
      const recorder = cid === undefined ? undefined : this.#sessions.get(cid)?.recorder;
      if (recorder === undefined) return;
      const text = String(words[1]);
      if (tnx === 'command' && words[0] === 'C:') recorder.clientLine(text);
      if (tnx === 'send' && words[0] === 'S:') recorder.serverLine(text);
    };
    return Object.fromEntries(LEVELS.map((level) => [level, log])) as Record<(typeof LEVELS)[number], LogMethod>;
  }
}

type LogMethod = (about: unknown, ...words: unknown[]) => void;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

interface RefusalError extends Error {
  readonly responseCode: number;
}

/** Says what the first fault of an address asks for, after every delay it asks for. */
function answer(faults: readonly Fault[], done: Done): void {
  const wait = faults.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.milliseconds : 0), 0);
  const refused = faults.find((fault) => fault.kind === 'refuse' && fault.at === 'address');
  const error = refused?.kind === 'refuse' ? refusalFor(refused.code) : null;
  if (wait === 0) done(error);
  else setTimeout(done, wait, error).unref();
}

function refusalFor(code: number): RefusalError {
  const kind = code < 500 ? 'Not now, as the address asks' : 'No, as the address asks';
  return refusal(code, kind);
}

function refusal(responseCode: number, text: string): RefusalError {
  return Object.assign(new Error(text), { responseCode });
}

function arrivalOf(session: SMTPServerSession, ours: Session, raw: Buffer, outcome: Arrival['outcome']): Arrival {
  const { mailFrom } = session.envelope;
  const given = mailFrom === false ? false : mailFrom.args;
  return {
    receivedAt: new Date(),
    from: sender(session),
    asked: [...ours.asked],
    outcome,
    raw,
    transcript: ours.recorder.transcript,
    client: {
      address: session.remoteAddress,
      hello: session.hostNameAppearsAs,
      user: typeof session.user === 'string' ? session.user : undefined,
      tls: ours.tls,
      mailParameters: Object.entries(given === false ? {} : given).map(([name, value]) =>
        value === true ? name : `${name}=${value}`,
      ),
    },
  };
}

/** In front of the parser, so that the packet is known before its lines are. It reads already: nothing is lost or hurried. */
function countPackets(socket: Socket | undefined, recorder: TranscriptRecorder): void {
  socket?.prependListener('data', () => {
    recorder.packetArrived();
  });
}

/** One that is made is for every name under which the inbox may be asked for. */
function certificateFor({ tls, host, allowedHosts }: ResolvedInboxOptions): InboxCertificate | undefined {
  if (tls === false) return undefined;
  if (tls !== true) return tls;
  return createTestCertificate({ names: [...new Set(['localhost', '127.0.0.1', '::1', host, ...allowedHosts])] });
}

function sender({ envelope: { mailFrom } }: SMTPServerSession): string {
  return mailFrom === false ? '' : mailFrom.address;
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${(address ?? '').replace(/^::ffff:/i, '')} ${String(port)}`;
}

/** One error for both servers of an inbox. */
export function cannotListen(what: string, host: string, port: number, cause: unknown): SMTPException {
  const { why, portInUse } = whyNotListening(cause);
  const hint = portInUse
    ? 'Is an inbox running already? Choose another port; 0 takes a free one.'
    : 'Choose another host or port.';
  return new SMTPException(`the inbox cannot listen for ${what} on ${hostInUrl(host)}:${String(port)}: ${why}`, {
    code: 'ERR_INBOX_CANNOT_LISTEN',
    hint,
    cause,
  });
}
