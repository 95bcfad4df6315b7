// A real redis-server of its own: unpacked by install.sh, on a free port, with its data in a folder that goes with it.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, LOOPBACK } from '../free-port.js';
import { waitFor } from '../wait-for.js';

const run = promisify(execFile);

/** What the tests of durability need; the others take `appendfsync: 'no'` and are faster. */
export interface RedisServerSettings {
  readonly appendonly?: 'yes' | 'no';
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  readonly maxmemoryPolicy?: string;
  /** Further words of the command line. */
  readonly words?: readonly string[];
}

let unpacked: Promise<string> | undefined;

/** The folder with the program. The script is quick when it ran before. */
function root(): Promise<string> {
  unpacked ??= run('sh', [join(import.meta.dirname, 'install.sh')]).then(({ stdout }) => stdout.trim());
  return unpacked;
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #settings: RedisServerSettings;
  readonly #output: Buffer[] = [];
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, settings: RedisServerSettings) {
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
  }

  static async start(settings: RedisServerSettings = {}): Promise<RedisServer> {
    const [port] = await freePorts(1);
    if (port === undefined) throw new Error('no free port');
    const server = new RedisServer(port, await mkdtemp(join(tmpdir(), 'posthaste-redis-')), settings);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://${LOOPBACK}:${String(this.port)}`;
  }

  /** Starts it on the data that it left. */
  async begin(): Promise<void> {
    const folder = await root();
    const libraries = join(folder, 'lib');
    const [triplet] = (await readdir(libraries)).filter((name) => name.endsWith('-linux-gnu'));
    if (triplet === undefined) throw new Error(`no libraries in ${libraries}`);
    const { appendonly = 'yes', appendfsync = 'always', maxmemoryPolicy = 'noeviction', words = [] } = this.#settings;
    const [loader] = await readdir(join(folder, 'lib64')).catch(() => []);
    const child = spawn(
      loader === undefined ? join(libraries, triplet, 'ld-linux-aarch64.so.1') : join(folder, 'lib64', loader),
      [
        ...['--library-path', join(libraries, triplet), join(folder, 'usr/bin/redis-server')],
        ...['--bind', LOOPBACK, '--port', String(this.port), '--dir', this.#folder, '--save', '', '--daemonize', 'no'],
        ...['--appendonly', appendonly, '--appendfsync', appendfsync, '--maxmemory-policy', maxmemoryPolicy],
        ...words,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.on('data', (chunk: Buffer) => this.#output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.#process = child;
    await waitFor(
      'Redis to answer',
      () => this.#answers(),
      () => Promise.resolve(Buffer.concat(this.#output).toString()),
    );
  }

  /** SIGKILL: as when the machine goes, but for the disk. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: LOOPBACK, port: this.port });
      socket.once('connect', () => socket.write('PING\r\n'));
      socket.once('data', (data: Buffer) => {
        socket.destroy();
        resolve(data.toString().startsWith('+PONG'));
      });
      socket.once('error', () => {
        resolve(false);
      });
      socket.once('close', () => {
        resolve(false);
      });
    });
  }
}
