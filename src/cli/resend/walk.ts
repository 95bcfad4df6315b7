/**
 * From the paths of a command line to the files that hold messages: *.eml below a directory, `cur` and `new` of a Maildir, a
 * file that was named. In a fixed order, one directory in memory at a time; what cannot be read is a fault in its place.
 */
import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { Stats } from 'node:fs';
import { CliError, unreadable } from '../cli-error.js';

/** A file with one message, or with many. */
export interface FoundFile {
  readonly kind: 'message' | 'mbox';
  readonly path: string;
  readonly sizeBytes: number;
}

export interface Fault {
  readonly kind: 'fault';
  readonly path: string;
  readonly error: unknown;
}

/** Enough of a digest to tell any number of paths apart, in a fraction of the memory. */
const SHORT_LENGTH = 16;

const MESSAGE_NAME = /\.eml$/i;
const MBOX_NAME = /\.(?:mbox|mbx)$/i;

export interface WalkOptions {
  readonly signal: AbortSignal;
  /** A folder that is passed over: that of `--on-success move`. Absolute. */
  readonly without?: string | undefined;
}

/** The same file named twice on purpose or by an overlap of paths is taken once. */
export async function* walk(
  paths: AsyncIterable<string> | Iterable<string>,
  { signal, without }: WalkOptions,
): AsyncGenerator<FoundFile | Fault, void, undefined> {
  const taken = new Set<string>();
  for await (const path of paths) {
    let count = 0;
    for await (const found of filesOf(path, signal)) {
      if (signal.aborted) return;
      count += 1;
      const absolute = resolve(found.path);
      const short = createHash('sha256').update(absolute).digest('binary').slice(0, SHORT_LENGTH);
      if (taken.has(short) || (without !== undefined && absolute.startsWith(without + sep))) continue;
      taken.add(short);
      yield found;
    }
    if (count === 0 && !signal.aborted) {
      const error = new CliError(
        'no-input',
        'the directory holds no messages',
        'Messages are *.eml files, and the files in cur and new of a Maildir; name an mbox by itself.',
      );
      yield { kind: 'fault', path, error };
    }
  }
}

async function* filesOf(path: string, signal: AbortSignal): AsyncGenerator<FoundFile | Fault, void, undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) yield* filesIn(path, signal);
    else yield await namedFile(path, found);
  } catch (error) {
    yield { kind: 'fault', path, error: unreadable(error) };
  }
}

/** A file that was named may have any name: what it is shows at its beginning, where its name does not say it. */
async function namedFile(path: string, found: Stats): Promise<FoundFile> {
  const { size: sizeBytes } = regular(path, found);
  if (MESSAGE_NAME.test(path)) return { kind: 'message', path, sizeBytes };
  const isMbox = MBOX_NAME.test(path) || (await begins(path)).startsWith('From ');
  return { kind: isMbox ? 'mbox' : 'message', path, sizeBytes };
}

function regular(path: string, found: Stats): Stats {
  if (found.isFile()) return found;
  throw new CliError(
    'no-input',
    `${basename(path)} is no regular file`,
    'Copy what it gives to a file, and name that.',
  );
}

async function begins(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* filesIn(folder: string, signal: AbortSignal): AsyncGenerator<FoundFile | Fault, void, undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const isMaildir = ['cur', 'new', 'tmp'].every((name) => folders.includes(name));
  for (const entry of entries) {
    if (signal.aborted) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // What is in tmp is not delivered yet.
      if (isMaildir && entry.name === 'tmp') continue;
      yield* guarded(
        path,
        isMaildir && (entry.name === 'cur' || entry.name === 'new') ? maildirFiles(path) : filesIn(path, signal),
      );
    } else if (MESSAGE_NAME.test(entry.name)) {
      yield await messageFile(path);
    }
  }
}

async function* maildirFiles(folder: string): AsyncGenerator<FoundFile | Fault, void, undefined> {
  const names = await readdir(folder);
  for (const name of names.sort()) if (!name.startsWith('.')) yield await messageFile(join(folder, name));
}

/** A directory that cannot be read does not stop the walk. */
async function* guarded(
  path: string,
  files: AsyncIterable<FoundFile | Fault>,
): AsyncGenerator<FoundFile | Fault, void, undefined> {
  try {
    yield* files;
  } catch (error) {
    yield { kind: 'fault', path, error: unreadable(error) };
  }
}

async function messageFile(path: string): Promise<FoundFile | Fault> {
  try {
    return { kind: 'message', path, sizeBytes: regular(path, await stat(path)).size };
  } catch (error) {
    return { kind: 'fault', path, error: unreadable(error) };
  }
}
