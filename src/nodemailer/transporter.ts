/**
 * The transporter: takes messages, runs plugins, and settles each send once. One rule: nothing is thrown into the caller; whatever fails
 * rejects the promise or is given to the callback.
 */
import { EventEmitter } from 'node:events';
import { Access } from './access.js';
import { CompiledMessage } from './compiled-message.js';
import { composeMail } from './compose-mail.js';
import { readStreams, textOf } from './content.js';
import { moveDataImages } from './data-images.js';
import { loggerOf, type Logger } from './logger.js';
import { MailMessage } from './mail-message.js';
import type { ProvisionCallback, SendMailOptions } from './mail-types.js';
import { configError, NodemailerError, toNodemailerError } from './nodemailer-error.js';
import { listOf } from './own-keys.js';
import { settled } from './settled.js';
import type { CloseOptions, Transport } from './transport.js';
import type { CommonOptions, SentMessageInfo, SmtpSentInfo } from './transport-types.js';

/** Calls back with nothing, or with an error, which ends the send. */
export type PluginCallback = (error?: Error | null) => void;

/** Gets the message, and calls back when it is done with it. It may be an async function that does not call. */
export type PluginFunction = (mail: MailMessage, callback: PluginCallback) => unknown;

export type SendMailCallback<Info> = (error: Error | null, info: Info) => void;

/** What it knows about making transports: they need to ask it for tokens. */
export type TransportMaker<Info extends SentMessageInfo> = (transporter: Transporter<Info>) => Transport<Info>;

const DEFAULT_MAX_RECIPIENTS = 100_000;

/** Made by `createTransport`. */
export class Transporter<Info extends SentMessageInfo = SmtpSentInfo> extends EventEmitter implements AsyncDisposable {
  readonly options: CommonOptions;
  /** What `set` and `get` keep. */
  readonly meta = new Map<string, unknown>();
  /** What is below: its name and version. */
  readonly transporter: { readonly name: string; readonly version: string };
  readonly logger: Logger;
  readonly #transport: Transport<Info>;
  readonly #access: Access;
  readonly #defaults: SendMailOptions;
  readonly #plugins: Readonly<Record<'compile' | 'stream', PluginFunction[]>> = { compile: [], stream: [] };
  #pending = 0;
  #wasIdle = true;

