/** A store on disk, as a program has filled it, with entries in the states that a test wants. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbStore, type OutboxEntry } from '../../../src/outbox/index.js';

export class StoredOutbox implements AsyncDisposable {
  readonly path: string;
  readonly store: LmdbStore;

  private constructor(path: string, store: LmdbStore) {
    this.path = path;
    this.store = store;
  }

  static async with(entries: readonly OutboxEntry[]): Promise<StoredOutbox> {
    const path = mkdtempSync(join(tmpdir(), 'posthaste-outbox-'));
    const stored = new StoredOutbox(path, await LmdbStore.open(path));
    await stored.add(entries);
    return stored;
  }

  async add(entries: readonly OutboxEntry[]): Promise<void> {
    const content = Buffer.from('From: a@b.example\r\n\r\nHello\r\n');
    const contentHash = createHash('sha256').update(content).digest('hex');
    const additions = entries.map((entry) => ({
      record: { ...entry, version: 1, contentHash, identity: entry.id, parameters: {} },
      content,
    }));
    await this.store.add(additions, { finishedBeforeMs: 0 });
  }

  async stateOf(id: string): Promise<string | undefined> {
    return (await this.store.get(id))?.state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}
