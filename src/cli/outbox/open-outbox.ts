/** Opens the store that other processes work on. One rule: looking at an outbox never makes one, and nothing else is taken for one. */
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { Outbox } from '../../outbox/index.js';
import { CliError } from '../cli-error.js';
import { oneLine } from '../one-line.js';

const STORE_FILE = 'data.mdb';
/** LMDB maps the file as it is: one that is none of its own would end the process. Its mark stands behind the head of the first page. */
const MARK = 0xbeefc0de;
const MARK_PLACES = [16, 24];
const HEAD_OCTETS = 32;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no store in this folder',
  ENOTDIR: 'it is no folder',
  EACCES: 'it may not be read',
};

/** Rejects with CliError, exit `no-input`, when there is none. */
export async function findOutbox(path: string): Promise<void> {
  const head = Buffer.alloc(HEAD_OCTETS);
  try {
    const file = await open(join(path, STORE_FILE));
    try {
      await file.read(head, 0, HEAD_OCTETS, 0);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw noOutbox(path, WHY[code] ?? code, cause);
  }
  const read = endianness() === 'LE' ? head.readUInt32LE.bind(head) : head.readUInt32BE.bind(head);
  if (!MARK_PLACES.some((place) => read(place) === MARK)) throw noOutbox(path, `its ${STORE_FILE} is none of LMDB`);
}

/** Without a mailer: it can be looked at and managed, and sends nothing. */
export async function openOutbox(path: string): Promise<Outbox> {
  await findOutbox(path);
  return await Outbox.open({ store: path });
}

function noOutbox(path: string, why: string, cause?: unknown): CliError {
  const hint = 'Name the folder that Outbox.open() was given as its store.';
  return new CliError('no-input', `there is no outbox in ${oneLine(path)}: ${why}`, hint, cause);
}
