/**
 * The one connection of a run: opened when the first message is ready, opened again when the server has closed it, given up
 * for good when it cannot be opened. It knows the only moment that must not be interrupted lightly: content on its way.
 */
import {
  isPosthasteError,
  LMTP,
  MessageError,
  SMTP,
  SMTP_SSL,
  type Message,
  type SendMessageOptions,
  type SendResult,
  type WireEvent,
} from '../index.js';
import { CliError } from './cli-error.js';
import { exitOfError } from './exit-of-error.js';
import { oneLine } from './one-line.js';
import type { Output } from './io.js';
import type { Server } from './server.js';

export interface SessionOptions {
  readonly server: Server;
  readonly timeoutMs: number | undefined;
  /** Gets the conversation, for `--debug`. */
  readonly debug: Output | undefined;
  /** Ends whatever is going on. */
  readonly signal: AbortSignal;
}

/** What is no URL, or one of another scheme, goes to SMTP, which says what is wrong with it. */
const CLIENTS: Readonly<Record<string, typeof SMTP>> = { smtps: SMTP_SSL, lmtp: LMTP, 'lmtp+unix': LMTP };

const MARKS = { sent: 'C:', received: 'S:', state: '--' } as const;

export class Session {
  readonly #options: SessionOptions;
  #client: SMTP | undefined;
  #refusal: CliError | undefined;
  #contentUnderWay = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** True from the moment at which the server may get the message until its fate is known. */
  get contentUnderWay(): boolean {
    return this.#contentUnderWay;
  }

  async send(message: Message, options: SendMessageOptions): Promise<SendResult> {
    const client = await this.#connected();
    const beforeContent = (): Promise<void> => {
      this.#contentUnderWay = true;
      return Promise.resolve();
    };
    try {
      return await client.sendMessage(message, { ...options, signal: this.#options.signal, beforeContent });
    } finally {
      this.#contentUnderWay = false;
    }
  }

  /** QUIT, if it can still be said. Never throws. */
  async close(): Promise<void> {
    if (this.#options.signal.aborted) this.#client?.close();
    else await this.#client?.[Symbol.asyncDispose]();
  }

  async #connected(): Promise<SMTP> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#client?.connected === true) return this.#client;
    try {
      this.#client = await this.#connect();
      return this.#client;
    } catch (error) {
      // A thousand files must not wait for a thousand time-outs.
      this.#refusal = new CliError(exitOfError(error), 'it was not sent: there is no connection', undefined, error);
      throw error;
    }
  }

  async #connect(): Promise<SMTP> {
    const { server, timeoutMs, debug, signal } = this.#options;
    const onWire = ({ direction, text }: WireEvent): void => {
      // What cannot be shown must not end a send.
      debug?.write(`${MARKS[direction]} ${oneLine(text)}\n`).catch(() => undefined);
    };
    const Client = CLIENTS[(/^([^:/]+):\/\//.exec(server.url)?.[1] ?? '').toLowerCase()] ?? SMTP;
    try {
      return await Client.connect(server.url, {
        signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(debug === undefined ? {} : { onWire }),
      });
    } catch (error) {
      if (!(isPosthasteError(error) && error instanceof MessageError)) throw error;
      throw new CliError(server.exitWhenWrong, `${server.origin}: ${error.message}`, error.hint, error);
    }
  }
}
