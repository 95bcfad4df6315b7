/** Case: text, HTML and an attachment of 1 MB in memory, composed and read to its last octet, no network. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';

import { Client } from '../lib/client.mjs';
import { composedFields } from '../lib/composed.mjs';
import { bodyText } from '../lib/messages.mjs';
import { runRounds } from '../lib/rounds.mjs';

const ATTACHMENT_OCTETS = 1_000_000;

export const composers = (builds) => [
  ...builds.map(({ name, dist }) => ({ name, module: 'posthaste-compose', options: { dist } })),
  { name: 'nodemailer, MailComposer', module: 'nodemailer-compose' },
];

/** Each client's message says what it was given; gives its length. */
async function checkSample(competitor, inputFile, folder) {
  const client = new Client(competitor);
  const file = join(folder, 'sample');
  try {
    await client.open({ inputFile });
    await client.sample(file);
    await client.close();
  } finally {
    await client.end();
  }
  const octets = await readFile(file);
  const input = await readFile(inputFile);
  const { subject, text, html, attachments } = await simpleParser(octets);
  const given = composedFields({ input });
  const lines = (value) => value.replaceAll('\r\n', '\n').trimEnd();
  if (
    subject !== given.subject ||
    lines(text) !== lines(given.text) ||
    lines(html) !== lines(given.html) ||
    attachments.length !== 1 ||
    !input.equals(attachments[0].content)
  ) {
    throw new Error(`${competitor.name} did not compose the message of the fields that it was given`);
  }
  return octets.length;
}

export async function* compose({ builds, folder, rounds, scale, nodeOptions }) {
  const inputFile = join(folder, 'attachment');
  await writeFile(inputFile, bodyText(ATTACHMENT_OCTETS));
  const competitors = composers(builds);
  const lengths = new Map();
  for (const competitor of competitors) lengths.set(competitor, await checkSample(competitor, inputFile, folder));
  const rows = await runRounds({
    competitors,
    warmUp: 40,
    count: Math.max(5, Math.round(40 * scale)),
    rounds,
    nodeOptions,
    open: () => ({ inputFile }),
    check(competitor, count, done) {
      // Message identifiers and boundaries may differ in length.
      if (Math.abs(done / count / lengths.get(competitor) - 1) > 0.001) {
        throw new Error(`${competitor.name} made ${String(done / count)} octets`);
      }
    },
  });
  yield {
    title: 'Composition: text, HTML and an attachment of 1 MB',
    unit: 'us of CPU per message',
    higherIsBetter: false,
    aims: [],
    rows,
  };
}
