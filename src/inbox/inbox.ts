/**
 * A mail server that keeps what it gets and shows it: for a desk, and for tests. One rule: what it opened it closes, whichever half
 * of it fails.
 */
import { reachableHost } from '../web/index.js';
import { makeInboxMessage, type InboxMessage } from './inbox-message.js';
import { MessageStore } from './message-store.js';
import { resolveInboxOptions, type InboxOptions, type ResolvedInboxOptions } from './options.js';
import { SmtpService } from './smtp-service.js';
import { Waiters, type WaitOptions } from './wait-for.js';
import { WebService } from './web-service.js';

interface Parts {
  readonly options: ResolvedInboxOptions;
  readonly store: MessageStore;
  readonly waiters: Waiters;
  readonly smtp: SmtpService;
  readonly web: WebService;
  readonly smtpUrl: string;
}

/**
 * An SMTP server on this machine that delivers nothing. `await using inbox = await Inbox.start()`, then send to `inbox.smtpUrl`, and
 * `await inbox.waitFor({ to: 'ann@example.org' })`.
 */
export class Inbox implements AsyncDisposable {
  readonly #parts: Parts;
  #closed: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Listens for SMTP and for browsers; on free ports of 127.0.0.1 unless `options` say otherwise.
   *
   * @throws MessageError, code `ERR_INVALID_OPTION`; SMTPException: `ERR_INBOX_CANNOT_LISTEN`, `ERR_INBOX_NEEDS_SMTP_SERVER`.
   */
  static async start(options?: InboxOptions): Promise<Inbox> {
    const resolved = resolveInboxOptions(options);
    const store = new MessageStore(resolved);
    const waiters = new Waiters(store);
    const smtp = await SmtpService.start(resolved, async (arrival) => {
      const message = await makeInboxMessage(store.nextId(), arrival);
      store.add(message);
      return message.id;
    });
    const smtpUrl = `smtp://${reachableHost(resolved.host)}:${String(smtp.port)}`;
    try {
      const web = await WebService.start({ store, waiters, options: resolved, smtpUrl });
      return new Inbox({ options: resolved, store, waiters, smtp, web, smtpUrl });
    } catch (error) {
      await smtp.close();
      throw error;
    }
  }

  /** Where to send: `smtp://127.0.0.1:1025`. */
  get smtpUrl(): string {
    return this.#parts.smtpUrl;
  }

  /** With `tls`: the certificate of the SMTP server as PEM, for clients to trust (`tls: { ca: inbox.certificate }`). */
  get certificate(): string | undefined {
    return this.#parts.smtp.certificate;
  }

  /** The page: `http://127.0.0.1:8025/`. The REST interface is below it, at `api/`. */
  get webUrl(): string {
    const { options, web } = this.#parts;
    return `http://${reachableHost(options.host)}:${String(web.port)}/`;
  }

  /** What has arrived and is still kept, the oldest first. A message is here before its sender hears that it was accepted. */
  get messages(): readonly InboxMessage[] {
    return this.#parts.store.messages;
  }

  /**
   * The first message that fits: one that is here already, else the next one that comes.
   *
   * @throws SMTPException: `ERR_INBOX_WAIT_TIMEOUT` when none comes in time (its hint says what did come), `ERR_INBOX_CLOSED`,
   *   `ERR_INBOX_TOO_MANY_WAITERS`; MessageError, code `ERR_INVALID_OPTION`; the reason of `signal` when that fires.
   */
  waitFor(options: WaitOptions = {}): Promise<InboxMessage> {
    return this.#parts.waiters.wait(options);
  }

  /** Calls `listener` for each message that comes; the result ends that. */
  onMessage(listener: (message: InboxMessage) => void): () => void {
    return this.#parts.store.listen((event) => {
      if (event.type === 'added') listener(event.message);
    });
  }

  /** Deletes one message. Whether it was there. */
  delete(id: number): boolean {
    return this.#parts.store.delete(id);
  }

  /** Deletes all messages, and gives how many there were. */
  clear(): number {
    return this.#parts.store.clear();
  }

  /** Ends every connection and every wait; the messages stay readable. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { waiters, smtp, web } = this.#parts;
    waiters.close();
    await Promise.all([smtp.close(), web.close()]);
  }
}
