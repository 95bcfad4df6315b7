/**
 * The connections to one server, and the messages that wait for them. What to do next is decide()'s to say; here it is done. A pool
 * belongs to one server with one set of options, so that a connection never serves a message that asked for another security.
 */
import { SMTPServerDisconnected } from '../errors.js';
import type { Clock, Timer } from './clock.js';
import { decide, type PoolView } from './decide.js';
import { dialPauseMs } from './dial-pause.js';
import { HostNotes } from './host-notes.js';
import type { LaneAnomaly, LaneFeed, LaneJob, LanePolicy, OpenLane } from './lane.js';
import { Queue, type Place } from './queue.js';
import type { TokenBucket } from './rate.js';

export interface PoolSettings {
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly maxConnectionAgeMs: number;
  readonly idleTimeoutMs: number;
  /** How long QUIT may take. */
  readonly quitTimeoutMs: number;
  readonly policy: LanePolicy;
  /** Shared by all pools of a mailer. */
  readonly bucket: TokenBucket | undefined;
  readonly clock: Clock;
}

/** What waits in a pool. */
export interface PoolItem {
  /** Whether it can go out behind a content that is not answered, as it can be called back there. */
  readonly mayRide: boolean;
  /** Where it waits: the pool's to keep. */
  place?: Place | undefined;
  /** It is its turn. What is given back is run by that lane at once. */
  begin(lane: OpenLane): LaneJob;
}

export interface PoolOwner<Item extends PoolItem> {
  /** Whether a connection to the server of this pool logs in. */
  readonly logsIn: boolean;
  /** Opens a connection to the server of this pool. */
  open(feed: LaneFeed, signal: AbortSignal): Promise<OpenLane>;
  /** The server cannot be reached: these have waited in vain, and are no longer in the pool. */
  unserved(items: readonly Item[], error: Error): void;
  /** Nothing waits anywhere, and nothing new will come: a connection whose work is done may say goodbye. */
  nothingFollows(): boolean;
  anomaly(anomaly: LaneAnomaly, policy: LanePolicy): void;
}

type LaneState = 'idle' | 'busy' | 'leaving';

/** A server that closes this many new connections before they carried anything is as good as one that does not answer. */
const STILLBORN_LIMIT = 3;
/** One that ends later than this has been idle for a while, as far as the server is concerned. */
const STILLBORN_MS = 1_000;

export class Pool<Item extends PoolItem> {
  readonly notes: HostNotes;
  readonly #settings: PoolSettings;
  readonly #owner: PoolOwner<Item>;
  readonly #queue = new Queue<Item>();
  /** In the order in which they became idle, where they are. */
  readonly #lanes = new Map<OpenLane, LaneState>();
  readonly #dials = new Set<AbortController>();
  readonly #feed: LaneFeed;
  #idle: OpenLane[] = [];
  #busyCount = 0;
  /** The last dial that was answered was let in. */
  #isLetIn = false;
  /** Dials in a row that came to nothing. */
  #failures = 0;
  #lastFailureAtMs = -Infinity;
  #timer: Timer | undefined;
  #timerAtMs = Infinity;
  #pumping = false;
  #pumpWanted = false;
  #over = false;
  #emptied: (() => void) | undefined;

  constructor(settings: PoolSettings, owner: PoolOwner<Item>) {
    this.#settings = settings;
    this.#owner = owner;
    this.notes = new HostNotes(settings.policy);
    const { clock } = settings;
    this.#feed = {
      next: (lane, riding) => this.#undisturbed(() => this.#next(lane, riding)),
      policy: () => this.notes.policy(clock.now()),
      anomaly: (_lane, anomaly) => {
        owner.anomaly(anomaly, this.notes.lower(anomaly, clock.now()));
      },
      idle: (lane) => {
        this.#becameIdle(lane);
      },
      closed: (lane) => {
        this.#closed(lane);
      },
    };
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Connections that are open or being opened. */
  get connections(): number {
    return this.#lanes.size + this.#dials.size;
  }

