/** Gets `lmdb` when a store is opened, and says plainly how to have it when it is not installed. */
import type * as Lmdb from 'lmdb';
import { OutboxError } from './outbox-error.js';

export type LmdbModule = Pick<typeof Lmdb, 'open'>;
export type LmdbRoot = Lmdb.RootDatabase<Buffer>;
export type LmdbDatabase<K extends Lmdb.Key = Lmdb.Key> = Lmdb.Database<Buffer, K>;

/** Throws OutboxError, code `ERR_OUTBOX_NEEDS_LMDB`. */
export async function loadLmdb(load: () => Promise<LmdbModule> = () => import('lmdb')): Promise<LmdbModule> {
  try {
    return await load();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new OutboxError('an outbox on disk needs the package lmdb, which is not installed', {
      code: 'ERR_OUTBOX_NEEDS_LMDB',
      hint: 'Only the outbox needs it, so it is not installed with posthaste: npm install lmdb',
      cause,
    });
  }
}
