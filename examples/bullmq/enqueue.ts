/** The side of the web application: puts a mail into the queue, and ends. `enqueue.ts ADDRESS ORDER`. */
import { BullOutbox } from 'posthaste/bullmq';

const [to = 'ann@example.org', order = '1843'] = process.argv.slice(2);

await using outbox = await BullOutbox.open({ connection: process.env['REDIS_URL'] ?? 'redis://localhost:6379' });
const entry = await outbox.enqueue(
  {
    from: 'shop@example.org',
    to,
    subject: `Your order ${order}`,
    text: `Thank you for your order ${order}.\n`,
  },
  // Run again with the same order, this finds the mail that there is.
  { key: `order-confirmation:${order}` },
);
console.log(entry.id, entry.state);
