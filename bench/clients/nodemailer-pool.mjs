/** nodemailer's pooled transport, with one connection that is never replaced, given all messages of a run at once. */
import { createTransport } from 'nodemailer';

export async function open({ host, port, from, to, input }) {
  const transport = createTransport({
    host,
    port,
    pool: true,
    maxConnections: 1,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  const mail = { envelope: { from, to }, raw: input };
  return {
    async repeat(count) {
      const results = await Promise.all(Array.from({ length: count }, () => transport.sendMail(mail)));
      return results.reduce((accepted, result) => accepted + result.accepted.length, 0);
    },
    close: async () => transport.close(),
  };
}
