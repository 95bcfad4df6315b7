#!/usr/bin/env node
/** Wires the process to `run()`, and does nothing else. */
import { outputTo } from './io.js';
import { run } from './run.js';

const finish = new AbortController();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (finish.signal.aborted) stop.abort(signal);
    else finish.abort(signal);
  });
}

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: outputTo(process.stdout, 'standard output'),
  stderr: outputTo(process.stderr, 'standard error'),
  // The width of a terminal may change, and a pseudo-terminal may not know it.
  terminal: process.stderr.isTTY
    ? {
        get columns() {
          return process.stderr.columns || 80;
        },
      }
    : undefined,
  env: process.env,
  finish: finish.signal,
  stop: stop.signal,
});
// Every text was handed over by now; what is still open is of no use to anybody.
process.exit(code);
