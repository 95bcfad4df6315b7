/**
 * The process of one client: `node host.mjs CLIENT`. It does its work over and over when it is told to, one JSON line in, one
 * JSON line out, and measures its own CPU time (user and system, all threads) around the work alone.
 *
 * A client is a module with `open(options)`, which resolves with `repeat(count)` (it gives a sum that tells whether the work was
 * done) and `close()`. `options.input` comes as the octets of `inputFile`.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { open } = await import(new URL(`${process.argv[2]}.mjs`, import.meta.url));
let client;

const commands = {
  async open({ inputFile, ...options }) {
    client = await open({ ...options, input: readFileSync(inputFile) });
    return {};
  },
  async repeat({ count }) {
    const started = process.cpuUsage();
    const done = await client.repeat(count);
    const { user, system } = process.cpuUsage(started);
    return { done, cpuMicros: user + system };
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
