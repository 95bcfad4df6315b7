/**
 * The public face of the outbox: checks what it is given, writes it down, and runs what sends it. One rule: what `enqueue()` has
 * resolved with is on disk, and stays there until it is sent, over, or purged.
 */
import type { Sendable } from '../index.js';
import { decideOn } from './decide-on.js';
import type { OutboxEntry } from './entry.js';
import { systemEnvironment, type OutboxEnvironment } from './environment.js';
import { eventOf } from './event-of.js';
import { EventHub, type OutboxEvents } from './event-hub.js';
import { enqueueBatches } from './enqueue-batches.js';
import { LmdbStore } from './lmdb-store.js';
import { cancelled, retried } from './manage.js';
import type {
  EnqueueItem,
  EnqueueOptions,
  EventsOptions,
  ListOptions,
  OutboxOptions,
  PurgeOptions,
  StartOptions,
} from './options.js';
import { OutboxError } from './outbox-error.js';
import { newRecord } from './new-record.js';
import { OutboxIds } from './outbox-id.js';
import { checkSignal, orAborted } from './or-aborted.js';
import { purge } from './purge.js';
import { entryOf } from './record.js';
import {
  checkCount,
  checkState,
  resolveOutboxOptions,
  resolvePurge,
  type ResolvedOutboxOptions,
} from './resolve-options.js';
import { Runner } from './runner.js';
import type { OutboxAddition, OutboxCounts, OutboxRecord, OutboxStore } from './store.js';

const DEFAULT_CONCURRENCY = 5;
const LIST_PAGE = 100;

let open: (options: OutboxOptions, environment: OutboxEnvironment) => Promise<Outbox>;

/** Keeps messages until they are sent, through crashes and restarts; any number of processes may share its store. */
export class Outbox implements AsyncDisposable {
  readonly #store: OutboxStore;
  readonly #ownsStore: boolean;
  readonly #settings: ResolvedOutboxOptions;
  readonly #environment: OutboxEnvironment;
  readonly #report: (error: unknown) => void;
  readonly #ids: OutboxIds;
  readonly #hub = new EventHub();
  #runner: Runner | undefined;
  #starting: Promise<Runner> | undefined;
  #closed: Promise<void> | undefined;

  static {
    open = async (options, environment) => {
      const settings = resolveOutboxOptions(options, environment);
      const { store, onError = warn } = options;
      const opened = typeof store === 'string' ? await LmdbStore.open(store) : store;
      return new Outbox(opened, typeof store === 'string', settings, environment, onError);
    };
  }

  private constructor(
    store: OutboxStore,
    ownsStore: boolean,
    settings: ResolvedOutboxOptions,
    environment: OutboxEnvironment,
    report: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#ownsStore = ownsStore;
    this.#settings = settings;
    this.#environment = environment;
    this.#report = report;
    this.#ids = new OutboxIds(environment);
  }

  /**
   * Opens the store. Nothing is sent before `start()`.
   *
   * @throws MessageError (`ERR_INVALID_OPTION`), OutboxError (`ERR_OUTBOX_NEEDS_LMDB`, `ERR_OUTBOX_STORE`).
   */
  static async open(options: OutboxOptions): Promise<Outbox> {
    return await open(options, systemEnvironment);
  }

  /**
   * Takes a message in. When it resolves, the message, its envelope, Date, Message-ID and boundaries are durable, and what is sent
   * will be these octets. With a `key` that stands for the same message already: the entry that there is.
   *
   * @throws what `Mailer.send` throws before it connects; MessageTooLargeError; MessageError (`ERR_INVALID_OPTION`); SMTPAbortedError;
   *   OutboxError: `ERR_OUTBOX_KEY_CONFLICT`, `ERR_OUTBOX_FULL`, `ERR_OUTBOX_STORE`, `ERR_OUTBOX_CLOSED`.
   */
  async enqueue(message: Sendable, options: EnqueueOptions = {}): Promise<OutboxEntry> {
    this.#checkOpen();
    const work = async (): Promise<OutboxEntry> => {
      const [entry] = await this.#write([await this.#prepare(message, options)]);
      if (entry === undefined) throw new Error('a store answers for each addition');
      return entry;
    };
    return await orAborted(work(), options.signal);
  }

