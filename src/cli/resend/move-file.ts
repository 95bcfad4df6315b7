/** `--on-success move:DIR`: the file of a message goes into a folder, under its own name or one like it; no file is written over. */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, rm, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CliError } from '../cli-error.js';

const MOST_NAMES = 10_000;

/** Makes the folder when it is not there. Rejects with CliError, exit `cannot-write`. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if (!(await stat(folder)).isDirectory()) throw new Error('it is no directory');
  } catch (error) {
    throw cannot(folder, error);
  }
}

/** `announce` gets the new path before anything is done. Rejects with CliError, exit `cannot-write`. */
export async function moveFile(path: string, folder: string, announce: (to: string) => Promise<void>): Promise<string> {
  for (let turn = 0; turn < MOST_NAMES; turn += 1) {
    const to = join(folder, turn === 0 ? basename(path) : `${basename(path)}.${String(turn)}`);
    if (await isThere(to)) continue;
    await announce(to);
    if (await moveTo(path, to)) return to;
  }
  throw cannot(folder, new Error('too many files have that name'));
}

/** False when a file of that name has come up meanwhile. */
async function moveTo(path: string, to: string): Promise<boolean> {
  try {
    // A link refuses to write over a file; renaming would not.
    await link(path, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Another file system, or one without links.
    if (code === 'ENOENT' || !(await copyTo(path, to))) throw cannot(to, error);
  }
  await unlink(path).catch((error: unknown) => {
    throw cannot(path, error);
  });
  return true;
}

async function copyTo(path: string, to: string): Promise<boolean> {
  try {
    await copyFile(path, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(to, { force: true }).catch(() => undefined);
    throw cannot(to, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function cannot(path: string, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new CliError('cannot-write', `it was sent, but could not be moved to ${path}: ${why}`, undefined, error);
}