  /** @internal */
  constructor(make: TransportMaker<Info>, options: CommonOptions, defaults: SendMailOptions = {}) {
    super();
    this.options = options;
    this.#defaults = defaults;
    this.logger = loggerOf(options.logger, options.component ?? 'mail');
    this.#access = Access.of(options);
    this.#transport = make(this);
    this.transporter = this.#transport;
    // Behind the caller's `on('idle', ...)`.
    setImmediate(() => {
      if (this.#wasIdle) this.emit('idle');
    });
  }

  /**
   * Sends a message.
   *
   * Resolves when at least one recipient was accepted: look at `info.rejected`. Fails with a NodemailerError, whose `delivery` tells
   * whether the message may have been delivered all the same; or with what a plugin failed with.
   */
  sendMail(data: SendMailOptions): Promise<Info>;
  sendMail(data: SendMailOptions, callback: SendMailCallback<Info>): undefined;
  sendMail(data: SendMailOptions, callback?: SendMailCallback<Info> | null): Promise<Info> | undefined {
    this.#pending += 1;
    this.#wasIdle = this.isIdle();
    const sending = this.#send(data).finally(() => {
      this.#pending -= 1;
      const isIdle = this.isIdle();
      if (isIdle && !this.#wasIdle) {
        setImmediate(() => {
          this.emit('idle');
        });
      }
      this.#wasIdle = isIdle;
    });
    return settled(sending, (callback ?? undefined) as ((error: Error | null, info?: Info) => void) | undefined);
  }

  async #send(data: SendMailOptions): Promise<Info> {
    const mail = new MailMessage(this, data, this.#defaults, this.options, this.#access);
    try {
      const { signal } = mail.data;
      if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
        throw configError('signal is no AbortSignal', 'Give the signal of an AbortController.');
      }
      await untilAborted(this.#prepared(mail), signal ?? undefined);
      return await this.#transport.send(mail);
    } catch (error) {
      mail.releaseStreams();
      const told = toNodemailerError(mail.streamError(error));
      this.logger.error({ err: told, tnx: 'transport', action: 'send' }, 'Send Error: %s', told.message);
      throw told;
    }
  }

  /** Composed, and seen by all plugins. */
  async #prepared(mail: MailMessage): Promise<void> {
    const { name, version } = this.#transport;
    this.logger.debug({ tnx: 'transport', name, version, action: 'send' }, 'Sending mail using %s/%s', name, version);
    await this.#moveImages(mail);
    await runPlugins(this.#plugins.compile, mail);
    mail.watchStreams();
    if (this.#transport.replayable(mail.data)) await readStreams(mail.data);
    const { message, envelope } = await composeMail(mail.data, mail.world());
    mail.message = new CompiledMessage(message, envelope);
    this.#refuseTooMany(mail);
    await runPlugins(this.#plugins.stream, mail);
  }

  #refuseTooMany(mail: MailMessage): void {
    const limit = Number(mail.data['maxRecipients'] ?? DEFAULT_MAX_RECIPIENTS);
    const count = mail.message.getEnvelope().to.length;
    if (limit === 0 || count <= limit) return;
    throw new NodemailerError(
      `the message has ${String(count)} recipients, more than maxRecipients (${String(limit)})`,
      'EMAXRECIPIENTS',
      {
        command: 'API',
        hint: 'Is the list the right one? If so, set maxRecipients on the transport.',
      },
    );
  }

  async #moveImages(mail: MailMessage): Promise<void> {
    const { data } = mail;
    if (this.options.attachDataUrls !== true && data['attachDataUrls'] !== true) return;
    const html = await textOf(data['html'], 'html', mail.world());
    if (html === undefined) return;
    const moved = moveDataImages(html, () => `${crypto.randomUUID()}@localhost`);
    data['html'] = moved.html;
    data['attachments'] = [...listOf(data['attachments']), ...moved.attachments];
  }

  /**
   * Adds a plugin. `compile`: it may change `mail.data`; `stream`: `mail.message` is composed, its fields can be set and its octets
   * transformed.
   *
   * @throws NodemailerError: `ECONFIG` for another step.
   */
  use(step: string, plugin: PluginFunction): this {
    if (step !== 'compile' && step !== 'stream') {
      throw configError(
        `there is no step ${JSON.stringify(step)} for plugins`,
        "The steps are 'compile' and 'stream'.",
      );
    }
    if (typeof plugin !== 'function')
      throw configError('a plugin is a function', 'Give (mail, callback) => callback().');
    this.#plugins[step].push(plugin);
    return this;
  }

  /** Connects, encrypts and logs in as a message would. */
  verify(): Promise<true>;
  verify(callback: (error: Error | null, success: true) => void): undefined;
  verify(callback?: (error: Error | null, success: true) => void): Promise<true> | undefined {
    const verified = this.#transport.verify().catch((error: unknown) => {
      throw toNodemailerError(error);
    });
    return settled(verified, callback as ((error: Error | null, success?: true) => void) | undefined);
  }

  /** Whether another message would begin soon: fewer wait than there are connections. */
  isIdle(): boolean {
    return this.#pending < 2 * this.#transport.capacity;
  }

  /**
   * Lets go of the connections. Of a pool, messages that are on no connection fail, and no more are taken; without a pool, what is under
   * way is sent. `force`: ends that too.
   */
  close(options: CloseOptions = {}): void {
    this.#transport.close(options).catch((error: unknown) => {
      // Without a listener it would end the process.
      if (this.listenerCount('error') > 0) this.emit('error', toNodemailerError(error));
    });
  }

  /** `close()`, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport.close();
  }

  /** Keeps a value. `oauth2_provision_cb`: the function that gives access tokens. */
  set(key: string, value: unknown): Map<string, unknown> {
    return this.meta.set(key, value);
  }

  get(key: string): unknown {
    return this.meta.get(key);
  }

  /** What gives access tokens, when it was set. */
  get provisionCallback(): ProvisionCallback | undefined {
    const given = this.meta.get('oauth2_provision_cb');
    return typeof given === 'function' ? (given as ProvisionCallback) : undefined;
  }

  getVersionString(): string {
    const { name, version } = this.#transport;
    return `posthaste (${version}; ${name})`;
  }
}

async function runPlugins(plugins: readonly PluginFunction[], mail: MailMessage): Promise<void> {
  for (const plugin of plugins) {
    const { signal } = mail.data;
    if (signal instanceof AbortSignal && signal.aborted) throw abortError(signal);
    await new Promise<void>((resolve, reject) => {
      // The first word counts, whether it is a call or a rejection.
      const returned = plugin(mail, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
      if (returned instanceof Promise) returned.catch(reject);
    });
  }
}

/** A signal ends the waiting for plugins and contents at once; what they do then is passed over. */
async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await work;
    return;
  }
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      reject(abortError(signal));
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([aborted, work]);
  } finally {
    work.catch(() => undefined);
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

function abortError(signal: AbortSignal): NodemailerError {
  return new NodemailerError('the message was not sent: its signal was aborted', 'EABORT', {
    cause: signal.reason,
    hint: 'The cause is the reason that was given.',
  });
}
