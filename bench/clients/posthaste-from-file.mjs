/** posthaste's `Mailer.send` of a message in a file. */
import { pathToFileURL } from 'node:url';

export async function open({ dist, host, port, from, to, file }) {
  const { Mailer, messageFromFile } = await import(pathToFileURL(`${dist}/index.js`));
  const mailer = new Mailer({ host, port, tls: 'never', maxConnections: 1 });
  return {
    async repeat(count) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) {
        accepted += (await mailer.send(await messageFromFile(file), { from, to })).accepted.length;
      }
      return accepted;
    },
    close: () => mailer.close(),
  };
}
