/**
 * Entries in an LMDB database, shared by all processes of a machine. One rule: a write has happened when LMDB says that it is on disk
 * (`flushed`), and whatever depends on what was read is read in the transaction that writes.
 */
import { mkdir } from 'node:fs/promises';
import type { OutboxState } from './entry.js';
import { storeErrorOf } from './lmdb-error.js';
import { LmdbTables } from './lmdb-tables.js';
import { loadLmdb, type LmdbModule, type LmdbRoot } from './load-lmdb.js';
import { OutboxError } from './outbox-error.js';
import { claimed } from './record.js';
import type { Decoded } from './record-codec.js';
import type { Added, OutboxAddition, OutboxCounts, OutboxOwner, OutboxRecord, OutboxStore, Picked } from './store.js';
import { storeFileIn } from './store-file.js';

let open: (path: string, load?: () => Promise<LmdbModule>) => Promise<LmdbStore>;

export class LmdbStore implements OutboxStore {
  readonly #root: LmdbRoot;
  readonly #tables: LmdbTables;
  readonly #path: string;
  #closed: Promise<void> | undefined;

  static {
    open = async (path, load) => {
      const lmdb = await loadLmdb(load);
      try {
        // Other people's mail: for its owner alone. A folder that is there keeps what it was given.
        await mkdir(path, { recursive: true, mode: 0o700 });
        await checkFile(path);
        const root = lmdb.open<Buffer>(path, {
          noSubdir: false,
          encoding: 'binary',
          maxDbs: 16,
          // A commit is on disk when it is reported, and a disk that fails is an error of that commit.
          overlappingSync: false,
          // With it, a commit that fails also rejects a promise that is nobody's.
          eventTurnBatching: false,
        });
        return new LmdbStore(root, path);
      } catch (error) {
        throw await storeErrorOf(error, path);
      }
    };
  }

  private constructor(root: LmdbRoot, path: string) {
    this.#root = root;
    this.#tables = new LmdbTables(root);
    this.#path = path;
  }

  /**
   * Opens the database in a folder, and makes both where they are not there, the folder for its owner alone. Not on a network file system:
   * LMDB shares memory.
   *
   * @throws OutboxError: `ERR_OUTBOX_NEEDS_LMDB`, `ERR_OUTBOX_STORE`.
   */
  static async open(path: string): Promise<LmdbStore> {
    return await open(path);
  }

