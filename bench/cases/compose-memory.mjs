/** Case: a streamed attachment of 200 MB, composed and read to its last octet: the memory that it takes over the base. */
import { Client } from '../lib/client.mjs';
import { composers } from './compose.mjs';

const ATTACHMENT_OCTETS = 200_000_000;
const MEGABYTE = 1_000_000;

/** Base64 in lines of 76 with their line ends, and some kilobytes of text and fields. */
const isWhole = (octets) =>
  octets / ((ATTACHMENT_OCTETS * 4 * 78) / (3 * 76)) - 1 < 0.001 && octets > ATTACHMENT_OCTETS * 1.36;

export async function* composeMemory({ builds, rounds, nodeOptions }) {
  const competitors = composers(builds);
  const rows = competitors.map(({ name }) => ({ name, values: [] }));
  for (let round = 0; round < Math.min(rounds, 5); round += 1) {
    for (const [index, competitor] of competitors.entries()) {
      // A process of its own each time: what one run leaves behind is no gift to the next.
      const client = new Client(competitor, nodeOptions);
      try {
        await client.open({ streamedOctets: ATTACHMENT_OCTETS });
        const { done, octets } = await client.memory();
        if (!isWhole(done)) throw new Error(`${competitor.name} made ${String(done)} octets`);
        rows[index].values.push(octets / MEGABYTE);
        await client.close();
      } finally {
        await client.end();
      }
    }
  }
  yield {
    title: 'Composition: a streamed attachment of 200 MB, memory',
    unit: 'MB over the base',
    higherIsBetter: false,
    aims: [{ value: 40 }],
    rows,
  };
}
