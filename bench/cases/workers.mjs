/**
 * Cases: one and two workers of posthaste/bullmq beside one Mailer, each in processes of their own, all to one smtp-sink, by the clock; what
 * enqueueing costs where Redis waits for its disk; and how much memory a job takes in Redis. Nothing is pinned: workers, Redis and the sink share
 * the processors that there are, as they would on one machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Queue } from 'bullmq';

import { envelope, message } from '../lib/messages.mjs';
import { startRedis } from '../lib/redis.mjs';
import { startSink } from '../lib/sink.mjs';
import { Client } from '../lib/client.mjs';

const OCTETS = 2_048;
const CONNECTIONS = 10;
const CONCURRENCY = 50;
const PROGRAM = fileURLToPath(new URL('../clients/bullmq-worker.mjs', import.meta.url));

/** User and system time of a process so far, in microseconds; the kernel counts in hundredths of a second. */
function cpuMicrosOf(pid) {
  const fields = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function startWorker(options) {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return {
    cpuMicros: () => cpuMicrosOf(child.pid),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A queue with so many workers, which rest until a round begins. */
async function startFleet({ BullOutbox, dist, redis, sink, workers }) {
  const queue = `workers-${String(workers)}`;
  const outbox = await BullOutbox.open({ connection: redis.url, queue });
  const control = new Queue(queue, { connection: { url: redis.url } });
  const { host, port } = sink;
  const common = { dist, host, port, connection: redis.url, queue };
  const started = await Promise.all(
    Array.from({ length: workers }, () =>
      startWorker({ ...common, concurrency: CONCURRENCY, maxConnections: CONNECTIONS }),
    ),
  );
  return {
    async run(count, input, arrived) {
      await control.pause();
      await outbox.enqueueAll(Array.from({ length: count }, () => ({ message: input, ...envelope(1) })));
      const spent = () => started.reduce((sum, worker) => sum + worker.cpuMicros(), 0);
      const [startedMs, before] = [performance.now(), spent()];
      await control.resume();
      await arrived();
      const perSecond = count / ((performance.now() - startedMs) / 1000);
      return { perSecond, cpuMicros: (spent() - before) / count };
    },
    async stop() {
      for (const worker of started) await worker.stop();
      await control.close();
      await outbox.close();
    },
  };
}

/** The same messages through one Mailer, with as many connections and as many in flight. */
async function startMailer({ dist, sink, inputFile }) {
  const client = new Client({ name: 'Mailer', module: 'posthaste-mailer' }, []);
  await client.open({ dist, host: sink.host, port: sink.port, ...envelope(1), inputFile, maxConnections: CONNECTIONS });
  return {
    async run(count, _input, arrived) {
      const startedMs = performance.now();
      const { cpuMicros } = await client.repeat(count);
      await arrived();
      return { perSecond: count / ((performance.now() - startedMs) / 1000), cpuMicros: cpuMicros / count };
    },
    async stop() {
      await client.close();
      await client.end();
    },
  };
}

async function throughput({ BullOutbox, dist, folder, rounds, scale, appendfsync }) {
  const input = message(OCTETS);
  const redis = await startRedis(folder, { appendfsync });
  const sink = await startSink(folder);
  const common = { BullOutbox, dist, redis, sink, inputFile: join(folder, 'message') };
  const fleets = [await startMailer(common)];
  for (const workers of [1, 2]) fleets.push(await startFleet({ ...common, workers }));
  const rows = ['one Mailer', '1 worker process', '2 worker processes'].map((name) => ({ name, values: [], cpu: [] }));
  const redisCpu = { name: 'Redis, beside 1 worker process', values: [] };
  const count = Math.max(500, Math.round(4_000 * scale));
  let sent = 0;
  const runOne = async (index, wanted) => {
    sent += wanted;
    return await fleets[index].run(wanted, input, () => sink.expect(sent, rows[index].name));
  };
  try {
    for (const index of rows.keys()) await runOne(index, 500);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, { values, cpu }] of rows.entries()) {
        const before = await redis.cpuMicros();
        const { perSecond, cpuMicros } = await runOne(index, count);
        values.push(perSecond);
        cpu.push(cpuMicros);
        // The enqueueing is in it.
        if (index === 1) redisCpu.values.push(((await redis.cpuMicros()) - before) / count);
      }
    }
  } finally {
    for (const fleet of fleets) await fleet.stop();
    await sink.stop();
    await redis.stop();
  }
  return { rows, cpuRows: [...rows.map(({ name, cpu }) => ({ name, values: cpu })), redisCpu] };
}

