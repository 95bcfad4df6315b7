/** Connections and servers of a test's own: nothing happens on them until the test says so. */
import type { Path } from '../../src/client/paths.js';
import type { PreparedMessage } from '../../src/client/send-message.js';
import type { Shipped } from '../../src/client/sendmail.js';
import { SMTPDialError, SMTPServerDisconnected } from '../../src/errors.js';
import type { LaneFeed, LaneJob, OpenLane } from '../../src/mailer/lane.js';
import type { Content } from '../../src/octets/content.js';
import { Extensions } from '../../src/protocol/extensions.js';
import type { Failure, Outcome } from '../../src/protocol/transaction.js';
import { makeReply } from '../../src/protocol/reply.js';
import type { RecipientResult, Reply } from '../../src/types.js';
import type { FakeClock } from './fake-clock.js';

export function pathOf(address: string): Path {
  return { address, text: `<${address}>`, needsUtf8: false };
}

export function preparedFor(to: readonly string[], { replayable = true } = {}): PreparedMessage {
  const content: Content = {
    segments: [Buffer.from('hello\r\n')],
    stream: () => {
      throw new Error('nobody reads it');
    },
    sizeBytes: 7,
    eightBit: false,
    dotLines: 0,
    headerCharset: 'ascii',
    replayable,
  };
  return {
    shipment: { reversePath: pathOf('ann@example.org'), forwardPaths: to.map(pathOf), content, warnings: [] },
    messageId: '<1@example.org>',
  };
}

export function reply(code: number, text = 'said so'): Reply {
  return makeReply(code, [text]);
}

const QUEUED = reply(250, '2.0.0 queued as 4F2');

/** The word for a recipient: what the server said of it. */
export type Fate = 'accepted' | 'unknown' | 'not-sent' | number;

/** The outcome of a transaction in which each recipient had its fate. A number is the code of a refusal at RCPT. */
export function outcomeOf(addresses: readonly string[], fates: readonly Fate[], failure?: Failure): Outcome {
  const recipients = addresses.map((address, index): RecipientResult => {
    const fate = fates[index] ?? fates.at(-1) ?? 'accepted';
    if (typeof fate === 'number') return { index, address, status: 'refused', stage: 'rcpt', reply: reply(fate) };
    if (fate === 'accepted') return { index, address, status: 'accepted', stage: 'final', reply: QUEUED };
    return { index, address, status: fate, stage: fate === 'unknown' ? 'final' : 'mail' };
  });
  const someAccepted = recipients.some(({ status }) => status === 'accepted');
  const refused: Failure = { kind: 'recipients-refused', stage: 'rcpt' };
  const allRefused = recipients.every(({ status }) => status === 'refused');
  return {
    recipients,
    failure: failure ?? (allRefused ? refused : undefined),
    finalReply: someAccepted ? QUEUED : undefined,
    after: 'usable',
  };
}

export function lostAt(stage: 'mail' | 'final'): Failure {
  return { kind: 'lost', stage, cause: new SMTPServerDisconnected('gone', { stage, retryable: true }) };
}

export class FakeLane implements OpenLane {
  readonly openedAtMs: number;
  readonly tls = undefined;
  readonly extensions: Extensions;
  usable = true;
  messages = 0;
  idleSinceMs: number;
  /** Asked to take a job behind the one that runs. */
  woken = 0;
  /** What it was given, in order. */
  readonly ran: LaneJob[] = [];
  goodbye: 'none' | 'quit' | 'destroyed' = 'none';
  job: LaneJob | undefined;
  rider: LaneJob | undefined;
  /** Takes what is queued as soon as it is told. */
  eager = false;
  #closed = false;
  #leaving = false;
  #asking = false;
  readonly #clock: FakeClock;
  readonly #feed: LaneFeed;

  constructor(clock: FakeClock, feed: LaneFeed, limits = '') {
    this.#clock = clock;
    this.#feed = feed;
    this.openedAtMs = this.idleSinceMs = clock.now();
    this.extensions = new Extensions(new Map(limits === '' ? [] : [['limits', limits]]));
  }

  get idle(): boolean {
    return this.job === undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(first: LaneJob): void {
    if (this.job !== undefined || !this.usable) throw new Error('run() on a lane that is not idle');
    this.#start(first);
  }

  #start(job: LaneJob): void {
    this.job = job;
    this.ran.push(job);
  }

  wake(): void {
    this.woken += 1;
    if (this.#asking) throw new Error('wake() while the lane asks for a job');
    if (this.eager) this.ride();
  }

  #ask(riding: boolean): ReturnType<LaneFeed['next']> {
    this.#asking = true;
    try {
      return this.#feed.next(this, riding);
    } finally {
      this.#asking = false;
    }
  }