  /**
   * Takes many messages in, a few hundred in each commit, and resolves with their entries in the same order. When one is refused, or the
   * store fails, it rejects with that error; what stands in front of that batch is in the outbox by then. With keys the whole call can be
   * repeated.
   */
  async enqueueAll(
    items: Iterable<EnqueueItem> | AsyncIterable<EnqueueItem>,
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly OutboxEntry[]> {
    this.#checkOpen();
    const { signal } = options;
    return await enqueueBatches(items, {
      prepare: async ({ message, ...rest }) =>
        await this.#prepare(message, signal === undefined ? rest : { ...rest, signal }),
      write: async (batch) => await this.#write(batch),
      ...(signal && {
        checkAborted: () => {
          checkSignal(signal);
        },
      }),
    });
  }

  /**
   * Begins to send what is due. It goes on, and keeps the process alive, until `stop()`. Entries that a dead process had in hand are taken over
   * first.
   *
   * @throws OutboxError: `ERR_OUTBOX_NO_MAILER`, `ERR_OUTBOX_STATE` (it was started already), `ERR_OUTBOX_STORE`, `ERR_OUTBOX_CLOSED`.
   */
  async start(options: StartOptions = {}): Promise<void> {
    this.#checkOpen();
    const { concurrency = DEFAULT_CONCURRENCY } = options;
    checkCount('concurrency', concurrency);
    const { mailer } = this.#settings;
    if (mailer === undefined) {
      throw new OutboxError('the outbox was opened without a mailer', {
        code: 'ERR_OUTBOX_NO_MAILER',
        hint: 'Give Outbox.open() a mailer: new Mailer(url).',
      });
    }
    if (this.#runner !== undefined || this.#starting !== undefined) {
      throw new OutboxError('the outbox was started already', { code: 'ERR_OUTBOX_STATE', hint: 'Call stop() first.' });
    }
    this.#starting = Runner.start({
      store: this.#store,
      mailer,
      settings: this.#settings,
      environment: this.#environment,
      concurrency,
      emit: (event) => {
        this.#hub.emit(event);
      },
      report: this.#report,
    });
    try {
      this.#runner = await this.#starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /**
   * Begins nothing more, and resolves when what is in hand is settled and written down. It can be started again. With a signal: no longer
   * waits when that fires; the stop goes on.
   */
  async stop(options: { signal?: AbortSignal } = {}): Promise<void> {
    const work = async (): Promise<void> => {
      await this.#starting?.catch(() => undefined);
      const runner = this.#runner;
      if (runner === undefined) return;
      await runner.stop();
      if (this.#runner === runner) this.#runner = undefined;
    };
    await orAborted(work(), options.signal);
  }

  /**
   * Resolves when nothing is in hand, of any process, and nothing is due. What is deferred or was given a `notBefore` is not waited
   * for, nor what is held as `unknown`.
   *
   * @throws OutboxError, code `ERR_OUTBOX_NOT_STARTED`: also when it is stopped meanwhile. SMTPAbortedError.
   */
  async drain(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    await this.#starting;
    const runner = this.#runner;
    while (runner !== undefined && !runner.isStopping) {
      checkSignal(signal);
      const { sending } = await this.#store.counts();
      const dueAtMs = await this.#store.nextDueAtMs();
      if (sending === 0 && (dueAtMs === undefined || dueAtMs > this.#environment.now())) return;
      await orAborted(runner.progress(), signal);
    }
    throw new OutboxError('the outbox is not started, and nothing is sent', {
      code: 'ERR_OUTBOX_NOT_STARTED',
      hint: 'Call start() first.',
    });
  }

  async get(id: string): Promise<OutboxEntry | undefined> {
    this.#checkOpen();
    return snapshot(await this.#store.get(id));
  }

  async getByKey(key: string): Promise<OutboxEntry | undefined> {
    this.#checkOpen();
    return snapshot(await this.#store.getByKey(key));
  }

  /** The entries in the order of enqueueing. Each is as it was when it was read: others may change while the loop goes on. */
  async *list(options: ListOptions = {}): AsyncIterableIterator<OutboxEntry> {
    this.#checkOpen();
    const { state, limit = Infinity } = options;
    if (state !== undefined) checkState(state);
    if (limit !== Infinity) checkCount('limit', limit);
    let { after } = options;
    for (let left = limit; left > 0;) {
      const page = await this.#store.list({ state, after, limit: Math.min(left, LIST_PAGE) });
      for (const record of page) yield entryOf(record);
      if (page.length < Math.min(left, LIST_PAGE)) return;
      left -= page.length;
      after = page.at(-1)?.id;
    }
  }

  /** How many entries there are in each state. */
  async counts(): Promise<OutboxCounts> {
    this.#checkOpen();
    return await this.#store.counts();
  }

  /** The octets that each attempt sends. Undefined when there is no such entry. */
  async content(id: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    return await this.#store.content(id);
  }

  /**
   * Gives an entry up that waits, or is held. Who has got it, has got it.
   *
   * @throws OutboxError: `ERR_OUTBOX_NO_ENTRY`; `ERR_OUTBOX_STATE` for one that is over, or in hand at this moment (then `retryable`).
   */
  async cancel(id: string): Promise<OutboxEntry> {
    return await this.#decide(id, (record) => cancelled(record, this.#environment.now()));
  }

  /**
   * Makes an entry due now: one that waits; one that is `unknown`, whose recipients may then get it twice; and one that is over without having
   * reached everybody, for those whom it has not reached.
   *
   * @throws OutboxError: `ERR_OUTBOX_NO_ENTRY`; `ERR_OUTBOX_STATE` for one that is `sent` or `quarantined`, or in hand at this moment (then
   *   `retryable`).
   */
  async retryNow(id: string): Promise<OutboxEntry> {
    const { expiresAfterMs } = this.#settings;
    return await this.#decide(id, (record) => retried(record, this.#environment.now(), expiresAfterMs));
  }

  /** Deletes what is over, and resolves with how many entries that were. What was deleted is not known by its key any more. */
  async purge(options: PurgeOptions = {}): Promise<number> {
    this.#checkOpen();
    const { olderThanMs, states } = resolvePurge(options);
    // With 0, also what ended in this very millisecond.
    return await purge(this.#store, { beforeMs: this.#environment.now() - olderThanMs + 1, states });
  }

  /** What this process changes, from this call on. Other processes are heard of by `list()` and `counts()`. */
  events(options: EventsOptions = {}): OutboxEvents {
    const { bufferSize } = options;
    if (bufferSize !== undefined) checkCount('bufferSize', bufferSize);
    return this.#hub.listen(options);
  }

  /** `stop()`, ends all events, and closes the store if this outbox has opened it. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    try {
      await this.stop();
    } finally {
      this.#hub.close();
      if (this.#ownsStore) await this.#store.close();
    }
  }

  async #prepare(message: Sendable, options: EnqueueOptions): Promise<OutboxAddition> {
    const nowMs = this.#environment.now();
    return await newRecord(message, options, { id: this.#ids.next(), nowMs, settings: this.#settings });
  }

  async #write(batch: readonly OutboxAddition[]): Promise<readonly OutboxEntry[]> {
    const finishedBeforeMs = this.#environment.now() - this.#settings.retentionMs;
    const answers = await this.#store.add(batch, { finishedBeforeMs });
    for (const { record, added } of answers) if (added) this.#hub.emit(eventOf(record));
    if (answers.some(({ added }) => added)) this.#runner?.wake();
    return answers.map(({ record, added }, index) => {
      if (!added && record.identity !== batch[index]?.record.identity) throw conflict(record);
      return entryOf(record);
    });
  }

  async #decide(id: string, decide: (record: OutboxRecord) => OutboxRecord | OutboxError): Promise<OutboxEntry> {
    this.#checkOpen();
    const record = await decideOn(id, decide, {
      store: this.#store,
      environment: this.#environment,
      settings: this.#settings,
      emit: (event) => {
        this.#hub.emit(event);
      },
    });
    this.#runner?.wake();
    return entryOf(record);
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return;
    throw new OutboxError('the outbox is closed', { code: 'ERR_OUTBOX_CLOSED', hint: 'Open another one.' });
  }
}

/** @internal `Outbox.open()` with a clock, chance and timers of the caller's. */
export async function openOutbox(options: OutboxOptions, environment: OutboxEnvironment): Promise<Outbox> {
  return await open(options, environment);
}

function snapshot(record: OutboxRecord | undefined): OutboxEntry | undefined {
  return record === undefined ? undefined : entryOf(record);
}

function conflict({ key, id }: OutboxRecord): OutboxError {
  return new OutboxError(`the key ${JSON.stringify(key)} stands for another message already`, {
    code: 'ERR_OUTBOX_KEY_CONFLICT',
    hint: `See what it is with get(${JSON.stringify(id)}); give a message of its own a key of its own.`,
  });
}

/** What a running outbox meets while nobody waits for an answer is not passed over. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
