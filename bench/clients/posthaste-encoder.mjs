/** posthaste's body encoder, fed in blocks as a file is read. The sum is of the octets that came out. */
import { pathToFileURL } from 'node:url';
import { blocksOf, sumOfLengths } from '../lib/blocks.mjs';

export async function open({ dist, input }) {
  const { LineEndEncoder } = await import(pathToFileURL(`${dist}/../cjs/octets/line-ends.js`));
  const blocks = blocksOf(input);
  const encode = () => {
    const encoder = new LineEndEncoder({ dotStuffing: true, bodyOnly: true });
    let octets = 0;
    for (const block of blocks) octets += sumOfLengths(encoder.push(block));
    return octets + sumOfLengths(encoder.end());
  };
  return {
    async repeat(count) {
      let octets = 0;
      for (let done = 0; done < count; done += 1) octets += encode();
      return octets;
    },
    close: async () => undefined,
  };
}
