/**
 * Looks at an outbox that other processes work on, for as many pages as want to know. One rule: looking takes a small part of the time,
 * however many entries and pages there are; and nobody looks while nobody wants to know.
 */
import type { OverviewJson, WindowName } from './api-types.js';
import type { OutboxSource } from './source.js';
import { Tally } from './tally.js';

/** What was seen so long ago is still good enough. */
export const FRESH_MS = 1_000;
/** From the end of one look to the next: that, or so many times as long as looking took. */
const REST_MS = 2_000;
const REST_FACTOR = 10;

export interface WatchOptions {
  readonly outbox: Pick<OutboxSource, 'list'>;
  /** What the store is called. */
  readonly store: string;
  /** Rejects when the store is not there any more. */
  readonly probe: () => Promise<void>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export interface WatchListener {
  /** Whether anybody wants to know. */
  readonly isNeeded: () => boolean;
  readonly changed: (asOfMs: number) => void;
  readonly failed: (error: unknown) => void;
}

interface Seen {
  readonly tally: Tally;
  /** When the look began, and ended. */
  readonly atMs: number;
  readonly endedAtMs: number;
}

export class Watch {
  readonly #options: WatchOptions;
  #looking: Promise<Seen> | undefined;
  #seen: Seen | undefined;
  /** How long looking has taken since the last tick. */
  #spentMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Of a look that is not older than FRESH_MS, else of a new one. */
  async overview(window: WindowName): Promise<OverviewJson> {
    return (await this.#fresh()).tally.overview(window);
  }

  /** What was seen is out of date: something was changed here. */
  forget(): void {
    this.#seen = undefined;
  }

  /** Another way of looking, such as for single entries: it counts, too. */
  async spend<T>(look: () => Promise<T>): Promise<T> {
    const { now } = this.#options;
    const fromMs = now();
    try {
      return await look();
    } finally {
      this.#spentMs += Math.max(0, now() - fromMs);
    }
  }

  /** Looks again and again, until `stop()`. */
  start(listener: WatchListener): void {
    this.#wait(REST_MS, listener);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number, listener: WatchListener): void {
    this.#timer = setTimeout(() => {
      void this.#tick(listener);
    }, ms);
    this.#timer.unref();
  }

  async #tick(listener: WatchListener): Promise<void> {
    const restMs = this.#spentMs * REST_FACTOR;
    const restedMs = this.#options.now() - (this.#seen?.endedAtMs ?? 0);
    if (listener.isNeeded() && restedMs < restMs) {
      // Of a clock that was set back no more is believed than the rest itself.
      this.#wait(Math.min(restMs, restMs - restedMs), listener);
      return;
    }
    if (listener.isNeeded()) {
      this.#spentMs = 0;
      try {
        listener.changed((await this.#look()).atMs);
      } catch (error) {
        listener.failed(error);
      }
    }
    // It may have been stopped meanwhile.
    if (this.#timer !== undefined) this.#wait(REST_MS, listener);
  }

  async #fresh(): Promise<Seen> {
    const seen = this.#seen;
    if (seen !== undefined && Math.abs(this.#options.now() - seen.endedAtMs) < FRESH_MS) return seen;
    return await this.#look();
  }

  /** All who want to know at the same time share one look. */
  #look(): Promise<Seen> {
    this.#looking ??= this.#count().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #count(): Promise<Seen> {
    const { outbox, store, probe, now } = this.#options;
    await probe();
    const atMs = now();
    const tally = new Tally(store, atMs);
    await this.spend(async () => {
      for await (const entry of outbox.list()) tally.add(entry);
    });
    this.#seen = { tally, atMs, endedAtMs: now() };
    return this.#seen;
  }
}
