/**
 * The outbox under kill -9, at every named point and at random ones: what was acknowledged arrives. 30 rounds here; `npm run soak:outbox` does 200
 * and prints the table.
 */
import { jest } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage, type BuiltPackage } from '../../cli/built-package.js';
import { temporaryFolder } from '../folder.js';
import { expectUnharmed, fillDisk } from './full-disk.js';
import { twoProcesses } from './two-processes.js';
import { crashRun, namedPoints, randomFrom, RANDOM_POINT, type CrashReport } from './crash-run.js';

const size = (name: string, standard: number): number => Number(process.env[`POSTHASTE_CRASH_${name}`] ?? standard);
const ROUNDS = size('ROUNDS', 30);
const SEED = size('SEED', 20261122);
const MESSAGES = 12;
const CONCURRENCY = 4;

jest.setTimeout(60_000 + ROUNDS * 5_000);

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage(['test/outbox/crash/worker.mjs', 'test/outbox/crash/full-disk-worker.mjs']);
});
afterAll(() => {
  built.remove();
});

const program = (name: string): string => join(built.path, 'test', 'outbox', 'crash', name);

const reports = new Map<string, CrashReport>();

afterAll(() => {
  const table = tableOf(reports);
  if (process.env['POSTHASTE_CRASH_REPORT'] === '1') console.log(table);
  const file = process.env['POSTHASTE_CRASH_TABLE'];
  if (file !== undefined) writeFileSync(file, table);
});

/** Half of the rounds for each mode. The named points of both come before random ones, beginning where the other mode ends. */
function pointsFor(onUnknown: 'hold' | 'retry', rounds: number): readonly string[] {
  const named = namedPoints(onUnknown);
  const begin = onUnknown === 'hold' ? 0 : Math.max(named.length - rounds, 0);
  return Array.from({ length: rounds }, (_, round) => named[begin + round] ?? RANDOM_POINT);
}

describe.each(['hold', 'retry'] as const)("the outbox with onUnknown: '%s', killed again and again", (onUnknown) => {
  it('loses nothing, and sends no more twice than were past their final dot', async () => {
    const report = await crashRun({
      worker: program('worker.mjs'),
      path: join(temporaryFolder(), 'box'),
      onUnknown,
      points: pointsFor(onUnknown, Math.floor(ROUNDS / 2)),
      messagesPerRound: MESSAGES,
      concurrency: CONCURRENCY,
      random: randomFrom(SEED),
    });
    reports.set(onUnknown, report);
    expect(report.lost).toEqual([]);
    expect(report.extraCopies).toBeLessThanOrEqual(onUnknown === 'hold' ? 0 : report.bound);
    expect(report.held).toBeLessThanOrEqual(onUnknown === 'hold' ? report.bound : 0);
    // Each point was reached.
    expect(report.kills).toBe(report.rounds);
    expect(report.counts).toMatchObject({ queued: 0, sending: 0, deferred: 0, failed: 0, partial: 0, quarantined: 0 });
    expect(report.counts['unknown']).toBe(report.held);
  });
});

twoProcesses(() => program('worker.mjs'));

it('a write to disk that fails rejects enqueue, and harms nothing else', async () => {
  // A file that may not grow: the system says EIO or EFBIG. In blocks of 512 octets (POSIX) or of 1,024 (bash): one or two MiB.
  const limited = 'ulimit -f 2048; exec "$0" "$@"';
  const words = [process.execPath, program('full-disk-worker.mjs'), join(temporaryFolder(), 'box')];
  const report = await fillDisk('sh', ['-c', limited, ...words]);
  expect(report.refusals).toHaveLength(3);
  for (const { code } of report.refusals) expect(['ERR_OUTBOX_STORE', 'ERR_OUTBOX_FULL']).toContain(code);
  expectUnharmed(report);
});

function tableOf(all: ReadonlyMap<string, CrashReport>): string {
  const rows = [...all].map(([mode, { kills, acknowledged, delivered, held, lost, extraCopies, bound }]) =>
    [mode, kills, acknowledged, delivered, held, lost.length, extraCopies, mode === 'hold' ? 0 : bound].join(' | '),
  );
  return [
    '| `onUnknown` | kills | acknowledged | delivered | held as unknown | lost | extra copies | bound |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}
