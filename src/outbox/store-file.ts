/** What stands where a store is to be. One rule: a file that is none of LMDB's is never mapped; that would end the process. */
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';

const STORE_FILE = 'data.mdb';
/** LMDB's mark stands behind the head of the first page, whose length differs between builds. */
const MARK = 0xbeefc0de;
const MARK_PLACES = [16, 24];
const HEAD_OCTETS = 32;

/**
 * Whether the file in a folder is LMDB's, has nothing in it yet, or is something else. Rejects as `node:fs` does, with `ENOENT` where
 * there is no folder or no file.
 */
export async function storeFileIn(folder: string): Promise<'lmdb' | 'empty' | 'foreign'> {
  const head = Buffer.alloc(HEAD_OCTETS);
  const file = await open(join(folder, STORE_FILE));
  try {
    const { bytesRead } = await file.read(head, 0, HEAD_OCTETS, 0);
    if (bytesRead === 0) return 'empty';
  } finally {
    await file.close();
  }
  const read = endianness() === 'LE' ? head.readUInt32LE.bind(head) : head.readUInt32BE.bind(head);
  return MARK_PLACES.some((place) => read(place) === MARK) ? 'lmdb' : 'foreign';
}
