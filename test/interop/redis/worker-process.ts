// A worker in a process of its own, which can be killed as a machine can fail.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buildPackage, type BuiltPackage } from '../../cli/built-package.js';
import type { BullWorkerOptions } from '../../../src/bullmq/index.js';

const PROGRAM = 'test/interop/redis/worker-program.mjs';

export type WorkerProcessOptions = Pick<
  BullWorkerOptions,
  'queue' | 'onUnknown' | 'concurrency' | 'lockDurationMs' | 'stalledIntervalMs'
> & { readonly connection: string; readonly server: string };

/** The package as a program sees it, compiled once for all. */
export class WorkerProcesses implements Disposable {
  readonly #built: BuiltPackage = buildPackage([PROGRAM]);

  /** Resolves when it works. */
  async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    return await WorkerProcess.start(join(this.#built.path, PROGRAM), options);
  }

  [Symbol.dispose](): void {
    this.#built.remove();
  }
}

export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(program: string, options: WorkerProcessOptions): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the worker ended before it was ready');
    });
    await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => undefined);
    return new WorkerProcess(child);
  }

  /** SIGKILL: it cannot say goodbye to anybody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
