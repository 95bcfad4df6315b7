/**
 * nodemailer's pooled transport, with one connection that is never replaced, given all messages of a run at once:
 * finished octets, or the fields of a letter.
 */
import { createTransport } from 'nodemailer';
import { letterFields } from '../lib/composed.mjs';

export async function open({ host, port, from, to, input }) {
  const transport = createTransport({
    host,
    port,
    pool: true,
    maxConnections: 1,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  const mail = () => (input === undefined ? letterFields() : { envelope: { from, to }, raw: input });
  return {
    async repeat(count) {
      const results = await Promise.all(Array.from({ length: count }, () => transport.sendMail(mail())));
      return results.reduce((accepted, result) => accepted + result.accepted.length, 0);
    },
    close: async () => transport.close(),
  };
}
