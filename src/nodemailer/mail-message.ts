/**
 * The message on its way through plugins: `mail.data`, and `mail.message` once it is composed. One rule: what the caller gave is never
 * changed; plugins change a copy.
 */
import type { Access } from './access.js';
import type { CompiledMessage } from './compiled-message.js';
import { isStream, streamsOf, valueOf, type ContentWorld } from './content.js';
import { headerPairs } from './header-fields.js';
import { causesOf, NodemailerError } from './nodemailer-error.js';
import { ownCopy } from './own-keys.js';
import { normalized, resolved } from './normalized-data.js';
import { settled } from './settled.js';
import type { CommonOptions } from './transport-types.js';

export type DataCallback = (error: Error | null, data?: Record<string, unknown>) => void;
export type ContentCallback = (error: Error | null, value?: unknown) => void;

/** Options of the transport that no message may weaken. */
const FORCED = ['disableFileAccess', 'disableUrlAccess', 'maxRecipients'] as const;

export class MailMessage {
  /** The fields, those of the defaults among them. Plugins may change them in the step `compile`. */
  readonly data: Record<string, unknown>;
  /** The transporter that sends it. */
  readonly mailer: unknown;
  #message: CompiledMessage | undefined;
  readonly #access: Access;
  /** The first error of a stream that nobody reads yet: without a listener it would end the process. */
  readonly #failures = new Map<object, Error>();

  /** @internal */
  constructor(mailer: unknown, given: unknown, defaults: unknown, options: CommonOptions, access: Access) {
    this.mailer = mailer;
    this.data = ownCopy(given, defaults);
    this.data['headers'] = mergedHeaders(ownCopy(given)['headers'], ownCopy(defaults)['headers']);
    for (const key of FORCED) if (options[key] !== undefined) this.data[key] = options[key];
    for (const key of ['disableFileAccess', 'disableUrlAccess']) {
      if (ownCopy(defaults)[key] === true) this.data[key] = true;
    }
    this.#access = access;
    this.watchStreams();
  }

  /** Composed: from the step `stream` on. Undefined in front of it. */
  get message(): CompiledMessage {
    // eslint-disable-next-line @typescript-eslint/no-non-null-assertion -- undefined in the step `compile`, and its plugins know
    return this.#message!;
  }

  set message(message: CompiledMessage) {
    this.#message = message;
  }

  /** @internal What may be read for it. */
  world(): ContentWorld {
    const { signal } = this.data;
    return {
      access: this.#access.closedBy(this.data),
      signal: signal instanceof AbortSignal ? signal : undefined,
    };
  }

  /** @internal Also those that plugins have put in meanwhile. */
  watchStreams(): void {
    for (const stream of streamsOf(this.data)) {
      if (this.#failures.has(stream)) continue;
      stream.on('error', (error) => {
        if (!this.#failures.has(stream)) this.#failures.set(stream, error);
      });
    }
  }

  /** @internal What an error of a stream of the message comes to, wherever it showed. */
  streamError(error: unknown): unknown {
    for (const failure of this.#failures.values()) {
      if (!causesOf(error).includes(failure)) continue;
      const { code } = failure as { code?: unknown };
      return new NodemailerError(`a stream of the message failed: ${failure.message}`, 'ESTREAM', {
        command: 'API',
        originalCode: typeof code === 'string' ? code : undefined,
        cause: error,
        hint: 'The cause is the error of the stream.',
      });
    }
    return error;
  }

  /** @internal Lets go of files and sockets behind the streams of a message that is not sent. */
  releaseStreams(): void {
    for (const stream of streamsOf(this.data)) if (!stream.destroyed) stream.destroy();
  }

  /** The content at `data[key]`, whatever form it is given in: text or octets. */
  resolveContent(data: object, key: string | number, callback: ContentCallback): void;
  resolveContent(
    data: object,
    key: string | number,
    options: object | false | undefined,
    callback: ContentCallback,
  ): void;
  resolveContent(data: object, key: string | number, options?: object | false): Promise<unknown>;
  resolveContent(
    data: object,
    key: string | number,
    options?: object | false | ContentCallback,
    callback?: ContentCallback,
  ): Promise<unknown> | undefined {
    const closing = typeof options === 'object' ? options : {};
    return settled(
      this.#resolve(data, key, closing),
      typeof options === 'function' ? (options as ContentCallback) : callback,
    );
  }

  async #resolve(data: object, key: string | number, closing: object): Promise<unknown> {
    const place = data as Record<string | number, unknown>;
    const world = this.world();
    const value = place[key];
    const content = await valueOf(value, String(key), { ...world, access: world.access.closedBy(closing) });
    // A stream can be read once: what it gave takes its place.
    if (isStream(value)) place[key] = content;
    else if (typeof value === 'object' && value !== null && 'content' in value && isStream(value.content))
      value.content = content;
    return content;
  }

  /** Reads all contents into memory, and the addresses of the fields. */
  resolveAll(callback: DataCallback): void {
    void settled(resolved(this.data, this.world()), callback);
  }

  /** `resolveAll()`, with the envelope, the identifier, and octets as base64: what can be written as JSON. */
  normalize(callback: DataCallback): void {
    void settled(normalized(this.data, this.message, this.world()), callback);
  }
}

/** Fields of the defaults that the message does not name itself. */
function mergedHeaders(own: unknown, defaults: unknown): unknown {
  if (defaults === undefined || defaults === null) return own ?? {};
  if (!Array.isArray(own) && !Array.isArray(defaults)) return ownCopy(own, defaults);
  const pairs = headerPairs(own ?? {});
  const named = new Set(pairs.map(([name]) => name.toLowerCase()));
  const more = headerPairs(defaults).filter(([name]) => !named.has(name.toLowerCase()));
  return [...pairs, ...more].map(([key, value]) => ({ key, value }));
}