  /** Puts an item at the end of the queue. */
  add(item: Item): void {
    item.place = this.#queue.push(item);
    // One more behind others changes nothing as long as every connection that may be is there and busy.
    const isBusy = this.#busyCount === this.#settings.maxConnections && this.#dials.size === 0;
    if (!isBusy || this.#queue.length === 1) this.#pump();
  }

  /** Puts an item in front of all others: it had its turn, and nothing came of it. */
  addFirst(item: Item): void {
    item.place = this.#queue.unshift(item);
    this.#pump();
  }

  /** Takes an item out of the queue. Whether it was there. */
  remove(item: Item): boolean {
    return this.#queue.remove(item.place);
  }

  /** Lets connections go whose work is done, now that nothing follows. */
  settleDown(): void {
    if (!this.#owner.nothingFollows()) return;
    for (const lane of [...this.#idle]) this.#leave(lane);
  }

  /** Says goodbye on every connection, gives up those that are being opened, and resolves when none is left. */
  async close(): Promise<void> {
    this.#over = true;
    for (const dial of this.#dials) dial.abort();
    for (const lane of [...this.#idle]) this.#leave(lane);
    this.#disarm();
    if (this.connections === 0) return;
    const { clock, quitTimeoutMs } = this.#settings;
    // A server that does not answer RSET or QUIT does not keep close() waiting.
    const grace = clock.after(quitTimeoutMs, () => {
      this.destroy();
    });
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    grace.cancel();
  }

  /** Ends all connections at once. Their messages settle as what was written of them says. */
  destroy(): void {
    for (const lane of [...this.#lanes.keys()]) lane.destroy();
  }

  // ---- what lanes ask and tell -------------------------------------------------------------------------------------

  #next(lane: OpenLane, riding: boolean): LaneJob | 'quit' | undefined {
    const state = this.#lanes.get(lane);
    if (state === undefined || state === 'leaving') return undefined;
    if (lane.messages > 0) this.#failures = 0;
    if (this.#over || this.#worn(lane) || (this.#queue.length === 0 && this.#owner.nothingFollows())) {
      this.#mark(lane, 'leaving');
      return 'quit';
    }
    const { first } = this.#queue;
    if (first === undefined) return undefined;
    // A connection that is being opened for it is nearer than a place behind a message that is under way.
    if (riding && (!first.mayRide || this.#queue.length <= this.#dials.size)) return undefined;
    return this.#begin(lane);
  }

  #begin(lane: OpenLane): LaneJob | undefined {
    const { bucket, clock } = this.#settings;
    if (bucket?.take(clock.now()) === false) {
      this.#arm(bucket.availableAtMs());
      return undefined;
    }
    return this.#queue.shift()?.begin(lane);
  }

  #becameIdle(lane: OpenLane): void {
    if (!this.#lanes.has(lane)) return;
    if (lane.messages > 0) this.#failures = 0;
    this.#mark(lane, 'idle');
    if (this.#over || this.#worn(lane) || (this.#queue.length === 0 && this.#owner.nothingFollows())) this.#leave(lane);
    else this.#armForIdle(lane);
    this.#pump();
  }

  #closed(lane: OpenLane): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    this.#mark(lane, undefined);
    this.#checkStillborn(lane, state);
    this.#pump();
    this.#checkEmptied();
  }

  /** A new connection that ended before it carried anything, not for want of work: once may be chance. */
  #checkStillborn(lane: OpenLane, state: LaneState): void {
    const { clock, idleTimeoutMs } = this.#settings;
    if (this.#over || state === 'leaving' || lane.messages > 0) return;
    if (state === 'idle' && clock.now() - lane.idleSinceMs > Math.min(STILLBORN_MS, idleTimeoutMs)) return;
    this.#noteFailure();
    if (this.#failures < STILLBORN_LIMIT) return;
    const hint = 'The server takes connections and closes them again; ask its operator.';
    this.#giveUp(new SMTPServerDisconnected('the server closes new connections at once', { retryable: true, hint }));
  }

  // ---- dialing -----------------------------------------------------------------------------------------------------

  #dial(): void {
    const dial = new AbortController();
    this.#dials.add(dial);
    this.#owner.open(this.#feed, dial.signal).then(
      (lane) => {
        this.#dials.delete(dial);
        this.#isLetIn = true;
        this.#lanes.set(lane, 'idle');
        this.#idle.push(lane);
        this.#becameIdle(lane);
      },
      (error: unknown) => {
        this.#dials.delete(dial);
        this.#isLetIn = false;
        if (!this.#over) {
          this.#noteFailure();
          this.#giveUp(error as Error);
          this.#pump();
        }
        this.#checkEmptied();
      },
    );
  }

  #noteFailure(): void {
    this.#failures += 1;
    this.#lastFailureAtMs = this.#settings.clock.now();
  }

  /** One refusal is an answer to all that wait, unless another connection may still serve them. */
  #giveUp(error: Error): void {
    if (this.#dials.size > 0 || this.#idle.length > 0 || this.#busyCount > 0) return;
    const items = this.#queue.takeAll();
    if (items.length > 0) this.#owner.unserved(items, error);
  }

  // ---- the engine --------------------------------------------------------------------------------------------------

  #pump(): void {
    this.#pumpWanted = true;
    // What is started here may come back in here before it returns.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#takeWanted()) this.#act();
    } finally {
      this.#pumping = false;
    }
  }

  /** Answers a lane. What that starts elsewhere waits: a lane that is asked to take a message while it asks for one would take two. */
  #undisturbed<T>(answer: () => T): T {
    if (this.#pumping) return answer();
    this.#pumping = true;
    try {
      return answer();
    } finally {
      this.#pumping = false;
      if (this.#pumpWanted) {
        queueMicrotask(() => {
          this.#pump();
        });
      }
    }
  }

  #takeWanted(): boolean {
    const wanted = this.#pumpWanted;
    this.#pumpWanted = false;
    return wanted;
  }

  #act(): void {
    for (;;) {
      this.#dropDead();
      const decision = decide(this.#view());
      switch (decision.kind) {
        case 'run':
          this.#runOnIdle();
          continue;
        case 'dial':
          this.#dial();
          continue;
        case 'wake':
          if (decision.untilMs !== undefined) this.#arm(decision.untilMs);
          this.#wake();
          return;
        case 'wait':
          this.#arm(decision.untilMs);
          return;
        case 'rest':
          return;
      }
    }
  }

  #view(): PoolView {
    const { clock, maxConnections, bucket } = this.#settings;
    const nowMs = clock.now();
    const idle = this.#idle.length;
    const served = idle + this.#busyCount > 0;
    // Behind a failure one dial at a time: with always another one under way it would never be said that the server does not answer.
    const decides = (this.#owner.logsIn && !this.#isLetIn) || (this.#failures > 0 && !served);
    return {
      nowMs,
      // Nothing new is begun behind close().
      queued: this.#over ? 0 : this.#queue.length,
      idle,
      busy: this.#busyCount,
      leaving: this.#lanes.size - idle - this.#busyCount,
      dialing: this.#dials.size,
      awaitsDial: this.#dials.size > 0 && decides,
      maxConnections,
      tokenAtMs: bucket?.availableAtMs() ?? -Infinity,
      dialAtMs: this.#lastFailureAtMs + dialPauseMs(this.#failures, served),
    };
  }

  #runOnIdle(): void {
    // The one that was used last: the others get the chance to be closed.
    const lane = this.#idle.at(-1);
    if (lane === undefined) return;
    this.#mark(lane, 'busy');
    const job = this.#begin(lane);
    if (job === undefined) this.#mark(lane, 'idle');
    else lane.run(job);
  }

  #wake(): void {
    // What a lane does when it is woken may change the map: that is no harm to this walk over it.
    for (const [lane, state] of this.#lanes) {
      if (this.#queue.length === 0) return;
      if (state === 'busy') lane.wake();
    }
  }

  /** Idle connections that the server has closed, or that are too old, are gone without a word: nothing failed. */
  #dropDead(): void {
    for (let at = this.#idle.length - 1; at >= 0; at -= 1) {
      const lane = this.#idle[at];
      if (lane === undefined) continue;
      if (!lane.usable) {
        this.#mark(lane, undefined);
        this.#checkStillborn(lane, 'idle');
        lane.destroy();
      } else if (this.#worn(lane)) {
        this.#leave(lane);
      }
    }
  }

  /** It carried as many messages as it may, or is as old as it may become. */
  #worn(lane: OpenLane): boolean {
    const { clock, maxMessagesPerConnection, maxConnectionAgeMs } = this.#settings;
    const nowMs = clock.now();
    const announced = lane.extensions.has('limits') ? (lane.extensions.limits.messages ?? Infinity) : Infinity;
    const limit = Math.min(maxMessagesPerConnection, announced, this.notes.messageLimit(nowMs));
    return lane.messages >= limit || nowMs - lane.openedAtMs >= maxConnectionAgeMs;
  }

  #leave(lane: OpenLane): void {
    this.#mark(lane, 'leaving');
    void lane.quit();
  }

