/** Sends what is in the queue, until Ctrl-C or SIGTERM. Start as many as you like, on as many machines as you like. */
import { once } from 'node:events';
import { Mailer } from 'posthaste';
import { createWorker } from 'posthaste/bullmq';

await using mailer = new Mailer(process.env['SMTP_URL'] ?? 'smtp://localhost:1025');
await using worker = await createWorker({
  mailer,
  connection: process.env['REDIS_URL'] ?? 'redis://localhost:6379',
  onUnknown: 'hold',
  concurrency: 10,
});

// The worker below is BullMQ's own, with its events.
worker.worker.on('completed', (job) => {
  console.log(`${String(job.id)} sent`);
});
worker.worker.on('failed', (job, error) => {
  console.log(`${String(job?.id)} attempt ${String(job?.attemptsMade)}: ${error.message}`);
});

console.log('The worker is ready.');
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
// At the end of the program the worker sends what it has in hand, and closes; then the mailer closes.
