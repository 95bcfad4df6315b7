/** The transport that sends nothing and gives the fields of the message, with everything read that they name. */
import type { MailMessage } from './mail-message.js';
import { normalized } from './normalized-data.js';
import type { Transport } from './transport.js';
import type { JsonObjectSentInfo, JsonSentInfo, JsonTransportOptions } from './transport-types.js';
import { VERSION } from './version.js';

export class JsonTransport implements Transport<JsonSentInfo | JsonObjectSentInfo> {
  readonly name = 'JSONTransport';
  readonly version = VERSION;
  readonly capacity = Infinity;
  readonly #options: JsonTransportOptions;

  constructor(options: JsonTransportOptions) {
    this.#options = options;
  }

  /** The fields are read for the message, and once more for what is shown. */
  replayable(): boolean {
    return true;
  }

  async send(mail: MailMessage): Promise<JsonSentInfo | JsonObjectSentInfo> {
    const envelope = mail.message.getEnvelope();
    const messageId = mail.message.messageId();
    const data = await normalized(mail.data, mail.message, mail.world());
    const told = Object.fromEntries(Object.entries(data).filter(([key]) => !NOT_TOLD.has(key)));
    if (this.#options.skipEncoding === true) return { envelope, messageId, message: told };
    return { envelope, messageId, message: JSON.stringify(told) };
  }

  verify(): Promise<true> {
    return Promise.resolve(true);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const NOT_TOLD: ReadonlySet<string> = new Set(['envelope', 'normalizedHeaders', 'signal']);
