/** posthaste: the envelope of a message in a file. The sum is of the recipients. */
import { pathToFileURL } from 'node:url';

export async function open({ dist, file }) {
  const { messageFromFile } = await import(pathToFileURL(`${dist}/index.js`));
  return {
    async repeat(count) {
      let recipients = 0;
      for (let done = 0; done < count; done += 1) recipients += (await messageFromFile(file)).envelope().to.length;
      return recipients;
    },
    close: async () => undefined,
  };
}
