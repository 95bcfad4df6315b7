/**
 * emailjs' SMTPConnection, since its client takes no finished octets. It neither doubles dots nor looks at line ends, and puts a
 * line end before the final dot whatever the content ends with.
 */
import { SMTPConnection } from 'emailjs';

const CRLF_OCTETS = 2;
/** It gives its connection up in silence behind 5 s, which is less than the turns of the others take. */
const IDLE_MS = 600_000;

export async function open({ host, port, from, to, input }) {
  const connection = new SMTPConnection({ host, port, timeout: IDLE_MS });
  const ask = (command, ...args) =>
    new Promise((resolve, reject) => {
      const settle = (error, data) => (error ? reject(error) : resolve(data));
      connection[command](settle, ...args);
    });
  await ask('connect');
  await ask('ehlo');
  const content = input.subarray(0, -CRLF_OCTETS);
  return {
    async repeat(count) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) {
        await ask('mail', `<${from}>`);
        for (const recipient of to) await ask('rcpt', `<${recipient}>`);
        await ask('data');
        connection.message(content);
        await ask('data_end');
        accepted += to.length;
      }
      return accepted;
    },
    close: async () => connection.quit(),
  };
}
