/** mailparser's MailParser on octets in memory, ended as soon as it has told the header fields. The sum is of the recipients. */
import { MailParser } from 'mailparser';
import { blocksOf } from '../lib/blocks.mjs';

export async function open({ input }) {
  const blocks = blocksOf(input);
  const recipientsOf = () =>
    new Promise((resolve, reject) => {
      const parser = new MailParser();
      parser.once('error', reject);
      parser.once('headers', (headers) => {
        resolve(headers.get('to').value.length + headers.get('cc').value.length);
        parser.destroy();
      });
      parser.write(blocks[0]);
      if (blocks.length === 1) parser.end();
    });
  return {
    async repeat(count) {
      let recipients = 0;
      for (let done = 0; done < count; done += 1) recipients += await recipientsOf();
      return recipients;
    },
    close: async () => undefined,
  };
}
