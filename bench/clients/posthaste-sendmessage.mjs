/** posthaste's `SMTP.sendMessage`, each time with a new `Message`, from a build: `dist` is the folder of its ES modules. */
import { pathToFileURL } from 'node:url';

export async function open({ dist, host, port, from, to, input }) {
  const { Message, SMTP } = await import(pathToFileURL(`${dist}/index.js`));
  const client = await SMTP.connect({ host, port });
  return {
    async repeat(count) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) {
        const result = await client.sendMessage(Message.parse(input), { from, to });
        accepted += result.accepted.length;
      }
      return accepted;
    },
    close: () => client.quit(),
  };
}
