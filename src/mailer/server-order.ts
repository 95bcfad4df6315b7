/**
 * Which of several servers a message goes to. One that could not be reached is left out for a while, unless there is no other: then
 * it is better to try than to wait. Within one attempt no server is tried twice.
 */
import type { Clock } from './clock.js';

/** How long a server that could not be reached is left out. */
export const DEAD_MS = 30_000;

/** `failover`: the first one that lives. `roundrobin`: each message begins with the next one. */
export type ServerStrategy = 'failover' | 'roundrobin';

export class ServerOrder {
  readonly #strategy: ServerStrategy;
  readonly #clock: Clock;
  readonly #deadUntilMs: number[];
  #turn = 0;
  #first = 0;

  constructor(count: number, strategy: ServerStrategy, clock: Clock) {
    this.#strategy = strategy;
    this.#clock = clock;
    this.#deadUntilMs = Array.from({ length: count }, () => -Infinity);
  }

  /** The number of the next server to try; undefined when all were tried. */
  choose(tried: readonly number[]): number | undefined {
    const count = this.#deadUntilMs.length;
    if (this.#strategy === 'roundrobin' && tried.length === 0) {
      this.#first = this.#turn;
      this.#turn = (this.#turn + 1) % count;
    }
    // The one behind the first that was tried, all around.
    const first = this.#strategy === 'roundrobin' ? (tried[0] ?? this.#first) : 0;
    const nowMs = this.#clock.now();
    let best: number | undefined;
    for (let step = 0; step < count; step += 1) {
      const server = (first + step) % count;
      if (tried.includes(server)) continue;
      if (this.#deadUntil(server) <= nowMs) return server;
      if (best === undefined || this.#deadUntil(server) < this.#deadUntil(best)) best = server;
    }
    return best;
  }

  died(server: number): void {
    this.#deadUntilMs[server] = this.#clock.now() + DEAD_MS;
  }

  lived(server: number): void {
    this.#deadUntilMs[server] = -Infinity;
  }

  #deadUntil(server: number): number {
    return this.#deadUntilMs[server] ?? -Infinity;
  }
}