  async add(
    additions: readonly OutboxAddition[],
    { finishedBeforeMs }: { readonly finishedBeforeMs: number },
  ): Promise<readonly Added[]> {
    return await this.#write(() =>
      additions.map(({ record, content }) => {
        const standing = record.key === undefined ? undefined : this.#byKey(record.key);
        if (standing !== undefined) {
          const { finishedAtMs } = standing;
          if (finishedAtMs === undefined || finishedAtMs >= finishedBeforeMs) return { record: standing, added: false };
          this.#tables.remove(standing);
        }
        this.#tables.insert(record, content);
        return { record, added: true };
      }),
    );
  }

  async get(id: string): Promise<OutboxRecord | undefined> {
    return await this.#read(() => this.#tables.get(id)?.record);
  }

  async getByKey(key: string): Promise<OutboxRecord | undefined> {
    return await this.#read(() => this.#byKey(key));
  }

  async content(id: string): Promise<Uint8Array | undefined> {
    return await this.#read(() => this.#tables.content(id));
  }

  async list({
    state,
    after,
    limit,
  }: {
    readonly state?: OutboxState | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly OutboxRecord[]> {
    return await this.#read(() => {
      const ids = state === undefined ? this.#tables.ids(after, limit) : this.#tables.idsOfState(state, after, limit);
      return ids.flatMap((id) => this.#tables.get(id)?.record ?? []);
    });
  }

  async counts(): Promise<OutboxCounts> {
    return await this.#read(() => this.#tables.counts());
  }

  async nextDueAtMs(): Promise<number | undefined> {
    return await this.#read(() => this.#tables.nextDueAtMs());
  }

  async claim({
    owner,
    nowMs,
    limit,
  }: {
    readonly owner: OutboxOwner;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<Picked> {
    // Most looks find nothing: those need no lock.
    const isNothingDue = await this.#read(() => this.#tables.dueIds(nowMs, 1).length === 0);
    if (isNothingDue) return { records: [], damaged: [] };
    return await this.#write(() => {
      const due = this.#tables.dueIds(nowMs, limit);
      if (due.length > 0 && this.#tables.owner(owner.id) === undefined) this.#tables.putOwner(owner);
      const readable = this.#readable(
        due.flatMap((key) => {
          const [, , id] = key;
          const found = this.#tables.get(id);
          if (found === undefined) this.#tables.removeDue(key);
          return found ?? [];
        }),
      );
      const records = readable.records.map((record) => {
        const next = claimed(record, owner.id);
        this.#tables.replace(record, next);
        return next;
      });
      return { records, damaged: readable.damaged };
    });
  }

  async heldBy(ownerId: string): Promise<Picked> {
    return await this.#write(() =>
      this.#readable(this.#tables.idsHeldBy(ownerId).flatMap((id) => this.#tables.get(id) ?? [])),
    );
  }

  async update(record: OutboxRecord, expectedVersion: number): Promise<boolean> {
    return await this.#write(() => {
      const before = this.#tables.get(record.id);
      if (before?.record.version !== expectedVersion) return false;
      if (before.damage === undefined) this.#tables.replace(before.record, record);
      else this.#tables.quarantine(record.id, record);
      return true;
    });
  }

  async remove(targets: readonly { readonly id: string; readonly version: number }[]): Promise<number> {
    const deleted = await this.#write(() => {
      let count = 0;
      for (const { id, version } of targets) {
        const found = this.#tables.get(id);
        if (found?.record.version !== version) continue;
        if (found.damage !== undefined) this.#tables.quarantine(id, found.record);
        this.#tables.remove(found.record);
        count += 1;
      }
      return count;
    });
    // What one transaction frees can be used by the next but one: without another in between, a full disk would stay full.
    if (deleted > 0) {
      await this.#write(() => {
        this.#tables.touch();
      });
    }
    return deleted;
  }

  async owners(): Promise<readonly OutboxOwner[]> {
    return await this.#read(() => this.#tables.owners());
  }

  async beat(owner: OutboxOwner): Promise<void> {
    await this.#write(() => {
      this.#tables.putOwner(owner);
    });
  }

  async removeOwner({ id, beat }: Pick<OutboxOwner, 'id' | 'beat'>): Promise<boolean> {
    return await this.#write(() => {
      if (this.#tables.owner(id)?.beat !== beat || this.#tables.idsHeldBy(id).length > 0) return false;
      this.#tables.removeOwner(id);
      return true;
    });
  }

  async close(): Promise<void> {
    this.#closed ??= this.#root.close();
    await this.#closed;
  }

  #byKey(key: string): OutboxRecord | undefined {
    const id = this.#tables.idOfKey(key);
    return id === undefined ? undefined : this.#tables.get(id)?.record;
  }

  /** Parts what can be read from what cannot, and sets that aside. Inside of a transaction. */
  #readable(found: readonly Decoded[]): Picked {
    const damaged: { id: string; reason: string }[] = [];
    const records: OutboxRecord[] = [];
    for (const { record, damage } of found) {
      if (damage === undefined) records.push(record);
      else {
        this.#tables.quarantine(record.id, record);
        damaged.push({ id: record.id, reason: damage });
      }
    }
    return { records, damaged };
  }

  /** As other processes see it at this moment. */
  async #read<T>(read: () => T): Promise<T> {
    this.#checkOpen();
    try {
      this.#root.resetReadTxn();
      return read();
    } catch (error) {
      throw await storeErrorOf(error, this.#path);
    }
  }

  /** All of it or nothing; on disk when it resolves. */
  async #write<T>(write: () => T): Promise<T> {
    this.#checkOpen();
    try {
      const result = await this.#root.childTransaction(write);
      await this.#root.flushed;
      return result;
    } catch (error) {
      throw await storeErrorOf(error, this.#path);
    }
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return;
    throw new OutboxError('the store is closed', { code: 'ERR_OUTBOX_CLOSED', hint: 'Open it again.' });
  }
}

/** @internal `LmdbStore.open()` with another `lmdb`. */
export async function openLmdbStore(path: string, load: () => Promise<LmdbModule>): Promise<LmdbStore> {
  return await open(path, load);
}

/** None yet is as good as one of LMDB's. */
async function checkFile(path: string): Promise<void> {
  const found = await storeFileIn(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'empty';
    throw error;
  });
  if (found !== 'foreign') return;
  throw new OutboxError(`the file data.mdb in ${path} is none of LMDB's`, {
    code: 'ERR_OUTBOX_STORE',
    hint: 'Name an empty folder, or the one that the outbox was in before.',
  });
}
