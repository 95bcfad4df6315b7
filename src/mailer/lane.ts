/**
 * A lane is one open connection that runs jobs, the envelope of the next one in one write with the content of the one before
 * it where that is allowed. It settles every job it was given exactly once, and a job never suffers for the one behind it.
 */
import type { Connection } from '../client/connection.js';
import { Conversation, type Dialect } from '../client/conversation.js';
import { establish } from '../client/establish.js';
import type { Followers, Rider } from '../client/flight.js';
import type { Limits } from '../client/limits.js';
import type { ResolvedOptions } from '../client/options.js';
import { planFlight, type Planned } from '../client/sendmail.js';
import { StageClock } from '../client/stage-clock.js';
import {
  describeReply,
  SMTPAbortedError,
  SMTPProtocolError,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  type MessageError,
  type SMTPException,
} from '../errors.js';
import type { Extensions } from '../protocol/extensions.js';
import type { Outcome, Transaction } from '../protocol/transaction.js';
import type { Reply, TlsInfo } from '../types.js';
import type { LaneAnomaly, LaneFeed, LaneJob, LanePolicy, LaneTarget, OpenLane } from './lane-feed.js';

export type { LaneAnomaly, LaneFeed, LaneJob, LanePolicy, LaneTarget, OpenLane } from './lane-feed.js';

/** Limits of nobody: the stages' own time-outs hold. */
const NO_LIMITS: Limits = { signal: undefined, deadline: undefined };

/** A job with its transaction, written or about to be. */
interface Boarded extends Rider, Planned {
  readonly job: LaneJob;
  /** It was written behind a content that was not answered. */
  readonly rode: boolean;
  /** Something was said on the connection before it. */
  readonly reused: boolean;
  /** Somebody may be written behind its content. */
  readonly carries: boolean;
  /** Somebody was. */
  carried: boolean;
}

export class Lane implements OpenLane, Followers {
  readonly openedAtMs = performance.now();
  readonly tls: TlsInfo | undefined;
  readonly #conversation: Conversation;
  readonly #connection: Connection;
  readonly #feed: LaneFeed;
  #messages = 0;
  #state: 'idle' | 'busy' | 'leaving' | 'closed' = 'idle';
  #idleSinceMs = performance.now();
  #head: Boarded | undefined;
  #riders: Boarded[] = [];
  /** What comes next whatever the feed says: it was refused behind a content, or could not ride. */
  #held: LaneJob | undefined;
  /** Refused behind a content: it goes out one command at a time. */
  #refused: LaneJob | undefined;
  /** RSET goes in front of the next MAIL. */
  #resetOwed = false;
  /** Something went wrong with overlap on this connection: nobody rides from here on. */
  #unpiped = false;
  /** BDAT was used on this connection. */
  #chunked = false;
  /** The server took a chunk on this connection. */
  #bdatProven = false;
  /** Resolves when the lane is closed, for whoever waits for that. */
  #whenClosed: (() => void)[] = [];

  private constructor(conversation: Conversation, feed: LaneFeed) {
    this.#conversation = conversation;
    this.#connection = conversation.connection;
    this.#feed = feed;
    this.tls = conversation.tls;
    this.#rest();
  }

  /** Dials, reads the greeting, says EHLO, encrypts and logs in as the options say. Throws what the client throws. */
  static async open(
    options: ResolvedOptions,
    dialect: Dialect,
    target: LaneTarget,
    feed: LaneFeed,
    limits: Limits,
  ): Promise<Lane> {
    const conversation = new Conversation(options, dialect);
    try {
      await conversation.open(target, limits);
      await establish(conversation, limits);
      return new Lane(conversation, feed);
    } catch (error) {
      conversation.close();
      throw error;
    }
  }

