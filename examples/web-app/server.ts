/** Starts the application, and ends it without losing a mail: Ctrl-C, SIGTERM, or `kill -9`. */
import { Mailer } from 'posthaste';
import { Outbox } from 'posthaste/outbox';
import { createApp } from './app.js';

const mailer = new Mailer(process.env['SMTP_URL'] ?? 'smtp://localhost:1025');
const outbox = await Outbox.open({
  mailer,
  store: process.env['OUTBOX'] ?? './outbox',
  // When the answer to a message was lost: look whether it arrived, and decide. `retry` would send it again.
  onUnknown: 'hold',
});
const app = createApp(outbox, { logger: true });

async function logEvents(): Promise<void> {
  for await (const event of outbox.events()) {
    if (event.type === 'quarantined') app.log.error({ mail: event.id, reason: event.reason }, 'quarantined');
    else app.log.info({ mail: event.entry.id, failure: event.entry.failure }, event.type);
  }
}

async function shutDown(): Promise<void> {
  app.log.info('Shutting down');
  await app.close(); // Takes no further requests, and answers those that it has.
  await outbox.close(); // Begins no further mail, and waits for those on a connection. The rest stays in the store.
  await mailer.close();
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void shutDown();
  });
}

void logEvents();
await outbox.start({ concurrency: 5 });
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) });
