/**
 * A server that looks at what arrives, where smtp-sink only counts: each client sends to it once before it is measured, so
 * that what is compared is the same work.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export const digestOf = (octets) => createHash('sha256').update(octets).digest('hex');

/** `keepContent`: what arrives has its octets too, and not their digest alone. */
export async function startRecorder({ keepContent = false } = {}) {
  const arrivals = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    async onData(stream, session, callback) {
      const hash = createHash('sha256');
      const pieces = [];
      for await (const piece of stream) {
        hash.update(piece);
        if (keepContent) pieces.push(piece);
      }
      const { mailFrom, rcptTo } = session.envelope;
      arrivals.push({
        from: mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        digest: hash.digest('hex'),
        ...(keepContent ? { content: Buffer.concat(pieces) } : {}),
      });
      callback();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    host: '127.0.0.1',
    port: server.server.address().port,
    /** What has arrived since the last call. */
    take: () => arrivals.splice(0),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
