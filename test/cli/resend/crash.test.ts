/**
 * An archive resent to a server that drops connections and refuses at random, by a program that is killed with -9 at random points and
 * started again: every message arrives, and only what was reported as unknown arrives twice. `npm run soak:resend` does the same with
 * 20,000 messages and 10 kills.
 */
import { jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ScriptedServer, type StepContext } from '../../../src/testing/index.js';
import { buildPackage, type BuiltPackage } from '../built-package.js';
import { Folder } from '../cli-world.js';

const size = (name: string, standard: number): number => Number(process.env[`POSTHASTE_CRASH_${name}`] ?? standard);
const MESSAGES = size('MESSAGES', 300);
const KILLS = size('KILLS', 4);
const SEED = size('SEED', 20261122);
const MOST_RUNS = 20 + 3 * KILLS;

jest.setTimeout(60_000 + MESSAGES * 60);

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => {
  built.remove();
});

/** The same numbers for the same seed (xorshift). */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const address = (number: number): string => `r${String(number)}@example.org`;
/** One in a hundred has two copies of its message in the archive, to the octet. */
const hasTwin = (number: number): boolean => number % 100 === 7;
/** One in fifty is refused for good. */
const isRefused = (recipient: string): boolean => /^r\d*50@|^r\d*00@/.test(recipient);

/** Half of the messages in a Maildir, half in an mbox. Gives the paths, and how often each recipient is to get one. */
function archiveIn(folder: string, random: () => number): { paths: string[]; wanted: Map<string, number> } {
  const wanted = new Map<string, number>();
  const mbox: string[] = [];
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(folder, 'Maildir', name), { recursive: true });
  for (let number = 0; number < MESSAGES; number += 1) {
    const body = Array.from({ length: Math.floor(random() * 40) }, () => 'From what is said, nothing follows.\n').join(
      '',
    );
    const head = `From: a@example.org\nTo: ${address(number)}\nSubject: message ${String(number)}\n`;
    const copies = hasTwin(number) ? 2 : 1;
    wanted.set(address(number), copies);
    for (let copy = 0; copy < copies; copy += 1) {
      if (number % 2 === 0)
        mbox.push(`From a@example.org Thu Jan  1 00:00:00 1970\n${head}\n${body.replaceAll(/^From /gm, '>From ')}\n`);
      else
        writeFileSync(
          join(folder, 'Maildir', copy === 0 ? 'cur' : 'new', `${String(number)}.x:2,S`),
          `${head}\n${body}`,
        );
    }
  }
  writeFileSync(join(folder, 'old.mbox'), mbox.join(''));
  return { paths: [join(folder, 'Maildir'), join(folder, 'old.mbox')], wanted };
}

interface MessageReport {
  readonly status: string;
  readonly envelope: { readonly to: readonly string[] };
}
interface Ran {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly putOff: number;
  readonly peakKilobytes: number;
}

