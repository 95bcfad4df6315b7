/** Case: who a message goes to, out of messages whose bodies are large. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bodyText } from '../lib/messages.mjs';
import { runRounds } from '../lib/rounds.mjs';

const RECIPIENTS = 20;
const SIZES = [
  { title: '1 MB', octets: 1_000_000, count: 20, warmUp: 20 },
  { title: '50 MB', octets: 50_000_000, count: 1, warmUp: 2 },
];
/** What is done in microseconds is done this many times as often. */
const QUICK = 200;

/** A header block as mail has it, with some trace fields, and a body. */
function archived(octets) {
  const addresses = Array.from(
    { length: RECIPIENTS },
    (_, index) => `Recipient ${String(index)} <r${String(index)}@example.com>`,
  );
  const received = Array.from(
    { length: 8 },
    (_, index) =>
      `Received: from relay${String(index)}.example (relay${String(index)}.example [192.0.2.${String(index)}])\r\n` +
      `\tby mx.example with ESMTPS id ABCDEF${String(index)}; Mon, 02 Mar 2026 10:00:0${String(index)} +0000`,
  );
  const header = [
    ...received,
    'From: The Sender <sender@example.com>',
    `To: ${addresses.slice(0, RECIPIENTS / 2).join(',\r\n ')}`,
    `Cc: ${addresses.slice(RECIPIENTS / 2).join(',\r\n ')}`,
    'Subject: An archived message',
    'Date: Mon, 02 Mar 2026 10:00:00 +0000',
    'Message-ID: <archived@example.com>',
    '',
    '',
  ];
  const head = Buffer.from(header.join('\r\n'));
  return Buffer.concat([head, bodyText(octets - head.length)]);
}

export async function* headerOnly({ builds, folder, rounds, scale, nodeOptions }) {
  for (const { title, octets, count, warmUp } of SIZES) {
    const file = join(folder, 'archived');
    await writeFile(file, archived(octets));
    const measure = (competitors, times) =>
      runRounds({
        competitors,
        warmUp: warmUp * times,
        count: Math.max(1, Math.round(count * times * scale)),
        rounds,
        nodeOptions,
        open: ({ module }) => (module === 'posthaste-file-envelope' ? { file } : { inputFile: file }),
        check({ name }, messages, done) {
          if (done !== messages * RECIPIENTS) throw new Error(`${name} found ${String(done / messages)} recipients`);
        },
      });
    const quick = await measure(
      [
        ...builds.map(({ name, dist }) => ({
          name: `${name}, octets in memory`,
          module: 'posthaste-envelope',
          options: { dist },
        })),
        ...builds.map(({ name, dist }) => ({
          name: `${name}, file`,
          module: 'posthaste-file-envelope',
          options: { dist },
        })),
        { name: 'mailparser, ended behind the header', module: 'mailparser-headers' },
      ],
      QUICK,
    );
    const whole = await measure([{ name: 'mailparser, simpleParser', module: 'mailparser-whole' }], 1);
    yield {
      title: `The recipients of a message of ${title}`,
      unit: 'us of CPU per message',
      higherIsBetter: false,
      aims: [{ value: 40 }],
      rows: [...quick, ...whole],
    };
  }
}
