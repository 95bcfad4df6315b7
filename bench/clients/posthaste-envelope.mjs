/** posthaste: the envelope of a message whose octets are in memory. The sum is of the recipients. */
import { pathToFileURL } from 'node:url';

export async function open({ dist, input }) {
  const { Message } = await import(pathToFileURL(`${dist}/index.js`));
  return {
    async repeat(count) {
      let recipients = 0;
      for (let done = 0; done < count; done += 1) recipients += Message.parse(input).envelope().to.length;
      return recipients;
    },
    close: async () => undefined,
  };
}
