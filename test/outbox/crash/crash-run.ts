/**
 * Processes with one outbox, one after the other, each killed with -9 at a point; and what came of it, counted at the server. What is
 * counted as delivered is what the server has answered with 250, whether anybody was left to read it or not.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ScriptedServer, type MessageOutcome } from '../../../src/testing/index.js';

export interface CrashRun {
  readonly worker: string;
  readonly path: string;
  readonly onUnknown: 'hold' | 'retry';
  readonly points: readonly string[];
  readonly messagesPerRound: number;
  readonly concurrency: number;
  readonly random: () => number;
}

export interface CrashReport {
  readonly rounds: number;
  readonly kills: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Acknowledged, and neither delivered nor held as unknown. */
  readonly lost: readonly string[];
  readonly held: number;
  readonly extraCopies: number;
  /** How many extra copies there may be: for each kill as many as can be past their final dot. */
  readonly bound: number;
  readonly counts: Readonly<Record<string, number>>;
}

const ON_DISK = ['before', 'inside', 'committed', 'flushed'];
const WRITES = ['add', 'claim', 'settle'];

/** Each write of the store, at each of its steps; and each step of a message on the wire. */
export function namedPoints(onUnknown: 'hold' | 'retry'): readonly string[] {
  // Only `hold` writes down that a message is about to leave.
  const writes = onUnknown === 'hold' ? [...WRITES, 'mark'] : WRITES;
  return [...writes.flatMap((write) => ON_DISK.map((step) => `${write} ${step}`)), ...WIRE];
}

const WIRE = ['wire MAIL', 'wire DATA', 'wire final dot', 'wire reply'] as const;

export const RANDOM_POINT = 'random';

export async function crashRun(run: CrashRun): Promise<CrashReport> {
  const { points, messagesPerRound, concurrency, random } = run;
  let child: ChildProcess | undefined;
  let wirePoint: string | undefined;
  let stepsLeft = Infinity;
  const reach = (point: (typeof WIRE)[number]): void => {
    if (wirePoint !== point && wirePoint !== RANDOM_POINT) return;
    stepsLeft -= 1;
    if (stepsLeft === 0) child?.kill('SIGKILL');
  };
  const atFinal = (): undefined => {
    reach('wire final dot');
    // The answer is written in this same turn: the process dies while it travels.
    if (wirePoint === 'wire reply') setImmediate(reach, 'wire reply');
  };
  const at = (point: (typeof WIRE)[number]) => (): undefined => {
    reach(point);
  };
  await using server = await ScriptedServer.start(
    { behave: { on: { MAIL: at('wire MAIL'), DATA: at('wire DATA'), final: atFinal } } },
    { violations: 'record', timeoutMs: 60_000 },
  );

  const acknowledged = new Set<string>();
  let counts: Record<string, number> = {};
  let held = new Set<string>();

  async function start(keys: readonly string[], point?: string): Promise<boolean> {
    const isWire = point === undefined || point === RANDOM_POINT || point.startsWith('wire');
    const occurrence = 1 + Math.floor(random() * (messagesPerRound / 2));
    wirePoint = isWire ? point : undefined;
    stepsLeft = point === RANDOM_POINT ? Math.ceil(random() * messagesPerRound * 3) : occurrence;
    const { path, onUnknown } = run;
    // A claim takes several entries at a time.
    const killAt = isWire ? undefined : { point, occurrence: point.startsWith('claim') ? 1 : occurrence };
    const config = JSON.stringify({ path, url: server.url, onUnknown, concurrency, keys, killAt });
    const program = spawn(process.execPath, [run.worker, config], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = program;
    held = new Set();
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      program.on('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
    for await (const line of createInterface({ input: program.stdout })) {
      const [word, ...rest] = line.split(' ');
      const value = rest.join(' ');
      if (word === 'ack') acknowledged.add(value);
      if (word === 'unknown') held.add(value);
      if (word === 'counts') counts = JSON.parse(value) as Record<string, number>;
    }
    const { code, signal } = await ended;
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the process ended with ${String(code ?? signal)}`);
    return signal === 'SIGKILL';
  }

  let kills = 0;
  for (const [round, point] of points.entries()) {
    const keys = Array.from({ length: messagesPerRound }, (_, index) => `r${String(round)}-${String(index)}`);
    if (await start(keys, point)) kills += 1;
  }
  if (await start([])) throw new Error('the last process was not to be killed');

  const delivered = copiesOf(server, ['queued']);
  // Of what was not answered nobody knows.
  const copies = copiesOf(server, ['queued', 'unanswered']);
  const isThere = (key: string): boolean => delivered.has(key) || held.has(key);
  return {
    rounds: points.length,
    kills,
    acknowledged: acknowledged.size,
    delivered: delivered.size,
    lost: [...acknowledged].filter((key) => !isThere(key)),
    held: held.size,
    extraCopies: [...copies.values()].reduce((sum, count) => sum + count - 1, 0),
    bound: kills * concurrency,
    counts,
  };
}

/** How often each message came, whole. */
function copiesOf(server: ScriptedServer, outcomes: readonly MessageOutcome[]): Map<string, number> {
  const copies = new Map<string, number>();
  for (const { content, outcome } of server.messages) {
    if (!outcomes.includes(outcome)) continue;
    const key = /^Subject: (.*)\r$/m.exec(content.toString('latin1'))?.[1] ?? '';
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  return copies;
}

/** The same numbers for the same seed (xorshift). */
export function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
