/** Case: a letter, text and HTML, given as fields to each client, composed and sent over one connection to smtp-sink. */
import { simpleParser } from 'mailparser';

import { Client } from '../lib/client.mjs';
import { letterFields } from '../lib/composed.mjs';
import { startRecorder } from '../lib/recorder.mjs';
import { runRounds } from '../lib/rounds.mjs';
import { startSink } from '../lib/sink.mjs';

/** What arrives says what the client was given. */
async function checkLetter(competitor) {
  const recorder = await startRecorder({ keepContent: true });
  const client = new Client(competitor);
  const lines = (value) => value.replaceAll('\r\n', '\n').trimEnd();
  const given = letterFields();
  try {
    await client.open({ host: recorder.host, port: recorder.port });
    await client.repeat(2);
    await client.close();
    const arrivals = recorder.take();
    if (arrivals.length !== 2) throw new Error(`${competitor.name}: ${String(arrivals.length)} letters arrived, not 2`);
    for (const { from, to, content } of arrivals) {
      const mail = await simpleParser(content);
      const said = [from, ...to, mail.from.text, mail.to.text, mail.subject, lines(mail.text), lines(mail.html)];
      const wanted = [
        'joerg@example.com',
        'one@example.com',
        '"Jörg Müller" <joerg@example.com>',
        '"Recipient One" <one@example.com>',
        given.subject,
        lines(given.text),
        lines(given.html),
      ];
      if (JSON.stringify(said) !== JSON.stringify(wanted)) {
        throw new Error(
          `${competitor.name} did not send the letter of the fields that it was given: ${said.join('\n')}`,
        );
      }
    }
  } finally {
    await client.end();
    await recorder.stop();
  }
}

export async function* letter({ builds, folder, rounds, scale, nodeOptions }) {
  const competitors = [
    ...builds.map(({ name, dist }) => ({ name: `${name}, Mailer`, module: 'posthaste-mailer', options: { dist } })),
    { name: 'nodemailer, pool of 1', module: 'nodemailer-pool' },
    // Nagle's algorithm and the delayed acknowledgement of its small writes cost it 40 ms per message.
    { name: 'emailjs', module: 'emailjs-client' },
  ];
  for (const competitor of competitors) await checkLetter(competitor);
  const sink = await startSink(folder);
  let sent = 0;
  try {
    const rows = await runRounds({
      competitors,
      warmUp: 8_000,
      count: Math.max(2, Math.round(30_000 * scale)),
      rounds,
      nodeOptions,
      open: () => ({ host: sink.host, port: sink.port }),
      async check({ name }, messages, done) {
        if (done !== messages) throw new Error(`${name} reports ${String(done)} accepted recipients`);
        sent += messages;
        await sink.expect(sent, name);
      },
    });
    yield {
      title: 'A letter, text and HTML, composed and sent',
      unit: 'us of client CPU per message',
      higherIsBetter: false,
      aims: [{ value: 40 }, { factor: 10, over: 'nodemailer, pool of 1' }],
      rows,
    };
  } finally {
    await sink.stop();
  }
}
