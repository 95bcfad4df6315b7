/**
 * One listener on a signal of the caller, however many sends it is to end: Node takes more than ten for a leak, warns, and walks over all of
 * them for each that comes or goes. Each send gets a signal of its own. When none needs the caller's any more, nothing of us is left in it.
 */
import type { AnySignal } from '../client/any-signal.js';

interface Relay {
  /** The signals that fire with it. */
  readonly sends: Set<AbortController>;
  readonly pass: () => void;
}

const nothingToRelease = (): void => undefined;

export class SharedSignals {
  readonly #relays = new Map<AbortSignal, Relay>();

  /** A signal that fires with any of these, until it is released. */
  either(...given: readonly (AbortSignal | undefined)[]): AnySignal {
    const sources = given.filter((signal) => signal !== undefined);
    const fired = sources.find((source) => source.aborted);
    if (sources.length === 0 || fired !== undefined) return { signal: fired, release: nothingToRelease };
    const send = new AbortController();
    for (const source of sources) this.#join(source, send);
    return {
      signal: send.signal,
      release: () => {
        for (const source of sources) this.#leave(source, send);
      },
    };
  }

  #join(source: AbortSignal, send: AbortController): void {
    let relay = this.#relays.get(source);
    if (relay === undefined) {
      const sends = new Set<AbortController>();
      const pass = (): void => {
        for (const one of sends) one.abort(source.reason);
      };
      relay = { sends, pass };
      this.#relays.set(source, relay);
      source.addEventListener('abort', pass, { once: true });
    }
    relay.sends.add(send);
  }

  #leave(source: AbortSignal, send: AbortController): void {
    const relay = this.#relays.get(source);
    if (relay?.sends.delete(send) !== true || relay.sends.size > 0) return;
    this.#relays.delete(source);
    source.removeEventListener('abort', relay.pass);
  }
}
