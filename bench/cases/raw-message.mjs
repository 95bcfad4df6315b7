/**
 * Cases: the same finished octets to the same recipients, over one connection to smtp-sink. smtp-source is there for one
 * recipient only: it makes up the names of several.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Client } from '../lib/client.mjs';
import { envelope, message } from '../lib/messages.mjs';
import { digestOf, startRecorder } from '../lib/recorder.mjs';
import { runRounds } from '../lib/rounds.mjs';
import { postfixProgram, startSink } from '../lib/sink.mjs';

const CASES = [
  { title: '1 KB, one recipient', octets: 1_024, recipients: 1, warmUp: 16_000, count: 10_000 },
  { title: '100 KB, one recipient', octets: 102_400, recipients: 1, warmUp: 4_000, count: 2_000 },
  { title: '1 KB, 1,000 recipients', octets: 1_024, recipients: 1_000, warmUp: 240, count: 150 },
];

/** Each client sends twice to a server that looks; then it is worth measuring. */
async function checkArrival(competitor, { from, to }, input, inputFile) {
  const recorder = await startRecorder();
  const client = new Client(competitor);
  try {
    await client.open({ host: recorder.host, port: recorder.port, from, to, inputFile });
    await client.repeat(2);
    await client.close();
    const expected = JSON.stringify({ from, to, digest: digestOf(input) });
    const arrivals = recorder.take().map((arrival) => JSON.stringify(arrival));
    if (arrivals.length !== 2 || arrivals.some((arrival) => arrival !== expected)) {
      throw new Error(`${competitor.name} did not send the message that it was given to those whom it was given`);
    }
  } finally {
    await client.end();
    await recorder.stop();
  }
}

function competitorsOf(builds, recipients) {
  const { command } = postfixProgram('smtp-source');
  return [
    ...builds.map(({ name, dist }) => ({ name: `${name}, Mailer`, module: 'posthaste-mailer', options: { dist } })),
    ...builds.map(({ name, dist }) => ({ name: `${name}, sendmail`, module: 'posthaste-sendmail', options: { dist } })),
    ...builds.map(({ name, dist }) => ({
      name: `${name}, sendMessage`,
      module: 'posthaste-sendmessage',
      options: { dist },
    })),
    { name: 'nodemailer, pool of 1', module: 'nodemailer-pool' },
    { name: 'nodemailer, SMTPConnection', module: 'nodemailer-connection' },
    { name: 'Python smtplib', module: 'smtplib_client.py' },
    ...(recipients === 1
      ? [{ name: 'Postfix smtp-source (C)', module: 'smtp_source_client.py', options: { program: command } }]
      : []),
  ];
}

export async function* rawMessage({ builds, folder, rounds, scale, nodeOptions }) {
  const inputFile = join(folder, 'message');
  const sink = await startSink(folder);
  let sent = 0;
  try {
    for (const { title, octets, recipients, warmUp, count, aims = [] } of CASES) {
      const input = message(octets);
      const { from, to } = envelope(recipients);
      const competitors = competitorsOf(builds, recipients);
      await writeFile(inputFile, input);
      for (const competitor of competitors) await checkArrival(competitor, { from, to }, input, inputFile);
      const rows = await runRounds({
        competitors,
        warmUp,
        count: Math.max(2, Math.round(count * scale)),
        rounds,
        nodeOptions,
        open: () => ({ host: sink.host, port: sink.port, from, to, inputFile }),
        async check({ name }, messages, done) {
          if (done !== messages * recipients) throw new Error(`${name} reports ${String(done)} accepted recipients`);
          sent += messages;
          await sink.expect(sent, name);
        },
      });
      yield { title: `Raw message, ${title}`, unit: 'us of client CPU per message', higherIsBetter: false, aims, rows };
    }
  } finally {
    await sink.stop();
  }
}
