/**
 * Sends what is due, so many at a time, until it is stopped. One rule: it sleeps until the next entry is due or somebody wakes it, and
 * looks for the work of other processes at a fixed, low rate.
 */
import { attempt } from './attempt.js';
import type { OutboxEnvironment, OutboxTimer } from './environment.js';
import { eventOf } from './event-of.js';
import type { OutboxEvent } from './events.js';
import type { OutboxMailer } from './options.js';
import { Owners } from './owners.js';
import { purge, RETENTION_SWEEP_MS } from './purge.js';
import { backoffOf, FINISHED, type ResolvedOutboxOptions } from './resolve-options.js';
import { saveAttempt } from './save-attempt.js';
import type { OutboxRecord, OutboxStore } from './store.js';
import { recovered, takeOver } from './take-over.js';
import { WakeUp } from './wake-up.js';

export interface RunnerOptions {
  readonly store: OutboxStore;
  readonly mailer: OutboxMailer;
  readonly settings: ResolvedOutboxOptions;
  readonly environment: OutboxEnvironment;
  readonly concurrency: number;
  readonly emit: (event: OutboxEvent) => void;
  /** The store failed where no caller waits for an answer. */
  readonly report: (error: unknown) => void;
}

const LONGEST_PAUSE_MS = 30_000;
const FALLBACK_BACKOFF_MS = 60_000;

export class Runner {
  readonly #options: RunnerOptions;
  readonly #owners: Owners;
  readonly #wakeUp: WakeUp;
  readonly #inHand = new Map<string, Promise<void>>();
  /** Each is called when something may have changed for who waits for the end. */
  readonly #watchers = new Set<() => void>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #lastSweepMs: number | undefined;
  #mayHoldMore = false;
  #beatTimer: OutboxTimer | undefined;
  #beating: Promise<void> = Promise.resolve();

  private constructor(options: RunnerOptions) {
    const { store, environment, settings } = options;
    this.#options = options;
    this.#owners = new Owners(store, environment, settings.leaseMs);
    this.#wakeUp = new WakeUp(environment);
  }

  /** Rejects when the store cannot be used. */
  static async start(options: RunnerOptions): Promise<Runner> {
    const runner = new Runner(options);
    await runner.#owners.beat();
    await runner.#takeOver();
    runner.#keepBeating();
    runner.#loop = runner.#run();
    return runner;
  }

  /** There may be something to do. */
  wake(): void {
    this.#wakeUp.wake();
  }

  /** Begins nothing more; resolves when what is in hand is settled and written down. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
    await Promise.all(this.#inHand.values());
    this.#changed();
    this.#beatTimer?.cancel();
    await this.#beating;
    // A row that stays is forgotten by others, when its beat stands still.
    await this.#owners.resign().catch(this.#options.report);
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Resolves when something has happened, or after a while. */
  async progress(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#watchers.delete(done);
        resolve();
      };
      const timer = this.#options.environment.after(this.#options.settings.pollMs, done, true);
      this.#watchers.add(done);
    });
  }

  async #run(): Promise<void> {
    const { settings, report } = this.#options;
    let failures = 0;
    while (!this.isStopping) {
      let pauseMs: number;
      try {
        pauseMs = await this.#turn();
        failures = 0;
      } catch (error) {
        report(error);
        this.#mayHoldMore = true;
        pauseMs = Math.min(settings.pollMs * 2 ** failures, LONGEST_PAUSE_MS);
        failures += 1;
      }
      await this.#wakeUp.sleep(pauseMs);
    }
  }

  /** Begins what is due, and says how long there is nothing to do. */
  async #turn(): Promise<number> {
    const { store, settings, environment, concurrency, emit } = this.#options;
    await this.#keepHouse();
    if (this.#mayHoldMore) await this.#giveBack();
    const limit = concurrency - this.#inHand.size;
    if (limit > 0) {
      const { records, damaged } = await store.claim({ owner: this.#owners.self, nowMs: environment.now(), limit });
      for (const { id, reason } of damaged) emit({ type: 'quarantined', id, reason });
      for (const record of records) this.#begin(record);
      if (damaged.length > 0) return 0;
      if (records.length < limit) {
        const dueAtMs = await store.nextDueAtMs();
        const untilMs = dueAtMs === undefined ? Infinity : dueAtMs - environment.now();
        // What came in since is begun at the next look, or when its enqueueing wakes this.
        if (untilMs > 0) return Math.min(untilMs, settings.pollMs);
      }
    }
    return settings.pollMs;
  }

  #begin(record: OutboxRecord): void {
    const work = this.#attempt(record)
      .catch(this.#options.report)
      .finally(() => {
        this.#inHand.delete(record.id);
        this.#changed();
        this.wake();
      });
    this.#inHand.set(record.id, work);
  }

  async #attempt(record: OutboxRecord): Promise<void> {
    const { store, mailer, settings, environment, emit, report } = this.#options;
    const { onUnknown, pollMs } = settings;
    const now = (): number => environment.now();
    const backoffMs = (number: number): number => this.#backoffOf(number);
    const signal = this.#stopping.signal;
    const saving = { store, environment, pollMs, stopping: signal, report, ownerId: this.#owners.self.id };
    const made = await attempt(record, { store, mailer, onUnknown, backoffMs, now });
    const saved = made === undefined ? undefined : await saveAttempt(made, saving);
    if (saved !== undefined) emit(eventOf(saved));
  }

  /** The caller's function may throw, or give what is no time: an entry is not lost over that. */
  #backoffOf(attempt: number): number {
    try {
      return backoffOf(this.#options.settings, attempt);
    } catch (error) {
      this.#options.report(error);
      return FALLBACK_BACKOFF_MS;
    }
  }

  /** A claim that failed may stand in the store all the same: such entries are in nobody's hand. */
  async #giveBack(): Promise<void> {
    const { store, settings, environment, emit } = this.#options;
    const { records, damaged } = await store.heldBy(this.#owners.self.id);
    for (const { id, reason } of damaged) emit({ type: 'quarantined', id, reason });
    for (const record of records) {
      if (this.#inHand.has(record.id)) continue;
      const next = recovered(record, settings.onUnknown, environment.now());
      if (await store.update(next, record.version)) emit(eventOf(next));
    }
    this.#mayHoldMore = false;
  }

  async #keepHouse(): Promise<void> {
    const { store, settings, environment } = this.#options;
    await this.#takeOver();
    const nowMs = environment.monotonicNow();
    if (this.#lastSweepMs !== undefined && nowMs - this.#lastSweepMs < RETENTION_SWEEP_MS) return;
    this.#lastSweepMs = nowMs;
    await purge(store, { beforeMs: environment.now() - settings.retentionMs, states: FINISHED });
  }

  async #takeOver(): Promise<void> {
    const { store, settings, environment, emit } = this.#options;
    await takeOver(this.#owners, { store, onUnknown: settings.onUnknown, now: () => environment.now(), emit });
  }

  /** Apart from the loop: a store that is slow to answer one call is no sign of death. */
  #keepBeating(): void {
    const { environment, report } = this.#options;
    this.#beatTimer = environment.after(
      this.#owners.beatMs,
      () => {
        this.#beating = this.#owners.beat().catch(report);
        this.#keepBeating();
      },
      false,
    );
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
