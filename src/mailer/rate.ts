/**
 * A rate as a bucket of tokens: as many messages as one period holds may go at once, and one more whenever its share of the
 * period has passed. It keeps a single number, the time at which the bucket would be full again, so nothing drifts.
 */
import { MessageError } from '../errors.js';

export interface Rate {
  readonly messages: number;
  readonly perMs: number;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

const RATE_FORM = /^\s*(\d{1,9})\s*(?:\/|per)\s*(\d{1,9})?\s*([a-z]+)\s*$/i;
const HINT = "Write '10/s', '600/min', '5000/hour', or { messages: 10, perMs: 1000 }.";

/** Reads `'10/s'`, `'600/min'`, `'100/15min'` or the object form. Throws MessageError, code `ERR_INVALID_OPTION`. */
export function parseRate(given: unknown): Rate {
  if (typeof given === 'string') {
    const [, messages = '', count = '1', unit = ''] = RATE_FORM.exec(given) ?? [];
    const unitMs = Object.hasOwn(UNITS_MS, unit.toLowerCase()) ? UNITS_MS[unit.toLowerCase()] : undefined;
    if (unitMs === undefined) throw invalidRate(`the rate ${JSON.stringify(given)} is none`);
    return checked(Number(messages), Number(count) * unitMs);
  }
  if (typeof given === 'object' && given !== null && 'messages' in given && 'perMs' in given) {
    return checked(given.messages, given.perMs);
  }
  throw invalidRate('the rate is neither text nor { messages, perMs }');
}

function checked(messages: unknown, perMs: unknown): Rate {
  if (typeof messages !== 'number' || !Number.isSafeInteger(messages) || messages < 1) {
    throw invalidRate(`the messages of a rate must be a whole number above 0, not ${String(messages)}`);
  }
  if (typeof perMs !== 'number' || !(perMs > 0) || !Number.isFinite(perMs)) {
    throw invalidRate(`the period of a rate must be a positive number of milliseconds, not ${String(perMs)}`);
  }
  return { messages, perMs };
}

function invalidRate(message: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint: HINT });
}

export class TokenBucket {
  readonly #shareMs: number;
  readonly #capacityMs: number;
  /** When the bucket is full again; in the past when it is. */
  #fullAtMs = -Infinity;

  constructor({ messages, perMs }: Rate) {
    this.#shareMs = perMs / messages;
    this.#capacityMs = perMs;
  }

  /** When the next token can be had: not after `nowMs` when there is one. */
  availableAtMs(): number {
    return this.#fullAtMs + this.#shareMs - this.#capacityMs;
  }

  /** Takes a token. False: there is none yet. */
  take(nowMs: number): boolean {
    // The sum of many shares is not exact; a token is not refused for a rounding error.
    if (this.availableAtMs() > nowMs + 1e-6) return false;
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#shareMs;
    return true;
  }

  /** Gives a token back that was taken for nothing. */
  giveBack(): void {
    this.#fullAtMs -= this.#shareMs;
  }
}
