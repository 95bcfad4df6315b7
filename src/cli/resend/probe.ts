/** `--probe`: what a server says to the envelopes of an archive: MAIL and RCPT, then RSET. No content leaves. */
import {
  SMTPSenderRefused,
  type EsmtpParams,
  type Envelope,
  type RecipientResult,
  type Reply,
  type SMTP,
} from '../../index.js';
import { connectTo, type ConnectOptions } from '../connect.js';
import { replyText } from '../report.js';

// eslint-disable-next-line no-control-regex -- ASCII is what is meant
const ASCII = /^[\u0000-\u007f]*$/;

export class Probe implements AsyncDisposable {
  readonly #options: ConnectOptions;
  #client: SMTP | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /** Connects when there is no connection. Rejects with what `SMTP.connect` throws: no message can be probed then. */
  async connect(): Promise<void> {
    if (this.#client?.connected !== true) this.#client = await connectTo(this.#options);
  }

  /** One result for each recipient. Rejects with SMTPSenderRefused, and with what ends a connection. */
  async ask({ from, to }: Envelope): Promise<readonly RecipientResult[]> {
    const client = this.#client;
    if (client === undefined) throw new Error('connect() comes first');
    const isUtf8 = ![from, ...to].every((address) => ASCII.test(address));
    const params: EsmtpParams = isUtf8 ? ['SMTPUTF8'] : [];
    const mail = await client.mail(from, params);
    const recipients: RecipientResult[] = [];
    if (isSuccess(mail)) {
      for (const [index, address] of to.entries()) {
        const reply = await client.rcpt(address);
        recipients.push({ index, address, status: isSuccess(reply) ? 'accepted' : 'refused', stage: 'rcpt', reply });
      }
    }
    if (client.connected) await client.rset();
    if (isSuccess(mail)) return recipients;
    throw new SMTPSenderRefused(`the server refused the sender <${from}>: ${replyText(mail)}`, {
      reply: mail,
      sender: from,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#options.signal.aborted) this.#client?.close();
    else await this.#client?.[Symbol.asyncDispose]();
  }
}

function isSuccess({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}
