/** The transport that sends nothing and gives the message as a stream or a Buffer: the octets that would have been sent. */
import { Readable } from 'node:stream';
import { signDkim } from '../index.js';
import { dkimKeysOf } from './dkim-keys.js';
import type { MailMessage } from './mail-message.js';
import type { Transport } from './transport.js';
import type { StreamSentInfo, StreamTransportOptions } from './transport-types.js';
import { VERSION } from './version.js';

const WINDOWS: ReadonlySet<string> = new Set(['win', 'windows', 'dos', '\r\n']);

export class StreamTransport implements Transport<StreamSentInfo> {
  readonly name = 'StreamTransport';
  readonly version = VERSION;
  readonly capacity = Infinity;
  readonly #options: StreamTransportOptions;

  /** @throws NodemailerError: `ECONFIG`. */
  constructor(options: StreamTransportOptions) {
    this.#options = options;
    dkimKeysOf(options.dkim);
  }

  replayable(data: Readonly<Record<string, unknown>>): boolean {
    return (data['dkim'] ?? this.#options.dkim) !== undefined;
  }

  async send(mail: MailMessage): Promise<StreamSentInfo> {
    const keys = dkimKeysOf(mail.data['dkim'] ?? this.#options.dkim);
    const composed = await mail.message.finished();
    const envelope = mail.message.getEnvelope();
    const messageId = mail.message.messageId();
    const message = keys === undefined ? composed : await signDkim(composed, keys);
    const { newline = '', buffer } = this.#options;
    const octets =
      newline === '' || WINDOWS.has(newline.toLowerCase()) ? message.stream() : withoutCr(message.stream());
    const stream = Readable.from(octets, { objectMode: false });
    if (buffer !== true) return { envelope, messageId, message: stream };
    const chunks: Uint8Array[] = [];
    for await (const chunk of octets) chunks.push(chunk);
    return { envelope, messageId, message: Buffer.concat(chunks) };
  }

  verify(): Promise<true> {
    return Promise.resolve(true);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const CR = 0x0d;

/** Every CR of a message in its canonical form stands in front of a LF. */
async function* withoutCr(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of octets) yield chunk.filter((octet) => octet !== CR);
}
