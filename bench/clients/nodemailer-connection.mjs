/** nodemailer's SMTPConnection, the class below its transports. */
import { promisify } from 'node:util';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export async function open({ host, port, from, to, input }) {
  const connection = new SMTPConnection({ host, port, ignoreTLS: true });
  await new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.connect(resolve);
  });
  const sendOne = promisify(connection.send.bind(connection));
  return {
    async repeat(count) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) accepted += (await sendOne({ from, to }, input)).accepted.length;
      return accepted;
    },
    close: async () => connection.quit(),
  };
}
