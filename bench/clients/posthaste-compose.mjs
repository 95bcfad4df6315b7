/** posthaste: a message composed from the fields of lib/composed.mjs, and its octets counted. */
import { pathToFileURL } from 'node:url';
import { composedFields } from '../lib/composed.mjs';

export async function open({ dist, input, streamedOctets }) {
  const { Message } = await import(pathToFileURL(`${dist}/index.js`));
  const compose = async () => {
    let octets = 0;
    for await (const piece of Message.compose(composedFields({ input, streamedOctets })).stream())
      octets += piece.length;
    return octets;
  };
  return {
    async repeat(count) {
      let octets = 0;
      for (let done = 0; done < count; done += 1) octets += await compose();
      return octets;
    },
    sample: async () => Message.compose(composedFields({ input })).toBytes(),
    close: async () => undefined,
  };
}
