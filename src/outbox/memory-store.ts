/** The entries of one process, for tests and for what need not outlive it. One rule: each call happens at once, and as a whole. */
import type { OutboxState } from './entry.js';
import { noCounts } from './counts.js';
import { claimed, isWaiting } from './record.js';
import type { Added, OutboxAddition, OutboxCounts, OutboxOwner, OutboxRecord, OutboxStore, Picked } from './store.js';

export class MemoryStore implements OutboxStore {
  readonly #records = new Map<string, OutboxRecord>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #ids = new Map<string, string>();
  /** Those that wait; kept apart so that what is finished costs nothing. */
  readonly #waiting = new Map<string, OutboxRecord>();
  readonly #owners = new Map<string, OutboxOwner>();

  add(
    additions: readonly OutboxAddition[],
    { finishedBeforeMs }: { readonly finishedBeforeMs: number },
  ): Promise<readonly Added[]> {
    return Promise.resolve(
      additions.map(({ record, content }) => {
        const { key } = record;
        const standing = key === undefined ? undefined : this.#byKey(key);
        if (standing !== undefined) {
          const { finishedAtMs } = standing;
          if (finishedAtMs === undefined || finishedAtMs >= finishedBeforeMs) return { record: standing, added: false };
          this.#delete(standing);
        }
        this.#put(record);
        if (key !== undefined) this.#ids.set(key, record.id);
        this.#contents.set(record.id, Uint8Array.from(content));
        return { record, added: true };
      }),
    );
  }

  get(id: string): Promise<OutboxRecord | undefined> {
    return Promise.resolve(this.#records.get(id));
  }

  getByKey(key: string): Promise<OutboxRecord | undefined> {
    return Promise.resolve(this.#byKey(key));
  }

  content(id: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#contents.get(id));
  }

  list({
    state,
    after,
    limit,
  }: {
    readonly state?: OutboxState | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly OutboxRecord[]> {
    const found = [...this.#records.values()]
      .filter((record) => (state === undefined || record.state === state) && (after === undefined || record.id > after))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return Promise.resolve(found.slice(0, limit));
  }

  counts(): Promise<OutboxCounts> {
    const counts = noCounts();
    for (const { state } of this.#records.values()) counts[state] += 1;
    return Promise.resolve(counts);
  }

  nextDueAtMs(): Promise<number | undefined> {
    let earliest: number | undefined;
    for (const { nextAttemptAtMs = 0 } of this.#waiting.values()) {
      if (earliest === undefined || nextAttemptAtMs < earliest) earliest = nextAttemptAtMs;
    }
    return Promise.resolve(earliest);
  }

  claim({
    owner,
    nowMs,
    limit,
  }: {
    readonly owner: OutboxOwner;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<Picked> {
    const due = [...this.#waiting.values()]
      .filter(({ nextAttemptAtMs = 0 }) => nextAttemptAtMs <= nowMs)
      .sort(byTurn)
      .slice(0, limit);
    if (due.length > 0 && !this.#owners.has(owner.id)) this.#owners.set(owner.id, owner);
    const records = due.map((record) => this.#put(claimed(record, owner.id)));
    return Promise.resolve({ records, damaged: [] });
  }

  heldBy(ownerId: string): Promise<Picked> {
    const records = [...this.#records.values()].filter(({ owner }) => owner === ownerId);
    return Promise.resolve({ records, damaged: [] });
  }

  update(record: OutboxRecord, expectedVersion: number): Promise<boolean> {
    if (this.#records.get(record.id)?.version !== expectedVersion) return Promise.resolve(false);
    this.#put(record);
    return Promise.resolve(true);
  }

  remove(targets: readonly { readonly id: string; readonly version: number }[]): Promise<number> {
    let deleted = 0;
    for (const { id, version } of targets) {
      const record = this.#records.get(id);
      if (record?.version !== version) continue;
      this.#delete(record);
      deleted += 1;
    }
    return Promise.resolve(deleted);
  }

  owners(): Promise<readonly OutboxOwner[]> {
    return Promise.resolve([...this.#owners.values()]);
  }

  beat(owner: OutboxOwner): Promise<void> {
    this.#owners.set(owner.id, owner);
    return Promise.resolve();
  }

  removeOwner({ id, beat }: Pick<OutboxOwner, 'id' | 'beat'>): Promise<boolean> {
    const held = [...this.#records.values()].some(({ owner }) => owner === id);
    if (held || this.#owners.get(id)?.beat !== beat) return Promise.resolve(false);
    this.#owners.delete(id);
    return Promise.resolve(true);
  }

  /** What is in it stays: the next outbox of this process may go on with it. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #byKey(key: string): OutboxRecord | undefined {
    const id = this.#ids.get(key);
    return id === undefined ? undefined : this.#records.get(id);
  }

  #put(record: OutboxRecord): OutboxRecord {
    this.#records.set(record.id, record);
    if (isWaiting(record)) this.#waiting.set(record.id, record);
    else this.#waiting.delete(record.id);
    return record;
  }

  #delete({ id, key }: OutboxRecord): void {
    this.#records.delete(id);
    this.#contents.delete(id);
    this.#waiting.delete(id);
    if (key !== undefined && this.#ids.get(key) === id) this.#ids.delete(key);
  }
}

/** Higher priority first, then due longest, then the order of enqueueing. */
function byTurn(a: OutboxRecord, b: OutboxRecord): number {
  return (
    b.priority - a.priority ||
    (a.nextAttemptAtMs ?? 0) - (b.nextAttemptAtMs ?? 0) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