  /** Asks for a job behind the one that runs, as a lane that overlaps does. */
  ride(): boolean {
    if (this.job === undefined || this.rider !== undefined || this.#leaving) return false;
    const next = this.#ask(true);
    if (next === 'quit') this.#leaving = true;
    else if (next !== undefined) {
      this.rider = next;
      this.ran.push(next);
    }
    return this.rider !== undefined;
  }

  /** The recipients of the job that runs. */
  get to(): readonly string[] {
    return (this.job?.shipment.forwardPaths ?? []).map(({ address }) => address);
  }

  /** The transaction that runs comes to an end, and the next one begins. */
  finish(fates: readonly Fate[] = ['accepted'], failure?: Failure): void {
    const { job } = this;
    if (job === undefined) throw new Error('no job runs');
    this.messages += 1;
    const shipped: Shipped = {
      outcome: outcomeOf(this.to, fates, failure),
      envelope: { from: 'ann@example.org', to: [...this.to] },
      sizeBytes: 7,
      warnings: [],
      timing: { mail: 1 },
    };
    this.job = undefined;
    job.shipped(shipped, undefined);
    this.#goOn();
  }

  /** The job was refused in front of MAIL. */
  refuse(error: Parameters<LaneJob['failed']>[0]): void {
    const { job } = this;
    this.job = undefined;
    job?.failed(error);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#closed) return;
    if (!this.usable) {
      this.#end();
      return;
    }
    if (this.rider !== undefined) {
      this.job = this.rider;
      this.rider = undefined;
      return;
    }
    const next = this.#leaving ? 'quit' : this.#ask(false);
    if (next === 'quit') {
      void this.quit();
    } else if (next === undefined) {
      this.idleSinceMs = this.#clock.now();
      this.#feed.idle(this);
    } else {
      this.#start(next);
    }
  }

  /** The connection is gone: what runs ends as `fates` say, or is given back; what rides is given back. */
  die(fates?: readonly Fate[], failure?: Failure): void {
    this.usable = false;
    const { rider } = this;
    this.rider = undefined;
    const gone = new SMTPServerDisconnected('gone', { stage: 'mail', retryable: true });
    if (this.job !== undefined && fates !== undefined) {
      const { job } = this;
      this.messages += 1;
      const outcome = outcomeOf(this.to, fates, failure);
      this.job = undefined;
      job.shipped(
        { outcome, envelope: { from: 'ann@example.org', to: [] }, sizeBytes: 7, warnings: [], timing: {} },
        undefined,
      );
    } else {
      const { job } = this;
      this.job = undefined;
      job?.returned(gone);
    }
    rider?.returned(gone);
    this.#end();
  }

  /** Gone, and nobody has told: the pool finds out when it looks. */
  dieSilently(): void {
    this.usable = false;
  }

  anomaly(kind: Parameters<LaneFeed['anomaly']>[1]['kind']): void {
    this.#feed.anomaly(this, { kind, message: `${kind} was seen` });
  }

  get policy(): ReturnType<LaneFeed['policy']> {
    return this.#feed.policy(this);
  }

  async quit(): Promise<void> {
    if (this.#closed) return;
    this.goodbye = 'quit';
    this.usable = false;
    // The answer takes a while.
    await Promise.resolve();
    this.#end();
  }

  destroy(): void {
    if (this.#closed) return;
    this.goodbye = 'destroyed';
    if (this.job !== undefined || this.rider !== undefined) this.die(['unknown'], lostAt('final'));
    else {
      this.usable = false;
      this.#end();
    }
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed.closed(this);
  }
}

/** Dials wait until the test lets them succeed or fail. */
export class FakeServer {
  readonly lanes: FakeLane[] = [];
  readonly #clock: FakeClock;
  readonly #limits: string;
  #dials: { readonly accept: () => FakeLane; readonly refuse: (error: Error) => void }[] = [];
  dialed = 0;

  constructor(clock: FakeClock, limits = '') {
    this.#clock = clock;
    this.#limits = limits;
  }

  get dialing(): number {
    return this.#dials.length;
  }

  /** Connections that are open. */
  get open(): readonly FakeLane[] {
    return this.lanes.filter((lane) => !lane.closed);
  }

  async dial(feed: LaneFeed, signal: AbortSignal): Promise<FakeLane> {
    this.dialed += 1;
    return await new Promise<FakeLane>((resolve, reject) => {
      const dial = {
        accept: (): FakeLane => {
          const lane = new FakeLane(this.#clock, feed, this.#limits);
          this.lanes.push(lane);
          resolve(lane);
          return lane;
        },
        refuse: reject,
      };
      this.#dials.push(dial);
      signal.addEventListener('abort', () => {
        this.#dials = this.#dials.filter((other) => other !== dial);
        reject(new SMTPDialError('aborted'));
      });
    });
  }

  /** The dial that waits longest succeeds. */
  accept(): FakeLane {
    const dial = this.#dials.shift();
    if (dial === undefined) throw new Error('nobody dials');
    return dial.accept();
  }

  /** It fails. */
  refuse(error: Error = new SMTPDialError('connection refused', { retryable: true })): void {
    const dial = this.#dials.shift();
    if (dial === undefined) throw new Error('nobody dials');
    dial.refuse(error);
  }
}
