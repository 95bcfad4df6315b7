/** A program of examples/, run as its reader would run it, with the packages of examples/. It does not outlive its test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const examples = join(import.meta.dirname, '..', '..', 'examples');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ExampleProgram implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #news = new EventEmitter();
  readonly #ended: Promise<Ended>;
  #isOver = false;

  /** `file` is TypeScript of examples/, or with `words` in front what Node is to run instead. */
  constructor(file: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const { PATH = '' } = process.env;
    const words = /\.tsx?$/.test(file) ? ['--import', 'tsx', file] : [file];
    const child = spawn(process.execPath, [...words, ...args], {
      cwd: examples,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, ...env },
    });
    this.#process = child;
    const stderr: Buffer[] = [];
    child.stderr.on('data', (octets: Buffer) => stderr.push(octets));
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => {
      this.#lines.push(line);
      this.#news.emit('news');
    });
    this.#ended = once(child, 'close').then(([code]) => {
      this.#isOver = true;
      this.#news.emit('news');
      return { code: code as number | null, stdout: this.#lines.join('\n'), stderr: Buffer.concat(stderr).toString() };
    });
  }

  /** The first line that it has printed, or will print, with these words. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let next = 0; ; next += 1) {
      while (next === this.#lines.length && !this.#isOver) await once(this.#news, 'news');
      const line = this.#lines[next];
      if (line === undefined) {
        const { code, stderr } = await this.#ended;
        throw new Error(`it ended with ${String(code)} and said nothing like ${String(pattern)}\n${stderr}`);
      }
      const found = pattern.exec(line);
      if (found !== null) return found;
    }
  }

  /** What it has printed when it ends; a signal makes it end. */
  async end(signal?: NodeJS.Signals): Promise<Ended> {
    if (signal !== undefined) this.#process.kill(signal);
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.end('SIGKILL');
  }
}
