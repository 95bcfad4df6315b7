/**
 * One process at a time. The lock of a process that is dead (kill -9, a power failure) is taken over, by one heir only: the name
 * of an heir's file is made of the dead lock, so two heirs cannot both create it.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { CliError } from '../cli-error.js';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Since when the process runs, where the system says it: numbers of processes are used again. */
  readonly since: string;
  readonly token: string;
}

const RETRIES = 10;

export class FileLock implements AsyncDisposable {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** Rejects with CliError: `try-again` while another process has it, `cannot-write` when it cannot be written. */
  static async take(path: string): Promise<FileLock> {
    const owner: Owner = { pid: process.pid, host: hostname(), since: startOf(process.pid), token: randomUUID() };
    for (let turn = 0; turn < RETRIES; turn += 1) {
      if (await create(path, owner)) return new FileLock(path, owner.token);
      const other = await ownerOf(path);
      if (other === undefined) continue;
      if (other === 'unreadable' || isAlive(other)) throw locked(path, other);
      if (await inherit(path, other, owner)) return new FileLock(path, owner.token);
    }
    throw locked(path, 'unreadable');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const owner = await ownerOf(this.#path);
    if (typeof owner === 'object' && owner.token === this.#token) await rm(this.#path, { force: true });
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(path, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('cannot-write', `the journal cannot be locked: ${why}`, undefined, error);
  }
}

async function inherit(path: string, dead: Owner, heir: Owner): Promise<boolean> {
  const will = `${path}.${dead.token}`;
  if (!(await create(will, heir))) throw locked(will, 'unreadable');
  // Somebody may have inherited between our look and our file.
  const now = await ownerOf(path);
  if (typeof now !== 'object' || now.token !== dead.token) {
    await rm(will, { force: true });
    return false;
  }
  await rename(will, path);
  return true;
}

/** Undefined when there is none any more. */
async function ownerOf(path: string): Promise<Owner | 'unreadable' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return 'unreadable';
  }
  try {
    const { pid, host, since, token } = JSON.parse(text) as Partial<Record<keyof Owner, unknown>>;
    const isOwner = typeof pid === 'number' && typeof host === 'string' && typeof since === 'string';
    return isOwner && typeof token === 'string' && /^[\w-]+$/.test(token) ? { pid, host, since, token } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function isAlive({ pid, host, since }: Owner): boolean {
  // Of a process elsewhere nobody here can say that it is dead.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return since === '' || startOf(pid) === since;
}

/** When a process began, in ticks since which boot; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The name of the program stands in parentheses and may hold anything; starttime is the twentieth word behind it.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}

function locked(path: string, owner: Owner | 'unreadable'): CliError {
  const who = owner === 'unreadable' ? 'another process' : `process ${String(owner.pid)} on ${owner.host}`;
  return new CliError(
    'try-again',
    `the journal is in use by ${who}`,
    `Wait for it to end; if there is no such process, remove ${path}.`,
  );
}
