/**
 * The one connection of a run: opened when the first message is ready, opened again when the server has closed it, given up
 * for good when it cannot be opened. It knows the only moment that must not be interrupted lightly: content on its way.
 */
import type { Message, SendMessageOptions, SendResult, SMTP } from '../index.js';
import { CliError } from './cli-error.js';
import { connectTo, type ConnectOptions } from './connect.js';
import { exitOfError } from './exit-of-error.js';

export class Session {
  readonly #options: ConnectOptions;
  #client: SMTP | undefined;
  #refusal: CliError | undefined;
  #contentUnderWay = false;

  constructor(options: ConnectOptions) {
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
      this.#client = await connectTo(this.#options);
      return this.#client;
    } catch (error) {
      // A thousand files must not wait for a thousand time-outs.
      this.#refusal = new CliError(exitOfError(error), 'it was not sent: there is no connection', undefined, error);
      throw error;
    }
  }
}
