// A jail is a private root directory for one server: what runs in it sees no file of the machine, and everything that
// runs in it is found (and ended) by its root, never by its name.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, readFile, readlink, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './wait-for.js';

const STOP_LIMIT_MS = 10_000;
const ENVIRONMENT = { PATH: '/usr/bin:/usr/sbin:/bin:/sbin' };

/** User ids of the jails. They own files of the jail only, so they need no entry in the machine's own tables. */
export const JAIL_USERS = {
  root: 0,
  postfix: 61_001,
  postdrop: 61_002,
  dovecot: 61_003,
  dovenull: 61_004,
  'Debian-exim': 61_005,
  opensmtpd: 61_006,
  opensmtpq: 61_007,
  mail: 61_008,
  nobody: 65_534,
} as const;
export type JailUser = keyof typeof JAIL_USERS;

/** What was started and runs until it is ended. */
export interface Program {
  readonly id: number;
  signal(name: NodeJS.Signals): void;
  /** Ends it and waits for that. */
  stop(): Promise<void>;
}

export interface FoundProcess {
  /** The path inside of what it runs. */
  readonly program: string;
  readonly parent: number;
}

export class Jail {
  readonly directory: string;
  readonly #output: Buffer[] = [];
  readonly #programs: ChildProcess[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** A new jail with all servers unpacked (hard links, so it costs no space) and none running. */
  static async create(name: string): Promise<Jail> {
    const root = environment('POSTHASTE_INTEROP_ROOT');
    const ours = instancesOfWorker();
    await mkdir(ours, { recursive: true });
    const directory = await mkdtemp(join(ours, `${name}-`));
    await promisify(execFile)('cp', ['-al', `${root}/.`, directory]);
    const jail = new Jail(directory);
    const users = Object.entries(JAIL_USERS).map(([user, id]) => ({ user, id: String(id) }));
    await jail.write('/etc/passwd', users.map(({ user, id }) => `${user}:x:${id}:${id}::/:/bin/sh\n`).join(''));
    await jail.write('/etc/group', users.map(({ user, id }) => `${user}:x:${id}:\n`).join(''));
    await jail.write('/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n');
    await jail.write('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\nservices: files\n');
    // Waiting for the disk after each delivery would take most of the time of the tests: fsync does nothing in a jail.
    await jail.write('/etc/ld.so.preload', 'libeatmydata.so\n');
    await jail.makeDirectory('/tmp', 'root', 0o1777);
    await jail.makeDirectory('/log', 'root', 0o1777);
    return jail;
  }

  /** Runs `build` in a new jail. When it fails, the jail is destroyed; else the caller destroys it. */
  static async open<T>(name: string, build: (jail: Jail) => Promise<T>): Promise<T> {
    const jail = await Jail.create(name);
    try {
      return await build(jail);
    } catch (error) {
      await jail.destroy();
      throw error;
    }
  }

  /** The path outside of something inside. */
  path(inside: string): string {
    return join(this.directory, inside);
  }

  async makeDirectory(inside: string, owner: JailUser = 'root', mode = 0o755): Promise<void> {
    const path = this.path(inside);
    await mkdir(path, { recursive: true });
    await promisify(execFile)('chmod', [mode.toString(8), path]);
    await chown(path, JAIL_USERS[owner], JAIL_USERS[owner]);
  }

  /** Writes a new file. It never writes through a hard link into the shared root. */
  async write(inside: string, content: string, owner: JailUser = 'root', mode = 0o644): Promise<void> {
    const path = this.path(inside);
    await mkdir(dirname(path), { recursive: true });
    await unlink(path).catch(ignoreMissing);
    await writeFile(path, content, { mode });
    await chown(path, JAIL_USERS[owner], JAIL_USERS[owner]);
  }

  /** Runs a short command in the jail and gives its standard output. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('chroot', [this.directory, command, ...args], { env: ENVIRONMENT });
    return stdout;
  }

  /** Starts a long-lived program in the foreground, in a process group of its own. `destroy` ends it. */
  start(command: string, ...args: string[]): Program {
    const child = spawn('chroot', [this.directory, command, ...args], {
      cwd: '/',
      env: ENVIRONMENT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.on('error', (error) => this.#output.push(Buffer.from(String(error))));
    child.stdout.on('data', (chunk: Buffer) => this.#output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.#programs.push(child);
    return {
      id: child.pid ?? 0,
      signal: (name) => {
        child.kill(name);
      },
      stop: () => stop(child),
    };
  }

  /** Ids of the processes whose root directory is this jail. */
  async processes(): Promise<number[]> {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const roots = await Promise.all(ids.map((id) => readlink(`/proc/${id}/root`).catch(() => '')));
    return ids.filter((_, index) => isInside(this.directory, roots[index] ?? '')).map(Number);
  }

  /** Ends those processes in the jail that `matches` wants, and no other. Tells how many. */
  async kill(signal: 'SIGTERM' | 'SIGKILL', matches: (found: FoundProcess) => boolean): Promise<number> {
    let count = 0;
    for (const id of await this.processes()) {
      const program = (await readlink(`/proc/${String(id)}/exe`).catch(() => '')).slice(this.directory.length);
      const status = await readFile(`/proc/${String(id)}/status`, 'utf8').catch(() => '');
      const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
      if (!matches({ program, parent })) continue;
      end(id, signal);
      count += 1;
    }
    return count;
  }

  /** Everything the server wrote: its standard streams and the files under /log. */
  async log(): Promise<string> {
    const files = await readdir(this.path('/log')).catch(() => []);
    const texts = await Promise.all(files.sort().map((name) => readFile(this.path(`/log/${name}`), 'utf8')));
    return [Buffer.concat(this.#output).toString(), ...texts].join('');
  }

  /** Ends the programs, last started first, and whatever they started; checks that all are gone; removes the jail. */
  async destroy(): Promise<void> {
    for (const program of this.#programs.reverse()) await stop(program);
    let signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM';
    await waitFor(`all processes of ${this.directory} to end`, async () => {
      const left = await this.processes();
      for (const id of left) end(id, signal);
      signal = 'SIGKILL';
      return left.length === 0;
    });
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function stop(program: ChildProcess): Promise<void> {
  if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null) return;
  const exited = once(program, 'exit');
  program.kill('SIGTERM');
  const timer = setTimeout(() => program.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

function isInside(directory: string, root: string): boolean {
  return root === directory || root.startsWith(`${directory}/`);
}

function end(id: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** The folder of the jails of this worker of jest. */
export function instancesOfWorker(): string {
  return join(environment('POSTHASTE_INTEROP_INSTANCES'), environment('JEST_WORKER_ID'));
}

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run these tests with test/interop/run.sh`);
  return value;
}
