/** Time that moves when a test says so, and chance that is none. */
import type { OutboxEnvironment, OutboxTimer } from '../../src/outbox/environment.js';

interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

export class FakeEnvironment implements OutboxEnvironment {
  wallMs = Date.parse('2026-11-22T12:00:00Z');
  #monotonicMs = 0;
  readonly #timers = new Set<Timer>();
  #randomCount = 0;

  now(): number {
    return this.wallMs;
  }

  monotonicNow(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, action: () => void): OutboxTimer {
    const timer = { atMs: this.#monotonicMs + Math.max(delayMs, 0), action };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }

  random(): number {
    return 0.5;
  }

  randomBytes(size: number): Uint8Array {
    this.#randomCount += 1;
    return Buffer.from(String(this.#randomCount).padStart(size, '0').slice(-size));
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets time go by: both clocks, and what was waiting for them. */
  async pass(ms: number): Promise<void> {
    await settled();
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= untilMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.atMs, this.#monotonicMs));
      next.action();
      await settled();
    }
    this.#moveTo(untilMs);
    await settled();
  }

  #moveTo(monotonicMs: number): void {
    this.wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** All that can go on without time going by has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
