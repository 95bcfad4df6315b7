/** Case: line ends made canonical and dots doubled, 10 MB in memory, no network. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bodyText } from '../lib/messages.mjs';
import { runRounds } from '../lib/rounds.mjs';

const OCTETS = 10_000_000;

const INPUTS = [
  {
    title: 'clean: CRLF, no line begins with a dot',
    body: {},
    added: () => 0,
    aims: [{ over: 'nodemailer', factor: 4 }, { value: 1.2 }],
  },
  {
    title: 'LF line ends',
    body: { lineEnd: '\n' },
    added: (body) => countOf(body, '\n'),
    aims: [],
  },
  {
    title: 'every third line begins with a dot',
    body: { dotEvery: 3 },
    added: (body) => countOf(body, '\n.'),
    aims: [],
  },
];

function countOf(body, text) {
  let count = 0;
  for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + 1)) count += 1;
  return count;
}

export async function* bodyEncoder({ builds, folder, rounds, scale, nodeOptions }) {
  const competitors = [
    ...builds.map(({ name, dist }) => ({ name, module: 'posthaste-encoder', options: { dist } })),
    { name: 'nodemailer', module: 'nodemailer-encoder' },
  ];
  for (const { title, body, added, aims } of INPUTS) {
    const input = bodyText(OCTETS, body);
    const expected = input.length + added(input);
    const inputFile = join(folder, 'body');
    await writeFile(inputFile, input);
    const rows = await runRounds({
      competitors,
      warmUp: 20,
      count: Math.max(2, Math.round(10 * scale)),
      rounds,
      nodeOptions,
      open: () => ({ inputFile }),
      check({ name }, count, done) {
        if (done !== count * expected)
          throw new Error(`${name} made ${String(done / count)} octets, not ${String(expected)}`);
      },
    });
    yield {
      title: `Body encoder, 10 MB, ${title}`,
      unit: 'GB/s',
      higherIsBetter: true,
      aims,
      rows: rows.map(({ name, values }) => ({ name, values: values.map((micros) => OCTETS / micros / 1000) })),
    };
  }
}
