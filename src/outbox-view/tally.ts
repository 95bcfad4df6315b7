/**
 * What is known of an outbox after each entry was looked at once. One rule: entries are not kept, only what the overviews of every
 * window need of them. Pure: the time is given.
 */
import type { EntryJson, LastReplyJson, NextJson, OverviewJson, StateJson, WindowName } from './api-types.js';
import { Best } from './best.js';
import { depthOf, type Leaving, type Stay } from './depth.js';
import { DomainTraffic } from './domains.js';
import { notesOf } from './notes.js';
import { windowAt } from './windows.js';
import { lastWords, STATES } from './words.js';

export const MOST_NEXT = 8;
export const MOST_REPLIES = 8;

const LEAVING: Readonly<Partial<Record<StateJson, Leaving>>> = {
  sent: 'sent',
  partial: 'sent',
  failed: 'failed',
  unknown: 'other',
  cancelled: 'other',
};

export class Tally {
  readonly #store: string;
  readonly #nowMs: number;
  readonly #counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<StateJson, number>;
  readonly #stays: Stay[] = [];
  readonly #domains = new DomainTraffic();
  readonly #next = new Best<{ readonly next: NextJson; readonly priority: number }>(
    MOST_NEXT,
    (a, b) => a.next.atMs - b.next.atMs || b.priority - a.priority,
  );
  readonly #replies = new Best<LastReplyJson>(MOST_REPLIES, (a, b) => b.atMs - a.atMs);
  #entries = 0;
  #due = 0;
  #firstDueAtMs = Infinity;
  #firstAtMs = Infinity;

  constructor(store: string, nowMs: number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  add(entry: EntryJson): void {
    const { state, enqueuedAtMs, attemptedAtMs } = entry;
    this.#entries += 1;
    this.#counts[state] += 1;
    // What cannot be read has no times to rely on.
    if (state === 'quarantined') return;
    this.#firstAtMs = Math.min(this.#firstAtMs, enqueuedAtMs);
    this.#stays.push({ cameAtMs: enqueuedAtMs, leftAtMs: leftAtMs(entry), leaving: LEAVING[state] });
    this.#addWaiting(entry);
    this.#addRecipients(entry);
    const said = attemptedAtMs === undefined ? undefined : lastWords(entry);
    if (attemptedAtMs !== undefined && said !== undefined) {
      this.#replies.add({ id: entry.id, atMs: attemptedAtMs, state, ...said });
    }
  }

  overview(name: WindowName): OverviewJson {
    const window = windowAt(name, this.#nowMs);
    const due = { count: this.#due, longestMs: this.#due === 0 ? 0 : this.#nowMs - this.#firstDueAtMs };
    return {
      store: this.#store,
      asOfMs: this.#nowMs,
      entries: this.#entries,
      counts: { ...this.#counts },
      due,
      window,
      depth: depthOf(this.#stays, window, this.#nowMs),
      next: this.#next.values.map(({ next }) => next),
      replies: this.#replies.values,
      ...this.#domains.in(window, this.#firstAtMs, this.#nowMs),
      notes: notesOf(this.#counts, due),
    };
  }

  #addWaiting(entry: EntryJson): void {
    const { id, state, priority, attempts, recipients, subject, enqueuedAtMs } = entry;
    if (state !== 'queued' && state !== 'deferred') return;
    const atMs = entry.nextAttemptAtMs ?? enqueuedAtMs;
    if (atMs <= this.#nowMs) {
      this.#due += 1;
      this.#firstDueAtMs = Math.min(this.#firstDueAtMs, atMs);
    }
    const to = recipients.filter(({ status }) => status !== 'accepted').map(({ address }) => address);
    const said = attempts === 0 ? undefined : lastWords(entry)?.text;
    const next: NextJson = {
      id,
      atMs,
      attempt: attempts + 1,
      to,
      ...(subject === undefined ? {} : { subject }),
      ...(said === undefined ? {} : { said }),
    };
    this.#next.add({ next, priority });
  }

  #addRecipients(entry: EntryJson): void {
    const atMs = leftAtMs(entry) ?? entry.attemptedAtMs ?? entry.enqueuedAtMs;
    const isOpen = entry.state === 'queued' || entry.state === 'sending' || entry.state === 'deferred';
    for (const { address, status } of entry.recipients) {
      if (status === 'accepted' || status === 'refused') this.#domains.add(address, status, atMs);
      else if (isOpen) this.#domains.add(address, 'waiting', atMs);
    }
  }
}

/** What is `unknown` is no longer in the queue: nothing happens to it until somebody decides. */
function leftAtMs({ state, finishedAtMs, attemptedAtMs, enqueuedAtMs }: EntryJson): number | undefined {
  if (finishedAtMs !== undefined) return finishedAtMs;
  return LEAVING[state] === undefined ? undefined : (attemptedAtMs ?? enqueuedAtMs);
}
