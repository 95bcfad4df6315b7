#!/usr/bin/env node
/** Wires the process to `run()`, and does nothing else. */
import { basename } from 'node:path';
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

const words = process.argv.slice(2);
// A link of that name is what other programs run.
const isSendmail = basename(process.argv[1] ?? '') === 'sendmail';

const code = await run(isSendmail ? ['sendmail', ...words] : words, {
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
