/**
 * The tables of an LMDB store and how they hang together. One rule: a record and everything that points to it are written in one
 * transaction, and only here.
 */
import { createHash } from 'node:crypto';
import { noCounts, OUTBOX_STATES } from './counts.js';
import type { OutboxState } from './entry.js';
import type { LmdbDatabase, LmdbRoot } from './load-lmdb.js';
import { isWaiting } from './record.js';
import { decodeRecord, encodeRecord, type Decoded } from './record-codec.js';
import type { OutboxCounts, OutboxOwner, OutboxRecord } from './store.js';

/** Turned about, so that the highest priority comes first; then the moment, then the id. */
type DueKey = [lowest: number, dueAtMs: number, id: string];

/** In front of, and behind, every priority and every moment. */
const FIRST = -Number.MAX_SAFE_INTEGER;
const LAST = Number.MAX_SAFE_INTEGER;

/** An index has keys alone. */
const PRESENT = Buffer.from([1]);

/** Every method but the readers is for the inside of a transaction. */
export class LmdbTables {
  readonly #records: LmdbDatabase<string>;
  readonly #contents: LmdbDatabase<string>;
  readonly #keys: LmdbDatabase<Buffer>;
  readonly #due: LmdbDatabase<DueKey>;
  readonly #states: LmdbDatabase<[state: string, id: string]>;
  readonly #held: LmdbDatabase<[owner: string, id: string]>;
  readonly #owners: LmdbDatabase<string>;
  readonly #counts: LmdbDatabase<string>;
  /** What a damaged record looked like, for whoever wants to mend it. */
  readonly #damaged: LmdbDatabase<string>;

  constructor(root: LmdbRoot) {
    const table = <K extends string | Buffer | [string, string] | DueKey>(name: string): LmdbDatabase<K> =>
      root.openDB<Buffer, K>({ name, encoding: 'binary' });
    this.#records = table('records');
    this.#contents = table('contents');
    this.#keys = root.openDB<Buffer, Buffer>({ name: 'keys', encoding: 'binary', keyEncoding: 'binary' });
    this.#due = table('due');
    this.#states = table('states');
    this.#held = table('held');
    this.#owners = table('owners');
    this.#counts = table('counts');
    this.#damaged = table('damaged');
  }

  // ---- reading -----------------------------------------------------------------------------------------------------

  get(id: string): Decoded | undefined {
    const octets = this.#records.get(id);
    return octets === undefined ? undefined : decodeRecord(id, octets);
  }

  idOfKey(key: string): string | undefined {
    return this.#keys.get(keyName(key))?.toString();
  }

  content(id: string): Uint8Array | undefined {
    return this.#contents.get(id);
  }

