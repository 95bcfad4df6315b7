/**
 * Cases: the same finished octets to the same recipients, over one connection to smtp-sink. smtp-source is there for one
 * recipient only: it makes up the names of several.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkArrival } from '../lib/arrival.mjs';
import { pythonPackage } from '../lib/debian-package.mjs';
import { envelope, message } from '../lib/messages.mjs';
import { runRounds } from '../lib/rounds.mjs';
import { postfixProgram, startSink } from '../lib/sink.mjs';

const CASES = [
  {
    title: '1 KB, one recipient',
    octets: 1_024,
    recipients: 1,
    warmUp: 16_000,
    count: 60_000,
    aims: [
      { value: 12 },
      { timesFloor: 1.7 },
      { factor: 8, over: 'nodemailer, pool of 1' },
      { factor: 1, over: 'Postfix smtp-source (C)' },
    ],
  },
  {
    title: '100 KB, one recipient',
    octets: 102_400,
    recipients: 1,
    warmUp: 4_000,
    count: 25_000,
    aims: [{ value: 70 }, { timesFloor: 1.3 }, { factor: 6, over: 'nodemailer, pool of 1' }],
  },
  {
    title: '1 KB, 1,000 recipients',
    octets: 1_024,
    recipients: 1_000,
    warmUp: 240,
    count: 2_500,
    aims: [{ value: 300 }, { timesFloor: 3.6 }, { factor: 6, over: 'nodemailer, pool of 1' }],
  },
];

function competitorsOf(builds, octets, recipients, aiosmtplib) {
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
    ...(octets <= 1_024 && recipients === 1 && aiosmtplib !== undefined
      ? [{ name: 'Python aiosmtplib', module: 'aiosmtplib_client.py', options: { modules: aiosmtplib } }]
      : []),
    // It waits 40 ms per message: see cases/letter.mjs.
    ...(octets <= 1_024 && recipients === 1 ? [{ name: 'emailjs, SMTPConnection', module: 'emailjs-connection' }] : []),
    ...(recipients === 1
      ? [{ name: 'Postfix smtp-source (C)', module: 'smtp_source_client.py', options: { program: command } }]
      : []),
    { name: 'floor: a bare socket', module: 'bare-socket' },
  ];
}

export async function* rawMessage({ builds, folder, rounds, scale, nodeOptions }) {
  const inputFile = join(folder, 'message');
  const aiosmtplib = pythonPackage('python3-aiosmtplib', folder);
  const sink = await startSink(folder);
  let sent = 0;
  try {
    for (const { title, octets, recipients, warmUp, count, aims = [] } of CASES) {
      const input = message(octets);
      const { from, to } = envelope(recipients);
      const competitors = competitorsOf(builds, octets, recipients, aiosmtplib);
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
