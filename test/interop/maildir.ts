// One Maildir per mailbox, named by its address: who got a message is told by where it lies, not by its header.
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arrival } from './servers/server.js';
import { bareAddress, takeTraceBlock, withCrlf } from './trace-block.js';

/** Takes all messages out of the Maildirs below `base`. `traceFields` is what the server prepends, Return-Path among it. */
export async function takeFromMaildirs(base: string, traceFields: readonly string[]): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const recipient of await readdir(base)) {
    const folder = join(base, recipient, 'new');
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const path = join(folder, name);
      const { fields, bytes } = takeTraceBlock(await readFile(path), traceFields);
      const queueId = /\bid ([\w-]+)/.exec(fields.get('received') ?? '')?.[1];
      arrivals.push({
        envelopeFrom: bareAddress(fields.get('return-path') ?? ''),
        recipient,
        bytes: withCrlf(bytes),
        ...(queueId === undefined ? {} : { queueId }),
      });
      await unlink(path);
    }
  }
  return arrivals;
}

/**
 * Whether none of these folders, nor any folder in them, holds a file that `counts`. A folder that does not exist is empty, and a
 * file that is gone does not count.
 */
export async function holdNoFile(
  folders: readonly string[],
  counts: (path: string) => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  for (const folder of folders) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() ? !(await holdNoFile([path], counts)) : await counts(path)) return false;
    }
  }
  return true;
}
