/**
 * Cases: how long a sender waits for a server that is far away. The delay proxy stands between client and server, the wall time
 * is taken and told in round trips. smtp-sink of Postfix does not know CHUNKING, so what needs it is measured with the
 * project's own test server.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkArrival } from '../lib/arrival.mjs';
import { startChunkingServer } from '../lib/chunking-server.mjs';
import { startDelayProxy } from '../lib/delay-proxy.mjs';
import { envelope, message } from '../lib/messages.mjs';
import { runRounds } from '../lib/rounds.mjs';
import { startSink } from '../lib/sink.mjs';

const OCTETS = 1_024;
const WINDOW = 4;

/** How long a case waits is known beforehand, and that of one round differs little from that of the next. */
const CASES = [
  { roundTripMs: 20, count: 60, mostRounds: 3 },
  { roundTripMs: 100, count: 25, mostRounds: 2 },
];

const mailers = (builds, suffix, options = {}) =>
  builds.map(({ name, dist }) => ({
    name: `${name}, Mailer${suffix}`,
    module: 'posthaste-mailer',
    options: { dist, ...options },
  }));

const toSink = (builds) => [
  ...mailers(builds, ''),
  { name: 'nodemailer, pool of 1', module: 'nodemailer-pool' },
  { name: 'nodemailer, SMTPConnection', module: 'nodemailer-connection' },
  { name: 'Python smtplib', module: 'smtplib_client.py' },
  { name: 'floor: a bare socket', module: 'bare-socket' },
];

const toChunking = (builds) =>
  mailers(builds, `, chunking: { window: ${String(WINDOW)} }`, { chunking: { window: WINDOW } });

async function measure({ competitors, server, roundTripMs, count, input, context }) {
  const { folder, rounds, nodeOptions } = context;
  const inputFile = join(folder, 'message');
  const { from, to } = envelope(1);
  await writeFile(inputFile, input);
  const proxy = await startDelayProxy({ host: server.host, port: server.port }, roundTripMs);
  const before = server.messages();
  let sent = 0;
  try {
    return await runRounds({
      competitors,
      warmUp: 4,
      count,
      rounds,
      nodeOptions,
      // The first and the last message wait longer than the others: all of them are sent, whatever it takes.
      runMs: Infinity,
      counted: ({ wallMicros }) => wallMicros / 1000 / roundTripMs,
      open: () => ({ host: proxy.host, port: proxy.port, from, to, inputFile }),
      async check({ name }, messages, done) {
        if (done !== messages) throw new Error(`${name} reports ${String(done)} accepted recipients`);
        sent += messages;
        await server.expect(before + sent, name);
      },
    });
  } finally {
    await proxy.stop();
  }
}

export async function* roundTrips({ builds, folder, rounds, nodeOptions }) {
  const input = message(OCTETS);
  const unit = 'round trips per message, by the clock';
  const sink = await startSink(folder);
  const chunking = await startChunkingServer(builds[0].dist, input);
  try {
    const inputFile = join(folder, 'message');
    await writeFile(inputFile, input);
    for (const competitor of toSink(builds)) await checkArrival(competitor, envelope(1), input, inputFile);
    for (const { roundTripMs, count, mostRounds } of CASES) {
      const common = {
        roundTripMs,
        input,
        count,
        context: { folder, nodeOptions, rounds: Math.min(rounds, mostRounds) },
      };
      yield {
        title: `Round trip of ${String(roundTripMs)} ms, one connection`,
        unit,
        higherIsBetter: false,
        aims: [{ value: 1.1 }],
        rows: await measure({ ...common, competitors: toSink(builds), server: sink }),
      };
      // More messages: what the first and the last one wait for is shared by all of them.
      const rows = await measure({
        ...common,
        count: common.count * WINDOW,
        competitors: toChunking(builds),
        server: chunking,
      });
      yield {
        title: `Round trip of ${String(roundTripMs)} ms, one connection, messages per round trip with chunking: { window: ${String(WINDOW)} }`,
        unit: 'messages per round trip, by the clock',
        higherIsBetter: true,
        aims: [{ value: 0.9 * WINDOW }],
        rows: rows.map(({ name, values }) => ({ name, values: values.map((value) => 1 / value) })),
      };
    }
  } finally {
    await chunking.stop();
    await sink.stop();
  }
}
