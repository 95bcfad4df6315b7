// A worker in a process of its own, to be killed. One argument: its options as JSON.
import { Mailer } from 'posthaste';
import { createWorker } from 'posthaste/bullmq';

const { server, ...options } = JSON.parse(process.argv[2]);
await createWorker({ ...options, mailer: new Mailer(server) });
process.stdout.write('ready\n');
