/** The floor for a file: its octets go from the disk to a bare socket, and nothing looks at them. No client: see bare-socket.mjs. */
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';

const BLOCK_OCTETS = 131_072;

export async function open({ host, port, from, to, file }) {
  const socket = connect({ host, port, noDelay: true });
  const say = async (line) => {
    if (line !== '') socket.write(line);
    await once(socket, 'data');
  };
  await say('');
  await say('HELO localhost\r\n');
  return {
    async repeat(count) {
      for (let sent = 0; sent < count; sent += 1) {
        await say(`MAIL FROM:<${from}>\r\n`);
        for (const address of to) await say(`RCPT TO:<${address}>\r\n`);
        await say('DATA\r\n');
        const source = createReadStream(file, { highWaterMark: BLOCK_OCTETS });
        source.pipe(socket, { end: false });
        await once(source, 'end');
        await say('.\r\n');
      }
      return count * to.length;
    },
    async close() {
      await say('QUIT\r\n');
      socket.destroy();
    },
  };
}
