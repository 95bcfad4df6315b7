/**
 * `mail.message`, as plugins and transports see it. One rule: what can be said of a message that is composed already works; what would
 * rebuild it is refused by its name.
 */
import { Readable, type Duplex } from 'node:stream';
import { Message, type Envelope } from '../index.js';
import { addressInput } from './addresses.js';
import { givenEnvelope, type GivenEnvelope } from './compose-mail.js';
import { headerPairs, readHeaders } from './header-fields.js';
import { mailError } from './nodemailer-error.js';
import { listOf } from './own-keys.js';
import { settled } from './settled.js';

export type ProcessFunction = (input: Readable) => Readable;

export class CompiledMessage {
  #message: Message;
  #envelope: GivenEnvelope;
  readonly #stages: ProcessFunction[] = [];

  /** @internal */
  constructor(message: Message, envelope: GivenEnvelope) {
    this.#message = message;
    this.#envelope = envelope;
  }

  /** Who it is from, and everybody it goes to. Throws as `Message.envelope()` does. */
  getEnvelope(): { from: string; to: string[] } {
    const { from, to } = this.#envelope;
    const envelope: Envelope =
      from !== undefined && to !== undefined
        ? { from, to }
        : this.#message.explainEnvelope({
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          });
    return { from: envelope.from, to: [...envelope.to] };
  }

  setEnvelope(envelope: unknown): this {
    this.#envelope = givenEnvelope(envelope);
    return this;
  }

  /** With its angle brackets. A whole message that was given without one has none: `''`. */
  messageId(): string {
    return this.#message.headers.get('Message-ID') ?? '';
  }

  /** The first field of that name, unfolded and in the form of the wire. */
  getHeader(key: string): string | undefined {
    return this.#message.headers.get(key);
  }

  /** Replaces the fields of that name; several at once as an object or a list. */
  setHeader(key: unknown, value?: unknown): this {
    for (const [name, text] of fieldsOf(key, value)) this.#message.headers.set(name, text);
    return this;
  }

  addHeader(key: unknown, value?: unknown): this {
    for (const [name, text] of fieldsOf(key, value)) this.#message.headers.append(name, text);
    return this;
  }

  /** A stream that the octets of the message go through on their way, or a function that makes one. */
  transform(stage: Duplex | (() => Duplex)): void {
    this.processFunc((input) => {
      const output = typeof stage === 'function' ? stage() : stage;
      input.once('error', (error) => output.destroy(error));
      return input.pipe(output);
    });
  }

  /** A function that gives another stream for that of the message. */
  processFunc(stage: ProcessFunction): void {
    this.#stages.push(stage);
  }

  /** The octets that are sent: CRLF line ends, without Bcc. */
  createReadStream(): Readable {
    const octets = Readable.from(this.#message.stream(), { objectMode: false });
    return this.#stages.reduce((input, stage) => stage(input), octets);
  }

  build(): Promise<Buffer>;
  build(callback: (error: Error | null, octets?: Buffer) => void): undefined;
  build(callback?: (error: Error | null, octets?: Buffer) => void): Promise<Buffer> | undefined {
    return settled(this.#build(), callback);
  }

  async #build(): Promise<Buffer> {
    if (this.#stages.length === 0) return Buffer.from(await this.#message.toBytes());
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.createReadStream() as AsyncIterable<Uint8Array | string>) {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk);
    }
    return Buffer.concat(chunks);
  }

  /** @internal The message as it is to be sent: what plugins have done to its octets is done here, once. */
  async finished(): Promise<Message> {
    if (this.#stages.length === 0) return this.#message;
    // The fields of blind copies are not among the octets: whom the message goes to is settled before.
    this.#envelope = this.getEnvelope();
    this.#message = Message.parse(await this.#build());
    this.#stages.length = 0;
    return this.#message;
  }

  createChild(): never {
    throw notOffered('createChild');
  }

  appendChild(): never {
    throw notOffered('appendChild');
  }

  replace(): never {
    throw notOffered('replace');
  }

  remove(): never {
    throw notOffered('remove');
  }

  setContent(): never {
    throw notOffered('setContent');
  }

  setRaw(): never {
    throw notOffered('setRaw');
  }
}

function notOffered(name: string): Error {
  return mailError(
    `mail.message.${name}() is not offered: the message is composed already`,
    "Change mail.data in a plugin of the step 'compile', or the octets with mail.message.transform().",
  );
}

/** Names and values in the form of the wire. */
function fieldsOf(key: unknown, value: unknown): readonly (readonly [name: string, text: string])[] {
  const pairs = typeof key === 'string' ? listOf(value).map((one) => [key, one] as const) : headerPairs(key);
  return pairs.flatMap(([name, one]): readonly (readonly [string, string])[] => {
    const { places, texts, raw } = readHeaders({ [name]: one });
    const places0 = Object.keys(places)[0];
    if (places0 !== undefined) return [[name, placeText(places0, places[places0])]];
    return [
      ...Object.entries(texts).flatMap(([, values]) => values.map((text) => [name, customText(name, text)] as const)),
      ...raw.map((field) => [field.name, field.value] as const),
    ];
  });
}

const ADDRESS_PLACES = ['from', 'sender', 'to', 'cc', 'bcc', 'replyTo'];

/** As `Message.compose` writes it at its own place. */
function placeText(place: string, value: unknown): string {
  const given = ADDRESS_PLACES.includes(place) ? { replyTo: addressInput(value, place) ?? '' } : { [place]: value };
  const message = Message.compose({ from: 'nobody@localhost', ...given });
  return message.headers.get(HEADERS[place] ?? 'Reply-To') ?? '';
}

const HEADERS: Readonly<Record<string, string>> = {
  subject: 'Subject',
  messageId: 'Message-ID',
  inReplyTo: 'In-Reply-To',
  references: 'References',
  date: 'Date',
};

function customText(name: string, text: string): string {
  const message = Message.compose({ from: 'nobody@localhost', headers: { [name]: text } });
  return message.headers.get(name) ?? '';
}
