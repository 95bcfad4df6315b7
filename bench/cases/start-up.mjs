/** Case: a program that imports the library, sends one message and ends, by the clock, over a program that does nothing. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { root } from '../../scripts/run.mjs';
import { pinned } from '../lib/machine.mjs';
import { startSink } from '../lib/sink.mjs';

const execute = promisify(execFile);
const TIMES = 9;
const MAIL = `{ from: 'a@example.com', to: 'b@example.com', subject: 'One', text: 'One message.' }`;

const programsOf = (builds, { host, port }) => [
  ...builds.map(({ name, dist }) => ({
    name: `${name}, Mailer`,
    program: `import { Mailer } from '${pathToFileURL(join(dist, 'index.js')).href}';
      const mailer = new Mailer({ host: '${host}', port: ${String(port)}, tls: 'never' });
      await mailer.send(${MAIL});
      await mailer.close();`,
  })),
  {
    name: 'nodemailer, one transport',
    program: `import { createTransport } from 'nodemailer';
      await createTransport({ host: '${host}', port: ${String(port)}, ignoreTLS: true }).sendMail(${MAIL});`,
  },
  {
    name: 'floor: a bare socket',
    program: `import { once } from 'node:events';
      import { connect } from 'node:net';
      const socket = connect(${String(port)}, '${host}');
      await once(socket, 'data');
      for (const line of ['HELO localhost', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA', 'Subject: One\\r\\n\\r\\nOne message.\\r\\n.', 'QUIT']) {
        socket.write(line + '\\r\\n');
        await once(socket, 'data');
      }
      socket.destroy();`,
  },
];

/** Without the variable that makes Node read certificates at each start, which takes longer than a bare socket. */
const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' };

/** Milliseconds of one run. */
async function timed(program) {
  const [command, ...args] = pinned([process.execPath, '--input-type=module', '--eval', program]);
  const startedMs = performance.now();
  await execute(command, args, { cwd: join(root, 'bench'), env });
  return performance.now() - startedMs;
}

export async function* startUp({ builds, folder, rounds }) {
  const sink = await startSink(folder);
  const programs = programsOf(builds, sink);
  const rows = programs.map(({ name }) => ({ name, values: [] }));
  let sent = 0;
  try {
    for (let round = -1; round < rounds; round += 1) {
      const sums = programs.map(() => 0);
      for (let time = 0; time < TIMES; time += 1) {
        const bareMs = await timed('');
        for (const [index, { name, program }] of programs.entries()) {
          sums[index] += (await timed(program)) - bareMs;
          sent += 1;
          await sink.expect(sent, name);
        }
      }
      // The first round fills the caches of the disk.
      if (round >= 0) for (const [index, sum] of sums.entries()) rows[index].values.push(sum / TIMES);
    }
  } finally {
    await sink.stop();
  }
  yield {
    title: 'Start-up: import, one message, end',
    unit: 'ms by the clock over a program that does nothing',
    higherIsBetter: false,
    aims: [{ value: 15 }],
    rows,
  };
}