async function enqueueing({ BullOutbox, folder, rounds, scale, appendfsync }) {
  const input = message(OCTETS);
  const redis = await startRedis(folder, { appendfsync });
  const outbox = await BullOutbox.open({ connection: redis.url });
  const single = { name: 'enqueue(), 1 at a time', values: [] };
  const many = { name: 'enqueue(), 50 at a time', values: [] };
  const batch = { name: 'enqueueAll()', values: [] };
  const count = Math.max(200, Math.round(1_000 * scale));
  const timed = async (work) => {
    const startedMs = performance.now();
    await work();
    return count / ((performance.now() - startedMs) / 1000);
  };
  const sender = (parallel) => async () => {
    let begun = 0;
    const one = async () => {
      while (begun < count) {
        begun += 1;
        await outbox.enqueue(input, envelope(1));
      }
    };
    await Promise.all(Array.from({ length: parallel }, one));
  };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const values = [
        await timed(sender(1)),
        await timed(sender(50)),
        await timed(() => outbox.enqueueAll(Array.from({ length: count }, () => ({ message: input, ...envelope(1) })))),
      ];
      // The first is not counted.
      if (round > 0) for (const [index, row] of [single, many, batch].entries()) row.values.push(values[index]);
      await redis.flush();
    }
  } finally {
    await outbox.close();
    await redis.stop();
  }
  return [single, many, batch];
}

/** Octets of Redis for one job more, as `used_memory` grows. */
async function memory({ BullOutbox, FileBlobStore, folder }) {
  const count = 3_000;
  const redis = await startRedis(folder, { appendfsync: 'no' });
  const rows = [];
  const blobs = new FileBlobStore(join(folder, 'blobs'));
  const cases = [
    { name: 'a message of 2 KiB', octets: 2_048 },
    { name: 'a message of 20 KiB', octets: 20_480 },
    { name: 'a message of 100 KiB, in the blob store', octets: 102_400, count: 300 },
  ];
  try {
    for (const { name, octets, count: fewer = count } of cases) {
      await redis.flush();
      const outbox = await BullOutbox.open({ connection: redis.url, blobs });
      const before = await redis.usedMemory();
      const input = message(octets);
      await outbox.enqueueAll(
        Array.from({ length: fewer }, (_, index) => ({ message: input, ...envelope(1), key: String(index) })),
      );
      rows.push({ name, values: [((await redis.usedMemory()) - before) / fewer] });
      await outbox.close();
    }
  } finally {
    await redis.stop();
  }
  return rows;
}

export async function* workers({ builds, folder, rounds, scale }) {
  const [{ dist }] = builds;
  const { BullOutbox, FileBlobStore } = await import(pathToFileURL(`${dist}/bullmq/index.js`));
  const own = await mkdtemp(join(folder, 'workers-'));
  await writeFile(join(own, 'message'), message(OCTETS));
  // What the outbox says of a Redis that does not wait for its disk is known here.
  process.removeAllListeners('warning');
  const common = { BullOutbox, FileBlobStore, dist, folder: own, rounds: Math.min(rounds, 5), scale };
  try {
    for (const appendfsync of ['everysec', 'always']) {
      const { rows, cpuRows } = await throughput({ ...common, appendfsync });
      const title = `Workers on BullMQ, messages of 2 KiB, appendfsync ${appendfsync}`;
      yield { title, unit: 'messages per second by the clock', higherIsBetter: true, aims: [], rows };
      yield {
        title: `${title}: CPU`,
        unit: 'us of CPU per message',
        higherIsBetter: false,
        aims: [],
        rows: cpuRows,
      };
    }
    for (const appendfsync of ['everysec', 'always']) {
      yield {
        title: `Enqueueing to BullMQ, messages of 2 KiB, appendfsync ${appendfsync}`,
        unit: 'messages per second by the clock',
        higherIsBetter: true,
        alone: true,
        aims: [],
        rows: await enqueueing({ ...common, appendfsync }),
      };
    }
    yield {
      title: 'Memory of a job in Redis',
      unit: 'octets',
      higherIsBetter: false,
      alone: true,
      aims: [],
      rows: await memory(common),
    };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
