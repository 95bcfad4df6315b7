/** posthaste: a hostile text of one shape, read as an address list or as a message. */
import { pathToFileURL } from 'node:url';
import { SHAPES } from '../lib/shapes.mjs';

export async function open({ dist, shape, length }) {
  const { isPosthasteError, Message, parseAddressList } = await import(pathToFileURL(`${dist}/index.js`));
  const { kind, make } = SHAPES[shape];
  const text = make(length);
  const octets = Buffer.from(text);
  const work = {
    list: () => parseAddressList(text),
    lenient: () => parseAddressList(text, { mode: 'lenient' }),
    message: () => Message.parse(octets).explainEnvelope(),
  }[kind];
  return {
    async repeat(count) {
      for (let done = 0; done < count; done += 1) {
        try {
          work();
        } catch (error) {
          if (!isPosthasteError(error)) throw error;
        }
      }
      return octets.length;
    },
    close: async () => undefined,
  };
}
