/** A client under measurement: a process of its own on the measured processor, told what to do in JSON lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { pinned } from './machine.mjs';

const clientFile = (name) => fileURLToPath(new URL(`../clients/${name}`, import.meta.url));

/** The command of a client: a Python program, or a module that clients/host.mjs hosts. */
function commandOf(module, nodeOptions) {
  if (module.endsWith('.py')) return ['python3', clientFile(module)];
  return [process.execPath, ...nodeOptions, clientFile('host.mjs'), module];
}

export class Client {
  #child;
  #answers;

  constructor({ module, options = {} }, nodeOptions = []) {
    this.options = options;
    const [program, ...args] = pinned(commandOf(module, nodeOptions));
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async #ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the client ended at ${request.command} (see above)`);
    return JSON.parse(value);
  }

  open(options) {
    return this.#ask({ command: 'open', ...this.options, ...options });
  }

  /** Does the work so many times; gives what the client counted, and its CPU time in microseconds. */
  repeat(count) {
    return this.#ask({ command: 'repeat', count });
  }

  /** Does the work once; gives what the client counted, and the octets that it held at most, over what it held before. */
  memory() {
    return this.#ask({ command: 'memory' });
  }

  /** Writes what the client makes to a file. */
  sample(file) {
    return this.#ask({ command: 'sample', file });
  }

  close() {
    return this.#ask({ command: 'close' });
  }

  /** Ends the process: by itself when its input ends, or else by force. */
  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }
}
