/**
 * The sends of a transcript over a lane of the mailer. Sends that wait for nothing are queued together, so that the envelope
 * of one goes out behind the content of the one before it, and QUIT behind the last.
 */
import { reversePath, forwardPaths } from '../../src/client/paths.js';
import { settle } from '../../src/client/settle.js';
import { resolveOptions } from '../../src/client/options.js';
import type { Dialect } from '../../src/client/conversation.js';
import { type SendResult, SMTPServerDisconnected } from '../../src/index.js';
import { Lane, type LaneAnomaly, type LaneFeed, type LaneJob, type LanePolicy } from '../../src/mailer/lane.js';
import { contentOf } from '../../src/octets/content-of.js';
import { parseTranscript, ScriptedServer } from '../../src/testing/index.js';
import {
  inItsWords,
  type LoadedTranscript,
  messageOf,
  type Observation,
  observe,
  passHold,
  type TranscriptExpectation,
  type TranscriptSend,
} from './transcripts.js';

export const SMTP_DIALECT: Dialect = { implicitTls: false, hello: 'EHLO', finalReplies: 'one', defaultPort: 25 };
export const LMTP_DIALECT: Dialect = { ...SMTP_DIALECT, hello: 'LHLO', finalReplies: 'per-recipient' };

export const SESSION: LanePolicy = { overlap: 'session', chunking: 'off' };

const CLOSED = new SMTPServerDisconnected('the connection is closed', { retryable: true });

/** A queue of jobs for one lane. */
export class Queue implements LaneFeed {
  readonly jobs: LaneJob[] = [];
  readonly anomalies: LaneAnomaly[] = [];
  /** Nothing follows what is queued, so QUIT may go out with it. */
  last = false;
  /** Whether QUIT may go out behind a content. */
  quitRides = true;
  currentPolicy = SESSION;
  readonly #quiet: (() => void)[] = [];

  next(_lane: unknown, riding: boolean): LaneJob | 'quit' | undefined {
    return this.jobs.shift() ?? (this.last && (!riding || this.quitRides) ? 'quit' : undefined);
  }

  policy(): LanePolicy {
    return this.currentPolicy;
  }

  anomaly(_lane: unknown, anomaly: LaneAnomaly): void {
    this.anomalies.push(anomaly);
    this.currentPolicy = { ...this.currentPolicy, overlap: 'message' };
  }

