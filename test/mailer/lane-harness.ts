/** A lane over a recording server, and the jobs for it. */
import type { Duplex } from 'node:stream';
import { resolveOptions } from '../../src/client/options.js';
import type { CallOptions } from '../../src/client/sendmail.js';
import { type SendResult, SMTPException, type SMTPOptions } from '../../src/index.js';
import { Lane, type LaneJob } from '../../src/mailer/lane.js';
import { jobOf, LMTP_DIALECT, Queue, type Settled, SMTP_DIALECT } from '../support/session-mode.js';
import type { TranscriptSend } from '../support/transcripts.js';
import { type RecordingOptions, RecordingServer } from './recording-server.js';

export const NO_LIMITS = { signal: undefined, deadline: undefined };

export async function turns(count = 6): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface Rig {
  readonly lane: Lane;
  readonly feed: Queue;
  readonly server: RecordingServer;
}

export async function laneTo<S extends Duplex>(
  server: S,
  { lmtp = false, ...options }: SMTPOptions & { lmtp?: boolean } = {},
): Promise<{ lane: Lane; feed: Queue; server: S }> {
  const feed = new Queue();
  const resolved = resolveOptions({ ...options, connector: () => Promise.resolve(server) });
  const target = { host: 'localhost', port: 25 };
  const lane = await Lane.open(resolved, lmtp ? LMTP_DIALECT : SMTP_DIALECT, target, feed, NO_LIMITS);
  return { lane, feed, server };
}

/** A lane whose server was greeted; what it wrote for that is not recorded. */
export async function rig({ smtp, ...options }: RecordingOptions & { smtp?: SMTPOptions } = {}): Promise<Rig> {
  const made = await laneTo(new RecordingServer({ ...options, holding: false }), {
    ...smtp,
    lmtp: options.lmtp ?? false,
  });
  made.server.writes.length = 0;
  made.server.commands.length = 0;
  made.server.answers = 0;
  made.server.holding = options.holding ?? false;
  return made;
}

export interface Sent {
  readonly job: LaneJob;
  readonly settled: Promise<Settled>;
  /** How many times it was settled so far. */
  readonly times: () => number;
}

export interface JobOptions extends Omit<CallOptions, 'signal' | 'deadlineMs'> {
  readonly signal?: AbortSignal;
  readonly deadlineInMs?: number;
}

export function job(send: TranscriptSend, { signal, deadlineInMs, ...options }: JobOptions = {}): Sent {
  const deadline =
    deadlineInMs === undefined ? undefined : { atMs: performance.now() + deadlineInMs, timeoutMs: deadlineInMs };
  return jobOf(send, Promise.resolve(), { signal, deadline }, options);
}

/** `n` small messages to `r1@x.test` and so on. */
export function messages(n: number): readonly TranscriptSend[] {
  return Array.from({ length: n }, (_, index) => ({
    from: 's@x.test',
    to: [`r${String(index + 1)}@x.test`],
    message: `Subject: ${String(index + 1)}\r\n\r\ntext\r\n`,
  }));
}

/** Queues all, and starts the lane with the first. */
export function start({ lane, feed }: Pick<Rig, 'lane' | 'feed'>, sent: readonly Sent[], last = true): void {
  const [first, ...rest] = sent.map((one) => one.job);
  feed.jobs.push(...rest);
  feed.last = last;
  if (first !== undefined) lane.run(first);
}

/** In a word: `accepted`, `refused 550`, or class and delivery of an error; `returned` in front where the job was. */
export function wordOf({ outcome, returned }: Settled): string {
  if (outcome instanceof SMTPException && !returned) return `${outcome.name} ${outcome.delivery}`;
  if (outcome instanceof Error) return returned ? 'returned' : outcome.name;
  return statusesOf(outcome);
}

export function statusesOf(result: SendResult): string {
  return result.recipients.map(({ status, reply }) => `${status} ${String(reply?.code ?? '')}`.trim()).join(', ');
}

export async function words(sent: readonly Sent[]): Promise<readonly string[]> {
  const settled = await Promise.all(sent.map((one) => one.settled));
  for (const one of sent) if (one.times() !== 1) throw new Error(`settled ${String(one.times())} times`);
  return settled.map(wordOf);
}
