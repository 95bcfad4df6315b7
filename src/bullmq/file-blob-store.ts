/** Contents in a folder. One rule: what `put()` said is durable is on the disk, and so is every entry of a folder that leads to it. */
import type { Dir } from 'node:fs';
import { mkdir, open, opendir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MessageError } from '../index.js';
import { OutboxError } from '../outbox/parts.js';
import { readBlobId } from './blob-id.js';
import type { BlobStore } from './blob-store.js';

/** How many folders the contents are spread over: one folder of a million files is slow to read on many file systems. */
const SHARD_DIGITS = 2;
const UNFINISHED = '.tmp';

export class FileBlobStore implements BlobStore {
  readonly #folder: string;

  /** `folder`: made when it is not there. All machines need the same one. */
  constructor(folder: string) {
    if (typeof folder !== 'string' || folder === '') {
      throw new MessageError('a FileBlobStore needs a folder', {
        code: 'ERR_INVALID_OPTION',
        hint: "new FileBlobStore('/srv/mail-blobs')",
      });
    }
    this.#folder = resolve(folder);
  }

  /** Rejects with OutboxError, code `ERR_OUTBOX_FULL` when there is no room, else `ERR_OUTBOX_STORE`. */
  async put(id: string, content: Uint8Array): Promise<void> {
    const { path, shard } = this.#place(id);
    const unfinished = `${path}${UNFINISHED}`;
    try {
      const made = await mkdir(shard, { recursive: true });
      const file = await open(unfinished, 'w', 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
      await syncFolder(shard);
      // A folder is an entry of the one above it.
      for (let path = shard; made !== undefined && path !== dirname(made); path = dirname(path)) {
        await syncFolder(dirname(path));
      }
    } catch (cause) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw storeError(`the content ${id} could not be written`, cause);
    }
  }

  /** Rejects with OutboxError, code `ERR_OUTBOX_STORE`, when it is missing or cannot be read. */
  async get(id: string): Promise<Uint8Array> {
    const { path } = this.#place(id);
    try {
      return await readFile(path);
    } catch (cause) {
      throw storeError(`the content ${id} could not be read`, cause);
    }
  }

  async delete(id: string): Promise<void> {
    await rm(this.#place(id).path, { force: true });
  }

  /** Leftovers of a `put()` that was cut off are deleted on the way. */
  async *list({ olderThanMs }: { readonly olderThanMs: number }): AsyncIterable<string> {
    const beforeMs = Date.now() - olderThanMs;
    for (const shard of await namesIn(this.#folder)) {
      for (const name of await namesIn(join(this.#folder, shard))) {
        const path = join(this.#folder, shard, name);
        const id = name.endsWith(UNFINISHED) ? name.slice(0, -UNFINISHED.length) : name;
        if (readBlobId(id) === undefined || !(await isOlder(path, beforeMs))) continue;
        if (id === name) yield id;
        else await rm(path, { force: true });
      }
    }
  }

  /** Ids come from Redis: one that is none of ours never becomes a path. */
  #place(id: string): { readonly path: string; readonly shard: string } {
    const read = readBlobId(id);
    if (read === undefined) {
      throw new OutboxError(`there is no content of the name ${JSON.stringify(id.slice(0, 200))}`, {
        code: 'ERR_OUTBOX_STORE',
        hint: 'The job was changed by something else.',
      });
    }
    const shard = join(this.#folder, read.hash.slice(0, SHARD_DIGITS));
    return { path: join(shard, id), shard };
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  let directory: Dir;
  try {
    directory = await opendir(folder);
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return names;
    throw error;
  }
  for await (const { name } of directory) names.push(name);
  return names;
}

async function isOlder(path: string, beforeMs: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs <= beforeMs;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The name of a new file is durable when the folder is. Where a system cannot do that to a folder, it is durable by itself. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function storeError(message: string, cause: unknown): OutboxError {
  const { code } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new OutboxError(`${message}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: full ? 'ERR_OUTBOX_FULL' : 'ERR_OUTBOX_STORE',
    retryable: full,
    hint: full ? 'Make room; nothing that is queued is lost.' : 'Look at the folder and at who may write there.',
    cause,
  });
}
