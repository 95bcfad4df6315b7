/**
 * One listener on a signal of the caller, however many sends it is to end: they listen to a relay of it. Node takes more than ten
 * listeners for a leak, and warns. When no send needs a signal any more, nothing of us is left in it.
 */
import { setMaxListeners } from 'node:events';
import { anySignal, type AnySignal } from '../client/any-signal.js';

interface Relay {
  readonly controller: AbortController;
  readonly pass: () => void;
  users: number;
}

export class SharedSignals {
  readonly #relays = new Map<AbortSignal, Relay>();

  /** A signal that fires with any of these, until it is released. */
  either(...given: readonly (AbortSignal | undefined)[]): AnySignal {
    const sources = [...new Set(given.filter((signal) => signal !== undefined))];
    if (sources.length === 0) return anySignal();
    const fired = sources.find((source) => source.aborted);
    if (fired !== undefined) return anySignal(fired);
    const either = anySignal(...sources.map((source) => this.#join(source)));
    let released = false;
    return {
      signal: either.signal,
      release: () => {
        if (released) return;
        released = true;
        either.release();
        for (const source of sources) this.#leave(source);
      },
    };
  }

  #join(source: AbortSignal): AbortSignal {
    let relay = this.#relays.get(source);
    if (relay === undefined) {
      const controller = new AbortController();
      setMaxListeners(0, controller.signal);
      const pass = (): void => {
        controller.abort(source.reason);
      };
      relay = { controller, pass, users: 0 };
      this.#relays.set(source, relay);
      source.addEventListener('abort', pass, { once: true });
    }
    relay.users += 1;
    return relay.controller.signal;
  }

  #leave(source: AbortSignal): void {
    const relay = this.#relays.get(source);
    if (relay === undefined) return;
    relay.users -= 1;
    if (relay.users > 0) return;
    this.#relays.delete(source);
    source.removeEventListener('abort', relay.pass);
  }
}
