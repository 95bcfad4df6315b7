/**
 * posthaste's `Mailer.send` over one connection with many in flight, from a build: `dist` is the folder of its ES modules. Each time
 * a new `Message`, or, without octets, the fields of a letter.
 */
import { pathToFileURL } from 'node:url';
import { letterFields } from '../lib/composed.mjs';

/** Enough that the connection never waits for the program; a program that sends mail in bulk has as many. */
const IN_FLIGHT = 50;

export async function open({ dist, host, port, from, to, input, chunking, maxConnections = 1 }) {
  const { Mailer, Message } = await import(pathToFileURL(`${dist}/index.js`));
  const mailer = new Mailer({
    host,
    port,
    tls: 'never',
    maxConnections,
    maxMessagesPerConnection: Infinity,
    maxConnectionAgeMs: Infinity,
    idleTimeoutMs: 600_000,
    ...(chunking === undefined ? {} : { chunking }),
  });
  const sendOne = () =>
    input === undefined ? mailer.send(letterFields()) : mailer.send(Message.parse(input), { from, to });
  return {
    async repeat(count) {
      let begun = 0;
      let accepted = 0;
      const sender = async () => {
        while (begun < count) {
          begun += 1;
          const result = await sendOne();
          accepted += result.accepted.length;
        }
      };
      await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, sender));
      return accepted;
    },
    close: () => mailer.close(),
  };
}
