/** Case: a message of 100 MB in a file, sent to smtp-sink: how long it takes by the clock, and the memory over the base. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkArrival } from '../lib/arrival.mjs';
import { Client } from '../lib/client.mjs';
import { envelope, message } from '../lib/messages.mjs';
import { startSink } from '../lib/sink.mjs';

const OCTETS = 100_000_000;
const CHECKED_OCTETS = 1_000_000;
const MEGABYTE = 1_000_000;

const competitorsOf = (builds) => [
  ...builds.map(({ name, dist }) => ({ name: `${name}, Mailer`, module: 'posthaste-from-file', options: { dist } })),
  { name: 'nodemailer, pool of 1', module: 'nodemailer-from-file' },
  { name: 'Python smtplib, which takes octets', module: 'smtplib_client.py' },
  { name: 'floor: a plain copy', module: 'bare-copy' },
];

export async function* fromFile({ builds, folder, rounds, nodeOptions }) {
  const competitors = competitorsOf(builds);
  const { from, to } = envelope(1);
  const file = join(folder, 'message-in-a-file');
  const checked = message(CHECKED_OCTETS);
  await writeFile(file, checked);
  for (const competitor of competitors) {
    await checkArrival({ ...competitor, options: { ...competitor.options, file } }, { from, to }, checked);
  }
  await writeFile(file, message(OCTETS));
  const wall = competitors.map(({ name }) => ({ name, values: [] }));
  const memory = competitors.map(({ name }) => ({ name, values: [] }));
  const sink = await startSink(folder);
  let sent = 0;
  try {
    for (let round = 0; round < Math.min(rounds, 5); round += 1) {
      for (const [index, competitor] of competitors.entries()) {
        // A process of its own each time. Memory is that of its first message, time that of its second.
        const client = new Client(competitor, nodeOptions);
        try {
          await client.open({ host: sink.host, port: sink.port, from, to, file });
          const first = await client.memory();
          const { done, wallMicros } = await client.repeat(1);
          if (first.done !== 1 || done !== 1) throw new Error(`${competitor.name}: a recipient was not accepted`);
          sent += 2;
          await sink.expect(sent, competitor.name);
          wall[index].values.push(wallMicros / 1000);
          memory[index].values.push(first.octets / MEGABYTE);
          await client.close();
        } finally {
          await client.end();
        }
      }
    }
  } finally {
    await sink.stop();
  }
  const title = 'A message of 100 MB from a file';
  yield {
    title,
    unit: 'ms by the clock',
    higherIsBetter: false,
    aims: [{ value: 140 }, { timesFloor: 1.3 }],
    rows: wall,
  };
  yield {
    title: `${title}, memory`,
    unit: 'MB over the base',
    higherIsBetter: false,
    aims: [{ value: 10 }],
    rows: memory,
  };
}
