/**
 * What an outbox needs of the place where its entries are kept. One rule: whatever decides something (who has an entry, which of two
 * writes wins, what a key stands for) is decided in one commit that all processes see; what an entry means is not the store's business.
 * Types only.
 */
import type { DsnOptions, EsmtpParams } from '../index.js';
import type { OutboxEntry, OutboxState } from './entry.js';

/** What goes with each attempt beside the envelope and the content. */
export interface SendParameters {
  readonly mailOptions?: EsmtpParams;
  readonly rcptOptions?: EsmtpParams;
  readonly dsn?: DsnOptions;
  readonly requireTls?: boolean;
  readonly requireAllRecipients?: boolean;
  /** The content has lines of more than 998 octets, and the caller let them pass. */
  readonly allowLongLines?: boolean;
  /** The content has Return-Path fields that the caller keeps. */
  readonly keepReturnPath?: boolean;
}

/**
 * An entry as it is stored: plain values that survive JSON. A record is never changed; `update()` puts another one in its place. `state`,
 * `priority`, `nextAttemptAtMs`, `key` and `owner` are what a store needs an index for.
 */
export interface OutboxRecord extends OutboxEntry {
  /** One more with each write: what `update()` compares. */
  readonly version: number;
  /** SHA-256 of the content, in hexadecimal digits. */
  readonly contentHash: string;
  /** SHA-256 over what the caller meant: the same key with another identity is a conflict. */
  readonly identity: string;
  readonly parameters: SendParameters;
  /** Who has it in hand; only while it is `sending`. */
  readonly owner?: string;
  /** Numbers of the recipients whose content was about to leave, written before its first octet did (`onUnknown: 'hold'`). */
  readonly departed?: readonly number[];
}

/** A process, or rather one running outbox of it. */
export interface OutboxOwner {
  readonly id: string;
  /** Goes up while it lives; compared with itself only. */
  readonly beat: number;
  /** The machine, its boot and its space of process numbers, as one text: where it is the same, `pid` can be looked up. */
  readonly host: string;
  readonly pid: number;
  /** Tells two processes of one number apart, where the system says. */
  readonly processStart?: string;
}

export interface OutboxAddition {
  readonly record: OutboxRecord;
  readonly content: Uint8Array;
}

/** The record that stands under the key now. `added: false`: it was there before, and nothing was written. */
export interface Added {
  readonly record: OutboxRecord;
  readonly added: boolean;
}

/** `damaged`: found, not readable, and set aside as `quarantined` in the same commit. */
export interface Picked {
  readonly records: readonly OutboxRecord[];
  readonly damaged: readonly { readonly id: string; readonly reason: string }[];
}

export type OutboxCounts = Readonly<Record<OutboxState, number>>;

/**
 * Where entries are kept. `MemoryStore` and `LmdbStore` are two; one of your own keeps the same contract (test/outbox/store-contract.ts).
 *
 * Writes reject with OutboxError, code `ERR_OUTBOX_FULL` when there is no room, else `ERR_OUTBOX_STORE`, and have changed nothing then.
 */
export interface OutboxStore {
  /**
   * Writes new entries in one commit, and resolves when they are durable. A key stands for one entry: when it is taken, the entry is not
   * written, but for a finished one (`finishedAtMs`) from before `finishedBeforeMs`, which is replaced. The same key twice in one call is
   * taken by the first.
   */
  add(additions: readonly OutboxAddition[], options: { readonly finishedBeforeMs: number }): Promise<readonly Added[]>;
  /** A damaged one reads as `quarantined`, with the reason as its failure. */
  get(id: string): Promise<OutboxRecord | undefined>;
  getByKey(key: string): Promise<OutboxRecord | undefined>;
  content(id: string): Promise<Uint8Array | undefined>;
  /** Ordered by id, which is the order of enqueueing; behind `after`, at most `limit`. */
  list(options: {
    readonly state?: OutboxState | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly OutboxRecord[]>;
  counts(): Promise<OutboxCounts>;
  /** The earliest `nextAttemptAtMs` of all that are `queued` or `deferred`. */
  nextDueAtMs(): Promise<number | undefined>;
  /**
   * Takes up to `limit` entries that are due (`queued` or `deferred`, `nextAttemptAtMs` not behind `nowMs`), those of higher priority
   * first, then those due longest. In one commit each becomes `sending`, its `owner` and the next `version` are set, `attempts` goes up by one
   * and `nextAttemptAtMs` goes; the owner is written if it is not known. Need not be durable.
   */
  claim(options: { readonly owner: OutboxOwner; readonly nowMs: number; readonly limit: number }): Promise<Picked>;
  /** All that an owner has in hand. */
  heldBy(ownerId: string): Promise<Picked>;
  /** Puts a record in the place of the one with `version: expectedVersion`; false when there is another one by now. Durable when it resolves. */
  update(record: OutboxRecord, expectedVersion: number): Promise<boolean>;
  /** Deletes entries with their contents and keys, but for those with another version by now. Resolves with how many it deleted. */
  remove(targets: readonly { readonly id: string; readonly version: number }[]): Promise<number>;
  owners(): Promise<readonly OutboxOwner[]>;
  /** Writes an owner down, in place of the one with the same id. */
  beat(owner: OutboxOwner): Promise<void>;
  /** False, and nothing happens, when it has entries in hand or its beat is another one by now. */
  removeOwner(owner: Pick<OutboxOwner, 'id' | 'beat'>): Promise<boolean>;
  /** Lets go of everything. What was begun is finished first. */
  close(): Promise<void>;
}