  ids(after: string | undefined, limit: number): readonly string[] {
    const range = { limit, ...(after !== undefined && { start: after, exclusiveStart: true }) };
    return [...this.#records.getKeys(range)];
  }

  idsOfState(state: OutboxState, after: string | undefined, limit: number): readonly string[] {
    const start: [string, string] = [state, after ?? ''];
    const range = { start, end: [state, '\uffff'], limit, exclusiveStart: after !== undefined };
    return [...this.#states.getKeys(range)].map(([, id]) => id);
  }

  idsHeldBy(owner: string): readonly string[] {
    return [...this.#held.getKeys({ start: [owner, ''], end: [owner, '\uffff'] })].map(([, id]) => id);
  }

  counts(): OutboxCounts {
    const counts = noCounts();
    for (const state of OUTBOX_STATES) counts[state] = this.#count(state);
    return counts;
  }

  nextDueAtMs(): number | undefined {
    let earliest: number | undefined;
    for (const lowest of this.#priorities()) {
      const [first] = this.#due.getKeys({ start: [lowest, FIRST, ''], limit: 1 });
      if (first?.[0] === lowest && (earliest === undefined || first[1] < earliest)) earliest = first[1];
    }
    return earliest;
  }

  /** Those that are due, in the order in which they are to go. */
  dueIds(nowMs: number, limit: number): readonly DueKey[] {
    const due: DueKey[] = [];
    for (const lowest of this.#priorities()) {
      const left = limit - due.length;
      if (left <= 0) break;
      due.push(...this.#due.getKeys({ start: [lowest, FIRST, ''], end: [lowest, nowMs, '\uffff'], limit: left }));
    }
    return due;
  }

  owners(): readonly OutboxOwner[] {
    return [...this.#owners.getRange()].flatMap(({ value }) => readOwner(value) ?? []);
  }

  owner(id: string): OutboxOwner | undefined {
    const octets = this.#owners.get(id);
    return octets === undefined ? undefined : readOwner(octets);
  }

  /** By jumps: there are as many steps as there are priorities in use, at most 201. */
  *#priorities(): Iterable<number> {
    let lowest = FIRST;
    for (;;) {
      const [next] = this.#due.getKeys({ start: [lowest, LAST, '\uffff'], limit: 1 });
      if (next === undefined) return;
      [lowest] = next;
      yield lowest;
    }
  }

  #count(state: OutboxState): number {
    return Number(this.#counts.get(state)?.toString() ?? '0');
  }

  // ---- writing -----------------------------------------------------------------------------------------------------

  insert(record: OutboxRecord, content: Uint8Array): void {
    this.#contents.putSync(record.id, Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    if (record.key !== undefined) this.#keys.putSync(keyName(record.key), Buffer.from(record.id));
    this.#write(record);
  }

  replace(before: OutboxRecord, after: OutboxRecord): void {
    this.#unlist(before);
    this.#write(after);
  }

  /** Puts a mark in the place of a record that cannot be read, and keeps what was there. What pointed to it is found by its id. */
  quarantine(id: string, mark: OutboxRecord): void {
    const octets = this.#records.get(id);
    if (octets !== undefined) this.#damaged.putSync(id, octets);
    this.#forget(id);
    this.#write(mark);
  }

  remove({ id, key, ...rest }: OutboxRecord): void {
    this.#unlist({ id, ...rest });
    this.#records.removeSync(id);
    this.#contents.removeSync(id);
    this.#damaged.removeSync(id);
    if (key !== undefined && this.idOfKey(key) === id) this.#keys.removeSync(keyName(key));
  }

  /** An index entry that points to nothing. */
  removeDue(key: DueKey): void {
    this.#due.removeSync(key);
  }

  putOwner(owner: OutboxOwner): void {
    this.#owners.putSync(owner.id, Buffer.from(JSON.stringify(owner)));
  }

  removeOwner(id: string): void {
    this.#owners.removeSync(id);
  }

  /** A change that means nothing. */
  touch(): void {
    this.#counts.putSync('touched', PRESENT);
  }

  #write(record: OutboxRecord): void {
    const { id, state, owner } = record;
    this.#records.putSync(id, encodeRecord(record));
    this.#states.putSync([state, id], PRESENT);
    this.#add(state, 1);
    if (isWaiting(record)) this.#due.putSync(dueKeyOf(record), PRESENT);
    if (owner !== undefined) this.#held.putSync([owner, id], PRESENT);
  }

  #unlist(record: OutboxRecord): void {
    const { id, state, owner } = record;
    if (this.#states.removeSync([state, id])) this.#add(state, -1);
    if (isWaiting(record)) this.#due.removeSync(dueKeyOf(record));
    if (owner !== undefined) this.#held.removeSync([owner, id]);
  }

  /** Everything that names an id, without help of its record. */
  #forget(id: string): void {
    for (const state of OUTBOX_STATES) if (this.#states.removeSync([state, id])) this.#add(state, -1);
    for (const key of [...this.#due.getKeys()]) if (key[2] === id) this.#due.removeSync(key);
    for (const key of [...this.#held.getKeys()]) if (key[1] === id) this.#held.removeSync(key);
  }

  #add(state: OutboxState, change: number): void {
    this.#counts.putSync(state, Buffer.from(String(this.#count(state) + change)));
  }
}

function dueKeyOf({ priority, nextAttemptAtMs = 0, id }: OutboxRecord): DueKey {
  // Not -priority, which is a zero of its own for 0.
  return [0 - priority, nextAttemptAtMs, id];
}

/** Of one length, whatever the caller's key is. */
function keyName(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** An owner that cannot be read is nobody: its entries are found when its row is written again. */
function readOwner(octets: Buffer): OutboxOwner | undefined {
  try {
    return JSON.parse(octets.toString()) as OutboxOwner;
  } catch {
    return undefined;
  }
}
