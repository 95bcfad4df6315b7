/**
 * Who has which entries, across processes, without trust in anybody's wall clock. One rule: an owner is dead when its process provably is,
 * or when its beat stood still for a lease on the clock of the one who looks.
 */
import type { OutboxEnvironment } from './environment.js';
import { isProcessGone, thisProcess } from './process-identity.js';
import type { OutboxOwner, OutboxStore } from './store.js';

interface Seen {
  readonly beat: number;
  readonly sinceMs: number;
}

/** How often an owner beats within its lease. */
const BEATS_PER_LEASE = 3;

export class Owners {
  readonly #store: OutboxStore;
  readonly #environment: OutboxEnvironment;
  readonly #leaseMs: number;
  readonly #seen = new Map<string, Seen>();
  #self: OutboxOwner;

  constructor(store: OutboxStore, environment: OutboxEnvironment, leaseMs: number) {
    this.#store = store;
    this.#environment = environment;
    this.#leaseMs = leaseMs;
    const id = Buffer.from(environment.randomBytes(12)).toString('hex');
    this.#self = { id, beat: 0, ...thisProcess() };
  }

  /** This outbox. */
  get self(): OutboxOwner {
    return this.#self;
  }

  get beatMs(): number {
    return this.#leaseMs / BEATS_PER_LEASE;
  }

  /** Writes a beat down. */
  async beat(): Promise<void> {
    this.#self = { ...this.#self, beat: this.#self.beat + 1 };
    await this.#store.beat(this.#self);
  }

  /** Those of the others that are dead. */
  async dead(): Promise<readonly OutboxOwner[]> {
    const owners = await this.#store.owners();
    const nowMs = this.#environment.monotonicNow();
    const others = owners.filter(({ id }) => id !== this.#self.id);
    for (const id of [...this.#seen.keys()]) if (!others.some((owner) => owner.id === id)) this.#seen.delete(id);
    return others.filter((owner) => {
      const seen = this.#seen.get(owner.id);
      if (seen?.beat !== owner.beat) this.#seen.set(owner.id, { beat: owner.beat, sinceMs: nowMs });
      else if (nowMs - seen.sinceMs >= this.#leaseMs) return true;
      return isProcessGone(owner);
    });
  }

  /** Nothing is in hand any more. */
  async resign(): Promise<void> {
    await this.#store.removeOwner(this.#self);
  }
}
