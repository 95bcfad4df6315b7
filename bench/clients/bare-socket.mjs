/**
 * The floor: a bare socket that is told what to say. One write for each message, its content with the envelope of the next one behind
 * it; of the answers nothing but their lines is counted. It checks nothing, knows no time-out and tells nobody what became of a message,
 * so it is no client: it shows what the machine and Node take for the same octets.
 */
import { connect } from 'node:net';

const LF = 0x0a;
const END = Buffer.from('.\r\n');

export async function open({ host, port, from, to, input }) {
  const socket = connect({ host, port, noDelay: true });
  let awaited = 0;
  let arrived = () => undefined;
  socket.on('data', (chunk) => {
    for (const octet of chunk) if (octet === LF) awaited -= 1;
    if (awaited <= 0) arrived();
  });
  const lines = (count) =>
    new Promise((resolve) => {
      awaited += count;
      arrived = resolve;
    });
  const envelope = () =>
    Buffer.from(`MAIL FROM:<${from}>\r\n${to.map((address) => `RCPT TO:<${address}>\r\n`).join('')}DATA\r\n`);
  const envelopeLines = to.length + 2;
  await lines(1);
  socket.write('HELO localhost\r\n');
  await lines(1);
  return {
    async repeat(count) {
      socket.write(envelope());
      await lines(envelopeLines);
      for (let sent = 1; sent < count; sent += 1) {
        socket.write(Buffer.concat([input, END, envelope()]));
        await lines(1 + envelopeLines);
      }
      socket.write(Buffer.concat([input, END]));
      await lines(1);
      return count * to.length;
    },
    async close() {
      socket.write('QUIT\r\n');
      await lines(1);
      socket.destroy();
    },
  };
}
