/** Hands each event to all who listen. One rule: who does not keep up loses the oldest events, is told how many, and holds nobody up. */
import type { OutboxEvent } from './events.js';
import type { EventsOptions } from './options.js';

/** What `events()` gives. It ends when the outbox is closed, the signal fires, or the loop is left. */
export interface OutboxEvents extends AsyncIterableIterator<OutboxEvent> {
  /** How many events were dropped because nobody took them in time. */
  readonly dropped: number;
  return(): Promise<IteratorResult<OutboxEvent, undefined>>;
}

const DEFAULT_BUFFER_SIZE = 1_000;

export class EventHub {
  readonly #listeners = new Set<Listener>();
  #closed = false;

  /** Listens from this call on, not from the first `next()`. */
  listen({ bufferSize = DEFAULT_BUFFER_SIZE, signal }: EventsOptions): OutboxEvents {
    const listener = new Listener(bufferSize, () => {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', onAbort);
    });
    const onAbort = (): void => {
      listener.end();
    };
    if (this.#closed || signal?.aborted === true) listener.end();
    else {
      this.#listeners.add(listener);
      signal?.addEventListener('abort', onAbort, { once: true });
    }
    return listener;
  }

  emit(event: OutboxEvent): void {
    for (const listener of this.#listeners) listener.push(event);
  }

  close(): void {
    this.#closed = true;
    for (const listener of [...this.#listeners]) listener.end();
  }
}

type Result = IteratorResult<OutboxEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

class Listener implements OutboxEvents {
  readonly #bufferSize: number;
  readonly #onEnd: () => void;
  readonly #buffer: OutboxEvent[] = [];
  readonly #takers: ((result: Result) => void)[] = [];
  #ended = false;
  #dropped = 0;

  constructor(bufferSize: number, onEnd: () => void) {
    this.#bufferSize = bufferSize;
    this.#onEnd = onEnd;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(event: OutboxEvent): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker({ done: false, value: event });
      return;
    }
    if (this.#buffer.length === this.#bufferSize) {
      this.#buffer.shift();
      this.#dropped += 1;
    }
    this.#buffer.push(event);
  }

  /** What was emitted before can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    for (const taker of this.#takers.splice(0)) taker(DONE);
  }

  next(): Promise<Result> {
    const value = this.#buffer.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
    });
  }

  return(): Promise<Result> {
    this.#buffer.length = 0;
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