  idle(): void {
    for (const tell of this.#quiet.splice(0)) tell();
  }

  /** What was queued would go to another lane. */
  closed(): void {
    for (const job of this.jobs.splice(0)) job.returned(CLOSED);
    this.idle();
  }

  /** Resolves when the lane is idle or closed again. */
  async quiet(): Promise<void> {
    await new Promise<void>((resolve) => this.#quiet.push(resolve));
  }
}

/** What came of a job. `returned`: it may go another way, as nothing of its content left. */
export interface Settled {
  readonly outcome: SendResult | Error;
  readonly usable: boolean;
  readonly returned: boolean;
}

/** A job of one send, and what becomes of it. */
export function jobOf(
  send: TranscriptSend,
  over: Promise<void> = Promise.resolve(),
  limits: LaneJob['limits'] = { signal: undefined, deadline: undefined },
  options: LaneJob['options'] = {},
): { job: LaneJob; settled: Promise<Settled>; times: () => number } {
  const { from = 'sender@example.org', to = ['first@example.org'] } = send;
  let settleWith: (settled: Settled) => void = () => undefined;
  const settled = new Promise<Settled>((resolve) => (settleWith = resolve));
  let times = 0;
  const tell = (one: Settled): void => {
    times += 1;
    settleWith(one);
  };
  const job: LaneJob = {
    shipment: {
      reversePath: reversePath(from),
      forwardPaths: forwardPaths(to),
      content: contentOf(messageOf(send, over)),
      warnings: [],
    },
    options,
    limits,
    shipped: (shipped, tls) => {
      const usable = shipped.outcome.after !== 'close';
      try {
        const outcome = settle(shipped.outcome, { ...shipped, messageId: undefined, tls });
        tell({ outcome, usable, returned: false });
      } catch (error) {
        tell({ outcome: error as Error, usable, returned: false });
      }
    },
    failed: (error) => {
      tell({ outcome: error, usable: true, returned: false });
    },
    returned: (cause) => {
      tell({ outcome: cause, usable: false, returned: true });
    },
  };
  return { job, settled, times: () => times };
}

/** RSET is owed to the next message only, so a lane that has none says none; and QUIT may come with the content. */
function forLane(text: string): string {
  return text.replaceAll(/^C: RSET$/gm, 'C? RSET').replaceAll(/^C: \(close\)$/gm, 'C? QUIT\nC: (close)');
}

export async function playInSession(transcript: LoadedTranscript): Promise<readonly TranscriptExpectation[]> {
  const script = parseTranscript(forLane(transcript.text));
  await using server = await ScriptedServer.start(script, { protocol: transcript.protocol });
  const feed = new Queue();
  feed.quitRides = !/^C: QUIT\nS: (?!221)/m.test(transcript.text);
  const options = resolveOptions({ ...transcript.options, ...server.address });
  const dialect = transcript.protocol === 'lmtp' ? LMTP_DIALECT : SMTP_DIALECT;
  let over: () => void = () => undefined;
  const sourcesEnd = new Promise<void>((resolve) => (over = resolve));
  const seen: Observation[] = [];
  let lane: Lane | undefined;
  const { sends } = transcript;
  try {
    lane = await Lane.open(options, dialect, server.address, feed, { signal: undefined, deadline: undefined });
  } catch (error) {
    seen.push(observe(error as Error, false));
  }
  const waits = sends.map(({ release }) => release !== undefined);
  for (let first = 0; lane !== undefined && first < sends.length;) {
    const behind = waits.indexOf(true, first + 1);
    const batch = sends.slice(first, behind === -1 ? undefined : behind);
    first += batch.length;
    const release = batch[0]?.release;
    if (release !== undefined) await passHold(server, release);
    const jobs = batch.map((send) => ({ ...jobOf(send, sourcesEnd), send }));
    feed.jobs.push(...jobs.map(({ job }) => job));
    feed.last = first === sends.length;
    const [job] = feed.jobs.splice(0, 1);
    if (!lane.usable || job === undefined) {
      for (const { to = ['first@example.org'] } of batch)
        seen.push({ ...observe(CLOSED, false), recipients: to.map(() => 'not-sent') });
      break;
    }
    const quiet = feed.quiet();
    lane.run(job);
    for (const { settled, send } of jobs) {
      const { outcome, usable, returned } = await settled;
      if (!usable) over();
      const observed = observe(outcome, usable);
      const { to = ['first@example.org'] } = send;
      seen.push(returned ? { ...observed, recipients: to.map(() => 'not-sent') } : observed);
    }
    await quiet;
  }
  over();
  server.release('settled');
  const [last] = seen.slice(-1);
  if (last?.connection === 'closed') {
    await server.waitFor(() => server.connections.every(({ ending }) => ending !== 'open'), 'the close');
    await server.waitFor(() => server.failures.length > 0 || server.pending.length === 0, 'the end of the script');
  }
  await server.finished();
  lane?.destroy();
  const messages = server.messages.map((one) => one.outcome);
  return seen.map((one, index) => {
    const expected = transcript.expect.session[index];
    if (expected === undefined) throw new Error('a send without an expectation');
    // What the server says at the end holds for the last one; by then it has seen the messages behind the others.
    const until = index === seen.length - 1 ? messages.length : expected.messages.length;
    return inItsWords({ ...one, messages: messages.slice(0, until) }, expected);
  });
}
