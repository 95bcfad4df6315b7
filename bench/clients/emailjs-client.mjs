/** emailjs' SMTPClient, its only way to send the fields of a letter: one connection, given all messages of a run at once. */
import { SMTPClient } from 'emailjs';
import { letterFields } from '../lib/composed.mjs';

export async function open({ host, port }) {
  const client = new SMTPClient({ host, port });
  return {
    async repeat(count) {
      const sendOne = () => {
        const { html, ...fields } = letterFields();
        return client.sendAsync({ ...fields, attachment: [{ data: html, alternative: true }] });
      };
      const results = await Promise.all(Array.from({ length: count }, sendOne));
      return results.length;
    },
    close: async () => client.smtp.quit(),
  };
}
