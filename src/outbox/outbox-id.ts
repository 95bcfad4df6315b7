/** Names for entries: unique, of one length, and in the order in which one process gave them. */
import type { OutboxEnvironment } from './environment.js';

const TIME_DIGITS = 9;
const NUMBER_DIGITS = 3;
const NUMBERS = 36 ** NUMBER_DIGITS;
const RANDOM_OCTETS = 6;

/** Begins with the time, so that the order of ids is, but for a clock that jumps, the order of enqueueing. */
export class OutboxIds {
  readonly #environment: OutboxEnvironment;
  #lastMs = 0;
  #number = 0;

  constructor(environment: OutboxEnvironment) {
    this.#environment = environment;
  }

  next(): string {
    const nowMs = Math.max(Math.floor(this.#environment.now()), this.#lastMs);
    this.#number = nowMs === this.#lastMs ? this.#number + 1 : 0;
    this.#lastMs = this.#number === NUMBERS ? nowMs + 1 : nowMs;
    this.#number %= NUMBERS;
    const random = Buffer.from(this.#environment.randomBytes(RANDOM_OCTETS)).toString('hex');
    return `${digits(this.#lastMs, TIME_DIGITS)}${digits(this.#number, NUMBER_DIGITS)}${random}`;
  }
}

function digits(value: number, length: number): string {
  return value.toString(36).padStart(length, '0');
}
