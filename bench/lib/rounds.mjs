/**
 * Rounds of A B A B: each client in turn, over and over, all of them alive and warm for the whole case, so that what the
 * machine does meanwhile falls on all of them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.mjs';

/** A client's process settles (pools, compilers) before the first round. */
const SETTLE_MS = 2_500;

/** Warming up takes no longer, and neither does one run: whoever is slow does less of the work. */
const WARM_UP_MS = 3_000;
const RUN_MS = 1_500;
const FIRST_PART = 50;

/**
 * `competitors`: `{ name, module, options }` each. `open(competitor)` gives the options to open its client with; `check(competitor,
 * count, done)` throws when the work was not done. Each does its work `warmUp` times uncounted, and then `count` times a round, or as
 * often as it can in `runMs` by the clock. Gives for each competitor its CPU microseconds for one piece of work, by round; or what
 * `counted` takes instead.
 */
export async function runRounds({
  competitors,
  open,
  check,
  warmUp,
  count,
  rounds,
  nodeOptions,
  counted = ({ cpuMicros }) => cpuMicros,
  runMs = RUN_MS,
}) {
  const clients = competitors.map((competitor) => new Client(competitor, nodeOptions));
  const micros = competitors.map(() => []);
  const runOne = async (index, times) => {
    const startedMs = performance.now();
    const answer = await clients[index].repeat(times);
    const wallMicros = (performance.now() - startedMs) * 1000;
    await check(competitors[index], times, answer.done);
    return { wallMicros, ...answer };
  };
  /** Gives how often the client does its work in a run. */
  const warm = async (index) => {
    const startedMs = performance.now();
    let done = 0;
    let part = Math.min(warmUp, FIRST_PART);
    for (;;) {
      const { wallMicros } = await runOne(index, part);
      done += part;
      if (done >= warmUp || performance.now() - startedMs > WARM_UP_MS) {
        return Math.max(1, Math.min(count, Math.round((runMs * 1000 * part) / wallMicros)));
      }
      part = Math.min(part * 2, warmUp - done);
    }
  };
  try {
    for (const [index, client] of clients.entries()) await client.open(await open(competitors[index]));
    const times = [];
    for (const index of clients.keys()) times.push(await warm(index));
    await delay(SETTLE_MS);
    for (let round = 0; round < rounds; round += 1) {
      for (const index of clients.keys()) micros[index].push(counted(await runOne(index, times[index])) / times[index]);
    }
    for (const client of clients) await client.close();
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
  return competitors.map(({ name }, index) => ({ name, values: micros[index] }));
}
