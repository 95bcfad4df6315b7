/**
 * A loop over many sends. One rule: messages that were read from the source and whose outcome was not taken yet never outnumber
 * `concurrency`, so that a slow server and a slow loop both hold the source back. No outcome is lost, unless the loop is left.
 */
import type { PosthasteError } from '../errors.js';
import type { SendResult } from '../types.js';
import type { Submitted } from './sending.js';
import { sourceError } from './unsent-errors.js';

/** What became of one message of `sendAll()`; `index` counts the messages from 0, in the order of the source. */
export type SendOutcome<M> = { readonly index: number; readonly message: M } & (
  { readonly ok: true; readonly result: SendResult } | { readonly ok: false; readonly error: PosthasteError }
);

type Waiter<M> = PromiseWithBoth<IteratorResult<SendOutcome<M>, undefined>>;

interface PromiseWithBoth<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

export function sendAll<M>(
  messages: Iterable<M> | AsyncIterable<M>,
  concurrency: number,
  submit: (message: M) => Submitted,
): AsyncIterableIterator<SendOutcome<M>> {
  return new SendAll(messages, concurrency, submit);
}

class SendAll<M> implements AsyncIterableIterator<SendOutcome<M>> {
  readonly #messages: Iterable<M> | AsyncIterable<M>;
  readonly #concurrency: number;
  readonly #submit: (message: M) => Submitted;
  #source: Iterator<M> | AsyncIterator<M> | undefined;
  /** reading: a message is awaited from the source. */
  #state: 'new' | 'open' | 'reading' | 'ended' | 'left' = 'new';
  #sourceError: { readonly error: unknown } | undefined;
  #count = 0;
  readonly #running = new Map<number, Submitted>();
  readonly #settled: SendOutcome<M>[] = [];
  readonly #waiters: Waiter<M>[] = [];
  #onQuiet: (() => void) | undefined;

  constructor(messages: Iterable<M> | AsyncIterable<M>, concurrency: number, submit: (message: M) => Submitted) {
    this.#messages = messages;
    this.#concurrency = concurrency;
    this.#submit = submit;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Nothing is read from the source before it is called for the first time. */
  async next(): Promise<IteratorResult<SendOutcome<M>, undefined>> {
    const outcome = this.#settled.shift();
    if (outcome !== undefined) {
      this.#read();
      return { done: false, value: outcome };
    }
    return await new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#read();
      this.#serve();
    });
  }

  /** The loop was left: what is under way is settled, the rest is given up, and the source is told. */
  async return(): Promise<IteratorResult<SendOutcome<M>, undefined>> {
    await this.#leave();
    return DONE;
  }

  async throw(error: unknown): Promise<IteratorResult<SendOutcome<M>, undefined>> {
    await this.#leave();
    throw error;
  }

  async #leave(): Promise<void> {
    const before = this.#state;
    this.#state = 'left';
    for (const submitted of [...this.#running.values()]) submitted.cancel();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
    this.#settled.length = 0;
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
    }
    // A source that is being read may never answer; it is told all the same, but not waited for.
    if (before === 'open') await this.#source?.return?.();
    if (before === 'reading') void Promise.resolve(this.#source?.return?.()).catch(() => undefined);
  }

  #read(): void {
    if (this.#state === 'new') {
      try {
        const messages = this.#messages;
        this.#source =
          Symbol.asyncIterator in messages ? messages[Symbol.asyncIterator]() : messages[Symbol.iterator]();
        this.#state = 'open';
      } catch (error) {
        this.#sourceEnded({ error });
      }
    }
    while (this.#state === 'open' && this.#running.size + this.#settled.length < this.#concurrency) {
      let reading: IteratorResult<M> | Promise<IteratorResult<M>> | undefined;
      try {
        reading = this.#source?.next();
      } catch (error) {
        this.#sourceEnded({ error });
        return;
      }
      if (reading instanceof Promise || (typeof reading === 'object' && 'then' in reading)) {
        this.#state = 'reading';
        Promise.resolve(reading).then(
          (result) => {
            if (this.#state !== 'reading') return;
            this.#state = 'open';
            this.#take(result);
            this.#read();
            this.#serve();
          },
          (error: unknown) => {
            if (this.#state === 'reading') this.#sourceEnded({ error });
          },
        );
        return;
      }
      if (reading === undefined) return;
      this.#take(reading);
    }
    this.#serve();
  }

  #take(result: IteratorResult<M>): void {
    if (result.done === true) {
      this.#sourceEnded(undefined);
      return;
    }
    const message = result.value;
    const index = this.#count;
    this.#count += 1;
    let submitted: Submitted;
    try {
      submitted = this.#submit(message);
    } catch (error) {
      this.#settle({ index, message, ok: false, error: sourceError(error) });
      return;
    }
    this.#running.set(index, submitted);
    submitted.result.then(
      (sent) => {
        this.#settle({ index, message, ok: true, result: sent });
      },
      (error: unknown) => {
        this.#settle({ index, message, ok: false, error: sourceError(error) });
      },
    );
  }

  #settle(outcome: SendOutcome<M>): void {
    this.#running.delete(outcome.index);
    if (this.#state === 'left') {
      if (this.#running.size === 0) this.#onQuiet?.();
      return;
    }
    this.#settled.push(outcome);
    this.#serve();
  }

  #sourceEnded(failure: { readonly error: unknown } | undefined): void {
    this.#state = 'ended';
    this.#sourceError = failure;
    this.#serve();
  }

  /** Gives outcomes to those that wait for one, and the end when there is nothing more to come. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      const outcome = this.#settled.shift();
      if (outcome !== undefined) {
        this.#waiters.shift()?.resolve({ done: false, value: outcome });
        if (this.#state === 'open') this.#read();
        continue;
      }
      if (this.#state === 'left') {
        this.#waiters.shift()?.resolve(DONE);
      } else if (this.#state === 'ended' && this.#running.size === 0) {
        const failure = this.#sourceError;
        this.#sourceError = undefined;
        const waiter = this.#waiters.shift();
        if (failure === undefined) waiter?.resolve(DONE);
        else waiter?.reject(failure.error);
      } else {
        return;
      }
    }
  }
}
