/** mailparser's simpleParser, which reads the whole message. The sum is of the recipients. */
import { simpleParser } from 'mailparser';

export async function open({ input }) {
  return {
    async repeat(count) {
      let recipients = 0;
      for (let done = 0; done < count; done += 1) {
        const { to, cc } = await simpleParser(input);
        recipients += to.value.length + cc.value.length;
      }
      return recipients;
    },
    close: async () => undefined,
  };
}
