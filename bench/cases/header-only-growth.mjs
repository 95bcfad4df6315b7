/** Case: four times the text, and how much more time: linear work gives 4, square work 16. */
import { Client } from '../lib/client.mjs';
import { SHAPES } from '../lib/shapes.mjs';

const MAX_PIECES = 9_600;
const AIM = 6;
const PARTS = 5;

export async function* growth({ builds, rounds, nodeOptions }) {
  const [{ dist }] = builds;
  const rows = [];
  const client = new Client({ module: 'posthaste-growth', options: { dist } }, nodeOptions);
  /** The least of some: what a collector of garbage adds is not the reader's. */
  const timeOf = async (shape, length, count) => {
    await client.open({ shape, length });
    const times = [];
    for (let part = 0; part < PARTS; part += 1) times.push((await client.repeat(count)).cpuMicros / count);
    return Math.min(...times);
  };
  try {
    for (const shape of Object.keys(SHAPES)) {
      const [small, large] = [MAX_PIECES / 4, MAX_PIECES];
      // Enough of them for the clock, which counts whole milliseconds on some machines.
      await timeOf(shape, small, 10);
      const count = Math.ceil(20_000 / Math.max(1, await timeOf(shape, small, 10)));
      const values = [];
      for (let round = 0; round < Math.min(rounds, 5); round += 1) {
        const less = await timeOf(shape, small, count);
        values.push((await timeOf(shape, large, Math.ceil(count / 4))) / less);
      }
      rows.push({ name: shape, values });
    }
    await client.close();
  } finally {
    await client.end();
  }
  yield {
    title: 'Growth of the readers of addresses and header blocks',
    unit: 'time(4n) / time(n)',
    higherIsBetter: false,
    alone: true,
    aims: [{ everyRow: AIM }],
    rows,
  };
}
