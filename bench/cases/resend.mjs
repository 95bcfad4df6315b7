/** Case: an archive of .eml files through one program, by the clock: `posthaste resend`, and loops of a shell over msmtp and swaks. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../scripts/run.mjs';
import { pinned } from '../lib/machine.mjs';
import { envelope, message } from '../lib/messages.mjs';
import { startSink } from '../lib/sink.mjs';

const execute = promisify(execFile);
const OCTETS = 4_096;
/** The loops start a program for each message, and are as fast with a few as with many. */
const FILES = 2_000;
const FILES_OF_LOOPS = 40;

/** Where test/interop/sendmail-programs/install.sh unpacked msmtp and swaks; undefined where apt cannot bring them. */
function unpackedPrograms() {
  try {
    const script = join(root, 'test', 'interop', 'sendmail-programs', 'install.sh');
    return execFileSync('sh', [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    console.error(`msmtp and swaks could not be had, and are left out: ${error.message}`);
    return undefined;
  }
}

/** Messages that differ, as those of an archive do. */
function writeArchive(folder, files) {
  mkdirSync(folder);
  const text = message(OCTETS).toString('latin1');
  for (let file = 0; file < files; file += 1) {
    const own = text.replace('<benchmark@', `<${String(file).padStart(6, '0')}@`);
    writeFileSync(join(folder, `${String(file).padStart(6, '0')}.eml`), own);
  }
  return { folder, files };
}

function loopsOver({ folder, files }, { host, port }) {
  const programs = unpackedPrograms();
  if (programs === undefined) return [];
  const lib = join(programs, 'usr', 'lib');
  const triplets = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'));
  const libraries = triplets.flatMap((name) => [join(lib, name), join(programs, 'lib', name)]).join(':');
  const {
    from,
    to: [to],
  } = envelope(1);
  const loop = (name, command) => ({
    name: `a loop of ${name}`,
    files,
    command: ['sh', '-ec', `for file in "$1"/*.eml; do ${command} <"$file"; done`, 'sh', folder],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  const bin = join(programs, 'usr', 'bin');
  const at = `--host=${host} --port=${String(port)}`;
  return [
    loop('msmtp -t', `${bin}/msmtp ${at} --read-envelope-from --read-recipients --tls=off --auth=off`),
    loop('swaks', `perl ${bin}/swaks --silent 3 --server ${host} --port ${String(port)} -f ${from} -t ${to} --data -`),
  ];
}

/** Messages per second of one run. */
async function timed({ command, env, files }) {
  const [program, ...args] = pinned(command);
  const startedMs = performance.now();
  await execute(program, args, { env });
  return (1_000 * files) / (performance.now() - startedMs);
}

export async function* resend({ builds, folder, rounds, scale }) {
  const sink = await startSink(folder);
  const archive = writeArchive(join(folder, 'archive'), Math.round(FILES * scale));
  const journal = join(folder, 'journal');
  const small = writeArchive(join(folder, 'archive-of-loops'), Math.round(FILES_OF_LOOPS * scale));
  const resending = ({ name, dist }, title, more = []) => ({
    name: `${name} resend${title}`,
    files: archive.files,
    command: [
      ...[process.execPath, join(dist, 'cli', 'main.js'), 'resend', archive.folder],
      ...['--url', `smtp://${sink.host}:${String(sink.port)}?tls=never`, ...more],
    ],
    env: process.env,
  });
  const runs = [
    ...builds.map((build) => resending(build, '')),
    ...builds.map((build) => resending(build, ' with a journal', ['--journal', journal])),
    ...loopsOver(small, sink),
  ];
  const rows = runs.map(({ name }) => ({ name, values: [] }));
  let sent = 0;
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const [index, run] of runs.entries()) {
        rmSync(journal, { force: true });
        const perSecond = await timed(run);
        sent += run.files;
        await sink.expect(sent, run.name);
        // The first round fills the caches of the disk.
        if (round >= 0) rows[index].values.push(perSecond);
      }
    }
  } finally {
    await sink.stop();
  }
  yield {
    title: `An archive of ${String(OCTETS / 1_024)} kB messages resent from the command line, one after the other`,
    unit: 'messages per second by the clock',
    higherIsBetter: true,
    aims: [],
    rows,
  };
}
