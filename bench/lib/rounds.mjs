/**
 * Rounds of A B A B: each client in turn, over and over, all of them alive and warm for the whole case, so that what the
 * machine does meanwhile falls on all of them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.mjs';

/** A client's process settles (pools, compilers) before the first round. */
const SETTLE_MS = 2_500;

/**
 * `competitors`: `{ name, module, options }` each, and `share` for one that waits so long that it does but a part of the work. `open(competitor)` gives the options to open its client with; `check(competitor,
 * count, done)` throws when the work was not done. Each does its work `warmUp` times uncounted, and then `count` times a
 * round. Gives for each competitor its CPU microseconds for one piece of work, by round; or what `counted` takes instead.
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
}) {
  const clients = competitors.map((competitor) => new Client(competitor, nodeOptions));
  const micros = competitors.map(() => []);
  const runOne = async (index, wanted) => {
    const times = Math.max(2, Math.round(wanted * (competitors[index].share ?? 1)));
    const answer = await clients[index].repeat(times);
    await check(competitors[index], times, answer.done);
    return counted(answer) / times;
  };
  try {
    for (const [index, client] of clients.entries()) await client.open(await open(competitors[index]));
    for (const index of clients.keys()) await runOne(index, warmUp);
    await delay(SETTLE_MS);
    for (let round = 0; round < rounds; round += 1) {
      for (const index of clients.keys()) micros[index].push(await runOne(index, count));
    }
    for (const client of clients) await client.close();
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
  return competitors.map(({ name }, index) => ({ name, values: micros[index] }));
}
