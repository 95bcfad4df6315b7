/** posthaste's `SMTP.sendmail`, from a build: `dist` is the folder of its ES modules. */
import { pathToFileURL } from 'node:url';

export async function open({ dist, host, port, from, to, input }) {
  const { SMTP } = await import(pathToFileURL(`${dist}/index.js`));
  const client = await SMTP.connect({ host, port });
  return {
    async repeat(count) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) accepted += (await client.sendmail(from, to, input)).accepted.length;
      return accepted;
    },
    close: () => client.quit(),
  };
}
