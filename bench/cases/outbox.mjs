/** Case: what it costs that a message is on disk before it is sent, and its answer before it is forgotten. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../scripts/run.mjs';
import { startSink } from '../lib/sink.mjs';

const execute = promisify(execFile);
const MESSAGES = 2_000;
const program = join(root, 'bench', 'clients', 'outbox.mjs');

/** Not pinned: the disk is waited for in threads of their own. */
export async function* outbox({ builds: [{ dist }], folder, rounds, scale }) {
  const sink = await startSink(folder);
  const count = Math.ceil((MESSAGES * scale) / 50) * 50;
  const runs = [];
  let sent = 0;
  try {
    for (let round = -1; round < rounds; round += 1) {
      const args = [program, dist, folder, sink.host, sink.port, count].map(String);
      const figures = JSON.parse((await execute(process.execPath, args)).stdout);
      sent += figures.sent;
      await sink.expect(sent, 'the outbox');
      // The first round fills the caches.
      if (round >= 0) runs.push(figures);
    }
  } finally {
    await sink.stop();
  }
  const row = (name, of) => ({ name, values: runs.map(of) });
  yield {
    title: 'Outbox: messages taken in, composed and on disk',
    unit: 'messages per second by the clock',
    higherIsBetter: true,
    alone: true,
    aims: [],
    rows: [
      row('enqueue(), one after the other', ({ enqueue }) => enqueue.one),
      row('enqueue(), 50 at a time', ({ enqueue }) => enqueue.atOnce),
      row('enqueueAll()', ({ enqueue }) => enqueue.batched),
    ],
  };
  yield {
    title: 'Outbox: enqueued and sent, and how many times as fast a Mailer alone is',
    unit: 'messages per second by the clock, to smtp-sink, 4 connections',
    higherIsBetter: true,
    aims: [],
    rows: [
      row('Mailer alone, sendAll()', ({ mailer }) => mailer),
      row("outbox on LMDB, onUnknown: 'hold'", ({ hold }) => hold),
      row("outbox on LMDB, onUnknown: 'retry'", ({ retry }) => retry),
      row("outbox in memory, onUnknown: 'hold'", ({ memory }) => memory),
    ],
  };
}
