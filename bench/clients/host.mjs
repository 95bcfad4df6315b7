/**
 * The process of one client: `node host.mjs CLIENT`. It does its work over and over when it is told to, one JSON line in, one
 * JSON line out, and measures its own CPU time (user and system, all threads) and the time by the clock around the work alone, or the
 * most memory that it held meanwhile.
 *
 * A client is a module with `open(options)`, which resolves with `repeat(count)` (it gives a sum that tells whether the work was
 * done) and `close()`. `options.input` comes as the octets of `inputFile`. One that makes messages has `sample()`, which gives one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { open } = await import(new URL(`${process.argv[2]}.mjs`, import.meta.url));
let client;

/** In octets: `VmRSS`, what the process holds now, or `VmHWM`, the most that it has held. */
function memory(which) {
  const [, kilobytes] = new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'latin1'));
  return Number(kilobytes) * 1024;
}

const commands = {
  async open({ inputFile, ...options }) {
    client = await open({ ...options, ...(inputFile === undefined ? {} : { input: readFileSync(inputFile) }) });
    return {};
  },
  async repeat({ count }) {
    const startedMs = performance.now();
    const started = process.cpuUsage();
    const done = await client.repeat(count);
    const { user, system } = process.cpuUsage(started);
    return { done, cpuMicros: user + system, wallMicros: (performance.now() - startedMs) * 1000 };
  },
  /** The work once, and how many octets more than before it the process held at most. */
  async memory() {
    const before = memory('VmRSS');
    // Linux forgets the most that the process has held so far (proc(5)).
    writeFileSync('/proc/self/clear_refs', '5');
    const done = await client.repeat(1);
    return { done, octets: memory('VmHWM') - before };
  },
  async sample({ file }) {
    writeFileSync(file, await client.sample());
    return {};
  },
  async close() {
    await client.close();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await commands[command](options))}\n`);
}
