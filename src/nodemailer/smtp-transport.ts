/**
 * The transport that sends: a Mailer in nodemailer's words. One rule: what fails for one message fails that message; the next one starts
 * anew.
 */
import { Mailer, type MailerOptions, type SendMessageOptions, type WireEvent } from '../index.js';
import { callOptionsOf } from './call-options.js';
import { credentialsOf, mergedAuth } from './credentials.js';
import { dkimKeysOf } from './dkim-keys.js';
import { EhloLines } from './ehlo-lines.js';
import { logWire, type Logger } from './logger.js';
import type { MailMessage } from './mail-message.js';
import type { MailAuth } from './mail-types.js';
import { mailerOptionsOf } from './mailer-options.js';
import { NodemailerError, toNodemailerError } from './nodemailer-error.js';
import { isRecord } from './own-keys.js';
import { sendInfoOf } from './send-info.js';
import type { AuthWorld } from './token-source.js';
import type { CloseOptions, Transport } from './transport.js';
import type { SmtpSentInfo, SmtpTransportOptions } from './transport-types.js';
import { VERSION } from './version.js';

export class SmtpTransport implements Transport<SmtpSentInfo> {
  readonly name: string;
  readonly version = VERSION;
  readonly capacity: number;
  readonly #options: SmtpTransportOptions;
  readonly #world: AuthWorld;
  readonly #ehlo = new EhloLines();
  readonly #onWire: (event: WireEvent) => void;
  #mailer: Mailer | undefined;
  #force = new AbortController();
  #closed = false;

  /** @throws NodemailerError: `ECONFIG`. */
  constructor(options: SmtpTransportOptions, world: AuthWorld, logger: Logger) {
    this.name = options.pool === true ? 'SMTP (pool)' : 'SMTP';
    this.#options = options;
    this.#world = world;
    const logs = options.debug === true || options.transactionLog === true;
    const onWire = options.mailer?.onWire;
    this.#onWire = (event) => {
      this.#ehlo.see(event);
      if (logs) logWire(logger, event);
      onWire?.(event);
    };
    this.capacity = options.mailer?.maxConnections ?? options.maxConnections ?? 5;
    // Whatever is wrong with the options shows now, and nothing is dialed for it; half of a login shows when it is used.
    dkimKeysOf(options.dkim);
    made(this.#mailerOptions(undefined));
  }

  replayable(data: Readonly<Record<string, unknown>>): boolean {
    const { dkim, maxRequeues, mailer } = this.#options;
    // A signature stands in front of the body, and what is tried again is read again.
    return (data['dkim'] ?? dkim ?? mailer?.retry ?? maxRequeues) !== undefined;
  }

  async send(mail: MailMessage): Promise<SmtpSentInfo> {
    const { data } = mail;
    const keys = dkimKeysOf(data['dkim'] ?? this.#options.dkim);
    const message = await mail.message.finished();
    const { from, to } = mail.message.getEnvelope();
    const messageId = mail.message.messageId();
    const dkim = keys === undefined ? {} : { dkim: keys };
    const options: SendMessageOptions = { ...callOptionsOf(data), from, to, ...dkim };
    const own = data['auth'];
    if (!isRecord(own)) return sendInfoOf(await this.#current().send(message, options), messageId, this.#ehlo.lines);
    // Another login needs a connection of its own.
    this.#refuseClosed();
    const mailer = this.#open(mergedAuth(this.#options.auth, own));
    try {
      return sendInfoOf(await mailer.send(message, options), messageId, this.#ehlo.lines);
    } finally {
      void mailer.close();
    }
  }

  async verify(): Promise<true> {
    await this.#current().verify();
    return true;
  }

  /** A pool takes no more messages. Without one, what is under way is sent, and the next message opens a connection anew. */
  async close({ force = false }: CloseOptions = {}): Promise<void> {
    const isPool = this.#options.pool === true;
    const mailer = this.#mailer;
    if (force) this.#force.abort(new Error('the transport was closed'));
    if (isPool) this.#closed = true;
    else {
      this.#mailer = undefined;
      this.#force = new AbortController();
    }
    await mailer?.close({ drain: !isPool });
  }

  #current(): Mailer {
    this.#refuseClosed();
    this.#mailer ??= this.#open(this.#options.auth);
    return this.#mailer;
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new NodemailerError('Connection pool was closed', 'ECONNECTION', {
      command: 'API',
      hint: 'Make a new transport: close() is the last thing that is done with a pool.',
    });
  }

  #open(auth: MailAuth | undefined): Mailer {
    return made(this.#mailerOptions(auth));
  }

  #mailerOptions(auth: MailAuth | undefined): MailerOptions {
    const credentials = credentialsOf(auth, this.#options.authMethod, this.#world);
    const signals = [this.#force.signal, this.#options.mailer?.signal].filter((signal) => signal !== undefined);
    return {
      ...mailerOptionsOf(this.#options, credentials !== undefined),
      ...(credentials === undefined ? {} : { auth: credentials }),
      onWire: this.#onWire,
      signal: AbortSignal.any(signals),
    };
  }
}

function made(options: MailerOptions): Mailer {
  try {
    return new Mailer(options);
  } catch (error) {
    throw toNodemailerError(error);
  }
}
