/** A worker of posthaste/bullmq in a process of its own, from a build: `node bullmq-worker.mjs OPTIONS`, as JSON. Says `ready`, and works until it is killed. */
import { pathToFileURL } from 'node:url';

const { dist, host, port, connection, queue, concurrency, maxConnections } = JSON.parse(process.argv[2]);
const { Mailer } = await import(pathToFileURL(`${dist}/index.js`));
const { createWorker } = await import(pathToFileURL(`${dist}/bullmq/index.js`));
const mailer = new Mailer({
  host,
  port,
  tls: 'never',
  maxConnections,
  maxMessagesPerConnection: Infinity,
  idleTimeoutMs: 600_000,
});
await createWorker({ mailer, connection, queue, concurrency });
process.stdout.write('ready\n');
