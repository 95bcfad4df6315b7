/** An SMTP server on a free port of this machine that keeps what it gets and refuses every `nobody@`. */
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export async function startServer() {
  const received = [];
  const server = new SMTPServer({
    name: 'demo.example',
    logger: false,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, done) {
      if (!address.startsWith('nobody@')) return done();
      done(Object.assign(new Error('5.1.1 No such mailbox here'), { responseCode: 550 }));
    },
    async onData(stream, { envelope }, done) {
      const octets = await buffer(stream);
      received.push({
        from: envelope.mailFrom.address,
        to: envelope.rcptTo.map(({ address }) => address),
        octets,
      });
      done(null, `2.0.0 Ok: queued as DEMO${String(received.length)}`);
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `smtp://127.0.0.1:${String(server.server.address().port)}`,
    /** Messages in the order of their arrival. */
    received,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
