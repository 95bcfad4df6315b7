/** Opens the store that other processes work on. One rule: looking at an outbox never makes one, and nothing else is taken for one. */
import { Outbox, storeFileIn } from '../../outbox/index.js';
import { CliError } from '../cli-error.js';
import { oneLine } from '../one-line.js';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no store in this folder',
  ENOTDIR: 'it is no folder',
  EACCES: 'it may not be read',
};

/** Rejects with CliError, exit `no-input`, when there is none. */
export async function findOutbox(path: string): Promise<void> {
  let found: Awaited<ReturnType<typeof storeFileIn>>;
  try {
    found = await storeFileIn(path);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw noOutbox(path, WHY[code] ?? code, cause);
  }
  if (found !== 'lmdb') throw noOutbox(path, 'its data.mdb is none of LMDB');
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
