/** What an overview, the REST interface of the page and `posthaste outbox --json` say. Types only: server, terminal and page share them. */

export type StateJson =
  'queued' | 'sending' | 'deferred' | 'sent' | 'partial' | 'failed' | 'unknown' | 'cancelled' | 'quarantined';

export type WindowName = '1h' | '6h' | '24h' | '7d';

export interface ReplyJson {
  readonly code: number;
  readonly enhancedCode?: string | undefined;
  readonly text: string;
}

export interface RecipientJson {
  readonly address: string;
  readonly status: 'pending' | 'accepted' | 'refused' | 'unknown';
  readonly reply?: ReplyJson;
}

export interface FailureJson {
  readonly code: string;
  readonly message: string;
  readonly delivery: string;
  readonly stage?: string;
  readonly reply?: ReplyJson;
}

/** The fields of OutboxEntry. Times are milliseconds since the Unix epoch. */
export interface EntryJson {
  readonly id: string;
  readonly key?: string;
  readonly state: StateJson;
  readonly priority: number;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId?: string;
  readonly subject?: string;
  readonly sizeBytes: number;
  readonly recipients: readonly RecipientJson[];
  readonly attempts: number;
  readonly enqueuedAtMs: number;
  readonly expiresAtMs: number;
  readonly nextAttemptAtMs?: number;
  readonly attemptedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly failure?: FailureJson;
}

/** One interval of the window. `most`: the most that were waiting or in hand at one moment of it. The rest: how many came, and left. */
export interface IntervalJson {
  readonly atMs: number;
  readonly most: number;
  readonly came: number;
  /** Accepted for somebody: `sent` and `partial`. */
  readonly sent: number;
  readonly failed: number;
  /** `unknown` and `cancelled`. */
  readonly other: number;
}

export interface WindowJson {
  readonly name: WindowName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
}

/** An attempt to come. */
export interface NextJson {
  readonly id: string;
  readonly atMs: number;
  readonly attempt: number;
  readonly to: readonly string[];
  readonly subject?: string;
  /** What the last attempt came to. */
  readonly said?: string;
}

/** What the server said last about an entry, or what went wrong when it said nothing. */
export interface LastReplyJson {
  readonly id: string;
  readonly atMs: number;
  readonly state: StateJson;
  readonly address: string;
  readonly code?: number;
  readonly text: string;
}

/** Recipients, not entries. */
export interface DomainJson {
  readonly domain: string;
  readonly waiting: number;
  readonly accepted: number;
  readonly refused: number;
  /** Accepted per hour, in as much of the window as the outbox has known. */
  readonly perHour: number;
  /** Accepted, in equal parts of the window. */
  readonly parts: readonly number[];
}

export interface OverviewJson {
  readonly store: string;
  /** When it was looked at. */
  readonly asOfMs: number;
  readonly entries: number;
  readonly counts: Readonly<Record<StateJson, number>>;
  /** How many could be tried now, and for how long the first of them could have been. */
  readonly due: { readonly count: number; readonly longestMs: number };
  readonly window: WindowJson;
  /** Entries that wait or are in hand: `queued`, `sending`, `deferred`. */
  readonly depth: {
    readonly now: number;
    readonly most: number;
    readonly mostAtMs: number;
    readonly intervals: readonly IntervalJson[];
  };
  readonly next: readonly NextJson[];
  readonly replies: readonly LastReplyJson[];
  readonly domains: readonly DomainJson[];
  /** How many domains are not in the list. */
  readonly otherDomains: number;
  /** What somebody should look at, in sentences. */
  readonly notes: readonly string[];
}

export interface EntriesJson {
  /** How many fit; `entries` may be fewer. */
  readonly total: number;
  readonly entries: readonly EntryJson[];
}

/** `event: changed` carries the first, `event: trouble` the second. */
export interface ChangedJson {
  readonly asOfMs: number;
}
export interface TroubleJson {
  readonly message: string;
  readonly hint?: string;
}
