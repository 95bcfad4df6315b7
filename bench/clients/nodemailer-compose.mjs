/** nodemailer's MailComposer on the fields of lib/composed.mjs; its octets are counted. */
import MailComposer from 'nodemailer/lib/mail-composer';
import { composedFields } from '../lib/composed.mjs';

export async function open({ input, streamedOctets }) {
  const streamOf = () =>
    new MailComposer(composedFields({ input, streamedOctets }, { asReadable: true })).compile().createReadStream();
  return {
    async repeat(count) {
      let octets = 0;
      for (let done = 0; done < count; done += 1) for await (const piece of streamOf()) octets += piece.length;
      return octets;
    },
    async sample() {
      const pieces = [];
      for await (const piece of streamOf()) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    close: async () => undefined,
  };
}