  #mark(lane: OpenLane, state: LaneState | undefined): void {
    const before = this.#lanes.get(lane);
    if (before === state && state !== undefined) return;
    if (before === 'idle') this.#idle = this.#idle.filter((other) => other !== lane);
    if (before === 'busy') this.#busyCount -= 1;
    if (state === undefined) {
      this.#lanes.delete(lane);
      return;
    }
    this.#lanes.set(lane, state);
    if (state === 'idle') this.#idle.push(lane);
    if (state === 'busy') this.#busyCount += 1;
  }

  #checkEmptied(): void {
    if (this.connections === 0) this.#emptied?.();
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  #armForIdle(lane: OpenLane): void {
    const { idleTimeoutMs } = this.#settings;
    if (idleTimeoutMs !== Infinity) this.#arm(lane.idleSinceMs + idleTimeoutMs);
  }

  #arm(atMs: number): void {
    if (this.#over || atMs >= this.#timerAtMs || atMs === Infinity) return;
    this.#disarm();
    const { clock } = this.#settings;
    this.#timerAtMs = atMs;
    this.#timer = clock.after(atMs - clock.now(), () => {
      this.#timer = undefined;
      this.#timerAtMs = Infinity;
      this.#onTimer();
    });
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  #onTimer(): void {
    const { clock, idleTimeoutMs } = this.#settings;
    const nowMs = clock.now();
    this.#pump();
    for (const lane of [...this.#idle]) {
      if (nowMs - lane.idleSinceMs >= idleTimeoutMs) this.#leave(lane);
      else this.#armForIdle(lane);
    }
  }
}