it(`${String(MESSAGES)} messages, ${String(KILLS)} kills: all arrive, and none twice but those that were reported as unknown`, async () => {
  using folder = new Folder();
  const random = randomFrom(SEED);
  const { paths, wanted } = archiveIn(folder.path, random);
  let child: ChildProcess | undefined;
  let stepsToKill = Infinity;
  const step =
    (...faults: readonly (readonly [share: number, answer: string])[]) =>
    ({ address: recipient = '' }: StepContext): string | undefined => {
      stepsToKill -= 1;
      if (stepsToKill <= 0) child?.kill('SIGKILL');
      if (isRefused(recipient)) return '550 5.1.1 never';
      let number = random();
      for (const [share, answer] of faults) {
        if (number < share) return answer;
        number -= share;
      }
      return undefined;
    };
  await using server = await ScriptedServer.start(
    {
      behave: {
        on: {
          MAIL: step([0.01, '451 4.3.0 not now'], [0.002, '(close)'], [0.001, '(reset)']),
          RCPT: step([0.01, '450 4.2.1 not now'], [0.002, '(close)']),
          DATA: step([0.005, '451 4.3.0 not now'], [0.002, '(close)']),
          content: step([0.002, '(reset)']),
          final: step([0.01, '452 4.3.1 full'], [0.004, '(close)'], [0.002, '(reset)']),
        },
      },
    },
    { violations: 'record', timeoutMs: 60_000 },
  );
  const unknown = new Set<string>();
  const journal = join(folder.path, 'run.journal');

  async function run(...more: string[]): Promise<Ran> {
    const words = ['resend', ...paths, '--url', server.url, '--journal', journal, '--json', '--retries', '0', ...more];
    const program = spawn(process.execPath, [built.program, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
    child = program;
    let putOff = 0;
    let peakKilobytes = 0;
    const closed = new Promise<number | null>((resolve) => program.on('close', resolve));
    let count = 0;
    for await (const line of createInterface({ input: program.stdout })) {
      count += 1;
      if (count % 500 === 1) peakKilobytes = Math.max(peakKilobytes, peakOf(program.pid));
      // The last line of a program that was killed may be cut.
      const report = parsed(line);
      if (report === undefined) continue;
      if ('summary' in report) ({ putOff } = report.summary);
      else if (report.status === 'unknown') for (const recipient of report.envelope.to) unknown.add(recipient);
    }
    return { code: await closed, putOff, peakKilobytes };
  }

  const runs: Ran[] = [];
  let kills = 0;
  for (;;) {
    // Each message takes five steps or so; a run that is to be killed gets a part of its share.
    stepsToKill = kills < KILLS ? 1 + Math.floor(random() * ((MESSAGES * 5) / KILLS)) : Infinity;
    const ran = await run();
    runs.push(ran);
    if (ran.code === null) kills += 1;
    else if (kills >= KILLS && ran.putOff === 0 && [0, 67, 70].includes(ran.code)) break;
    expect(runs.length).toBeLessThan(MOST_RUNS);
  }
  stepsToKill = Infinity;
  for (let ran = await run('--resend-unknown'); ran.code !== 67; ran = await run('--resend-unknown')) {
    runs.push(ran);
    expect(runs.length).toBeLessThan(MOST_RUNS);
  }

  const queued = countsOf(server, ['queued']);
  const maybe = countsOf(server, ['queued', 'unanswered']);
  const lost = [...wanted].filter(
    ([recipient, count]) => !isRefused(recipient) && (queued.get(recipient) ?? 0) < count,
  );
  const twice = [...maybe]
    .filter(([recipient, count]) => count > (wanted.get(recipient) ?? 0))
    .map(([recipient]) => recipient);
  expect(lost).toEqual([]);
  expect(twice.filter((recipient) => !unknown.has(recipient))).toEqual([]);
  expect(kills).toBe(KILLS);
  // What a kill leaves behind is few: what was on its way at that moment.
  expect(unknown.size).toBeLessThanOrEqual(KILLS * 4 + server.totals.unanswered);
  if (process.env['POSTHASTE_CRASH_REPORT'] === '1') {
    console.log(
      JSON.stringify({
        messages: MESSAGES,
        kills,
        runs: runs.length,
        unknown: unknown.size,
        twice: twice.length,
        peaks: runs.map(({ peakKilobytes }) => peakKilobytes),
      }),
    );
  }
});

type Line = MessageReport | { readonly summary: { readonly putOff: number } };

function parsed(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

/** How often each recipient's message came, whole, with one of these outcomes. */
function countsOf(server: ScriptedServer, outcomes: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { envelope, outcome } of server.messages) {
    if (!outcomes.includes(outcome)) continue;
    for (const recipient of envelope.to) counts.set(recipient, (counts.get(recipient) ?? 0) + 1);
  }
  return counts;
}

/** The most memory that a process has had, where the system says it. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