  get usable(): boolean {
    return (this.#state === 'idle' || this.#state === 'busy') && this.#connection.open;
  }

  get idle(): boolean {
    return this.#state === 'idle';
  }

  get messages(): number {
    return this.#messages;
  }

  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  get extensions(): Extensions {
    return this.#conversation.extensions;
  }

  run(first: LaneJob): void {
    if (this.#state !== 'idle') {
      first.returned(gone());
      return;
    }
    this.#state = 'busy';
    this.#connection.rouse();
    void this.#work(first);
  }

  wake(): void {
    if (this.#state === 'busy' && this.#head?.carries === true && this.usable) this.#connection.offer();
  }

  async quit(): Promise<void> {
    if (this.#state === 'closed') return;
    const closed = new Promise<void>((resolve) => this.#whenClosed.push(resolve));
    const idle = this.#state === 'idle';
    this.#state = 'leaving';
    if (idle) {
      // Somebody may wait for its place, and nothing but this connection may keep the process alive.
      this.#connection.rouse();
      await this.#sayQuit();
    }
    await closed;
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    const idle = this.#state === 'idle';
    this.#state = 'leaving';
    this.#conversation.close();
    // A job that runs is settled first.
    if (idle) this.#end();
  }

  /** The connection asks who goes out behind the content of the head. */
  next(): Rider | 'quit' | undefined {
    const head = this.#head;
    if (head?.carries !== true || this.#held !== undefined || this.#full) return undefined;
    for (;;) {
      const job = this.#ask(true);
      if (job === undefined) return undefined;
      if (job === 'quit') {
        head.carried = true;
        return 'quit';
      }
      if (!job.shipment.content.replayable) {
        // An accepted DATA cannot be called back, and this content cannot be given twice.
        this.#held = job;
        return undefined;
      }
      const rider = this.#board(job, true);
      if (rider === undefined) continue;
      head.carried = true;
      this.#riders.push(rider);
      return rider;
    }
  }

  /** With BDAT more than one may be under way, when the policy says so. */
  get #full(): boolean {
    const { chunking } = this.#feed.policy(this);
    return this.#riders.length >= (typeof chunking === 'object' ? chunking.window - 1 : 1);
  }

  /** The connection turned a rider back, because the head's answer takes long. */
  slow(): void {
    this.#report('slow-final', 'the final reply takes long: nobody waits behind it');
  }

  async #work(first: LaneJob): Promise<void> {
    let job: LaneJob | 'quit' | undefined = first;
    for (;;) {
      const boarded = this.#riders.shift() ?? (typeof job === 'object' ? this.#board(job, false) : undefined);
      job = undefined;
      if (boarded !== undefined && this.#mayRun(boarded)) {
        this.#head = boarded;
        await this.#connection.run(boarded, this);
        if (this.#connection.quitting) await this.#connection.farewell();
      }
      // Also on a connection that was closed meanwhile: each of them is told.
      if (this.#riders.length > 0) continue;
      job = this.#held ?? this.#ask(false);
      this.#held = undefined;
      if (job === undefined || job === 'quit') break;
    }
    if (this.#connection.open && (job === 'quit' || this.#state === 'leaving')) await this.#sayQuit();
    else if (!this.usable) this.#end();
    else {
      this.#state = 'idle';
      this.#rest();
      this.#feed.idle(this);
    }
  }

  /** What the feed gives, as long as there may be more on this connection. */
  #ask(riding: boolean): LaneJob | 'quit' | undefined {
    if (!this.usable) return undefined;
    const limit = this.extensions.limits.messages;
    // RFC 9422 section 4.1: the server takes no more than this on one connection.
    if (limit !== undefined && this.#messages >= limit) return 'quit';
    return this.#feed.next(this, riding);
  }

  /** Plans the job's transaction. Undefined: it was settled in front of MAIL. */
  #board(job: LaneJob, rode: boolean): Boarded | undefined {
    if (!this.#connection.open) {
      job.returned(gone());
      return undefined;
    }
    const policy = this.#feed.policy(this);
    const { overlap } = policy;
    const { options, extensions } = this.#conversation;
    const pipelining =
      options.pipelining && extensions.has('pipelining') && overlap !== 'none' && job !== this.#refused;
    const carries = pipelining && overlap === 'session' && !this.#unpiped && job.shipment.content.replayable;
    const framing = this.#framingOf(job, policy, carries);
    this.#chunked ||= framing !== 'dot';
    const clock = new StageClock();
    clock.start();
    let planned: Planned;
    try {
      planned = planFlight(
        this.#conversation,
        job.shipment,
        job.options,
        // Always where BDAT is used: one server took a message for one more of the sender before it.
        {
          pipelining,
          reset: (this.#resetOwed && !rode) || this.#chunked,
          framing,
          // Whoever wants a window has vouched for the host.
          bdatProven: framing === 'bdat' ? () => this.#bdatProven : undefined,
        },
        job.limits,
        clock,
      );
    } catch (error) {
      job.failed(error as SMTPException | MessageError);
      return undefined;
    }
    const reused = this.#messages > 0;
    this.#messages += 1;
    const { transaction, plan, limits } = planned;
    // Written out: spreading this many properties costs as much as a write to the socket.
    const boarded: Boarded = {
      transaction,
      plan,
      limits,
      clock,
      shipped: (outcome) => planned.shipped(outcome),
      job,
      rode,
      reused,
      carries,
      carried: false,
      landed: (outcome) => {
        this.#alight(boarded);
        job.shipped(planned.shipped(outcome), this.tls);
      },
      turnedBack: (cause) => {
        this.#alight(boarded);
        job.returned(cause);
      },
    };
    return boarded;
  }

  /** BDAT where it is offered and wanted; ahead of the answers only what is at hand and asks for no answer itself. */
  #framingOf({ shipment, options }: LaneJob, { chunking }: LanePolicy, carries: boolean): 'dot' | 'bdat' | 'unasked' {
    if (chunking === 'off' || !this.extensions.has('chunking')) return 'dot';
    const asks = options.beforeContent !== undefined || options.requireAllRecipients === true;
    const counts = this.#conversation.dialect.finalReplies === 'one';
    const ahead = chunking !== 'safe' && carries && counts && !asks && shipment.content.segments !== undefined;
    return ahead ? 'unasked' : 'bdat';
  }

  #alight(boarded: Boarded): void {
    this.#riders = this.#riders.filter((rider) => rider !== boarded);
  }

  /** One whose content has left is to be told what became of it, whatever became of the connection. */
  #mayRun({ job, transaction }: Boarded): boolean {
    if (this.#connection.open || transaction.contentEnded) return true;
    job.returned(gone());
    return false;
  }

  /** The connection tells what became of the head, before it tells its riders. */
  answered(outcome: Outcome): void {
    const head = this.#head;
    this.#head = undefined;
    this.#resetOwed = outcome.after === 'reset';
    if (head !== undefined) this.#settle(head, outcome);
  }

  #settle(boarded: Boarded, outcome: Outcome): void {
    const { job, rode, reused, carried, transaction } = boarded;
    const { failure } = outcome;
    if (failure?.kind === 'protocol' && (rode || carried)) {
      this.#report('out-of-step', `the server broke the protocol: ${failure.reason}`);
    }
    if (rode && failure?.kind === 'sender-refused' && failure.reply.code === 503) {
      this.#report('refused-behind-content', `MAIL behind a content was answered ${describeReply(failure.reply)}`);
      if (!this.usable) {
        job.returned(gone());
        return;
      }
      this.#held = this.#refused = job;
      return;
    }
    if (boarded.plan.framing !== 'dot') {
      if (failure?.kind === 'data-refused' && isUnknownCommand(failure.reply)) {
        this.#refuseBdat(boarded, outcome, failure.reply);
        return;
      }
      this.#bdatProven ||= outcome.finalReply !== undefined;
    }
    const cause = transaction.contentEnded ? undefined : faultOfConnection(outcome, transaction, rode, reused);
    if (cause === undefined) job.shipped(boarded.shipped(outcome), this.tls);
    else job.returned(cause);
  }

  /** The server announced BDAT and does not know it; it may take what it gets for commands, so it gets no more. */
  #refuseBdat(boarded: Boarded, outcome: Outcome, reply: Reply): void {
    const { job } = boarded;
    this.#report('bdat-refused', `BDAT was answered ${describeReply(reply)}`);
    this.#connection.close();
    if (!job.shipment.content.replayable) {
      // Its source was read: there is no other way for it.
      job.shipped(boarded.shipped(outcome), this.tls);
      return;
    }
    job.returned(
      new SMTPServerDisconnected(`the server does not take BDAT: ${describeReply(reply)}`, {
        stage: 'body',
        retryable: true,
        hint: "Set chunking: 'off' for this server.",
      }),
    );
  }

  #report(kind: LaneAnomaly['kind'], message: string): void {
    this.#unpiped = true;
    this.#feed.anomaly(this, { kind, message });
  }

  /** Idle: it keeps no process alive, and whatever the server says now ends it. */
  #rest(): void {
    this.#idleSinceMs = performance.now();
    this.#connection.rest(() => {
      if (this.#state !== 'idle') return;
      this.#conversation.close();
      this.#end();
    });
  }

  async #sayQuit(): Promise<void> {
    try {
      await this.#conversation.exchange('QUIT', 'quit', NO_LIMITS);
    } catch {
      // Whoever says goodbye wants no more of this connection, whatever the answer.
    }
    this.#conversation.close();
    this.#end();
  }

  #end(): void {
    this.#state = 'closed';
    this.#held?.returned(gone());
    this.#held = undefined;
    this.#feed.closed(this);
    for (const tell of this.#whenClosed.splice(0)) tell();
  }
}

/**
 * Why the connection, not the message, is at fault. A connection that was open for a while and ends without a word on MAIL was
 * dead before: servers close those that are idle.
 */
function faultOfConnection(
  { failure }: Outcome,
  { begun, answered }: Transaction,
  rode: boolean,
  reused: boolean,
): Error | undefined {
  if (failure?.kind === 'protocol') {
    if (begun && !rode) return undefined;
    return new SMTPProtocolError(failure.reason, { stage: failure.stage, retryable: true, hint: 'Connect again.' });
  }
  if (failure?.kind !== 'lost') return undefined;
  const { cause, stage } = failure;
  if (!(cause instanceof SMTPServerDisconnected)) return undefined;
  if (cause instanceof SMTPTimeoutError || cause instanceof SMTPAbortedError) return undefined;
  return !begun || stage === 'rset' || (reused && !answered) ? cause : undefined;
}

/** RFC 5321 section 4.2.4: the verb is not known, or has no place here. */
function isUnknownCommand({ code }: Reply): boolean {
  return code >= 500 && code <= 503;
}

function gone(): SMTPServerDisconnected {
  return new SMTPServerDisconnected('the connection was closed before the message was begun', {
    stage: 'connect',
    retryable: true,
    hint: 'Connect again.',
  });
}
