/** nodemailer's body encoder, a Transform stream, fed in blocks as a file is read. The sum is without its final `.` line. */
import { once } from 'node:events';
import DataStream from 'nodemailer/lib/smtp-connection/data-stream';
import { blocksOf } from '../lib/blocks.mjs';

const FINAL_LINE_OCTETS = 3;

export async function open({ input }) {
  const blocks = blocksOf(input);
  const encode = async () => {
    const stream = new DataStream();
    let octets = 0;
    stream.on('data', (block) => {
      octets += block.length;
    });
    const ended = once(stream, 'end');
    for (const block of blocks) if (!stream.write(block)) await once(stream, 'drain');
    stream.end();
    await ended;
    return octets - FINAL_LINE_OCTETS;
  };
  return {
    async repeat(count) {
      let octets = 0;
      for (let done = 0; done < count; done += 1) octets += await encode();
      return octets;
    },
    close: async () => undefined,
  };
}
