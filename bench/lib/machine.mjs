/**
 * What was measured on, and where: client and server share one processor, since a wake-up across two is billed to the
 * sender; this process, which only waits and compares, keeps to another one where there is one.
 */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

import { root } from '../../scripts/run.mjs';

const processors = cpus().length;

/** The processor of clients and servers. */
const MEASURED = String(processors - 1);

/** The command, pinned to the measured processor. */
export function pinned(command) {
  return ['taskset', '-c', MEASURED, ...command];
}

/** Keeps this process off the measured processor. */
export function stepAside() {
  if (process.platform !== 'linux') throw new Error('the benchmark needs Linux, with taskset and setpriv (util-linux)');
  if (processors > 1) execFileSync('taskset', ['-pc', `0-${String(processors - 2)}`, String(process.pid)]);
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

export function describeRun() {
  const changed = git('status', '--porcelain', '--', 'src', 'bench') !== '';
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${changed ? ' with changes' : ''}`,
    node: process.version,
    python: execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim(),
    machine: `${String(processors)} x ${cpus()[0].model.trim()}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Linux ${release()}`,
  };
}
