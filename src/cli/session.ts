/**
 * One connection at a time for all messages of a run: opened when the first one is ready, opened again when the server has closed it,
 * given up for good when it cannot be opened. It knows the only moment that must not be interrupted lightly: content on its way.
 */
import type { Mailer, Message, SendMessageOptions, SendResult } from '../index.js';
import { CliError } from './cli-error.js';
import { isOfConnection, mailerTo, type ConnectOptions } from './connect.js';
import { exitOfError } from './exit-of-error.js';

export class Session {
  readonly #options: ConnectOptions;
  #mailer: Mailer | undefined;
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
    if (this.#refusal !== undefined) throw this.#refusal;
    const beforeContent = (): Promise<void> => {
      this.#contentUnderWay = true;
      return Promise.resolve();
    };
    try {
      this.#mailer ??= mailerTo(this.#options, { maxConnections: 1 });
      return await this.#mailer.send(message, { ...options, beforeContent });
    } catch (error) {
      // A thousand files must not wait for a thousand time-outs.
      if (isOfConnection(error))
        this.#refusal = new CliError(exitOfError(error), 'it was not sent: there is no connection', undefined, error);
      throw error;
    } finally {
      this.#contentUnderWay = false;
    }
  }

  /** QUIT, if it can still be said. Never throws. */
  async close(): Promise<void> {
    await this.#mailer?.close({ drain: false });
  }
}
