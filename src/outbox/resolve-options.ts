/** Options as callers give them become options without holes. One rule: what is not understood is refused by name. */
import { MessageError } from '../index.js';
import { OUTBOX_STATES } from './counts.js';
import type { OutboxState } from './entry.js';
import type { OutboxEnvironment } from './environment.js';
import type { EnqueueOptions, OutboxMailer, OutboxOptions, PurgeOptions } from './options.js';

export interface ResolvedOutboxOptions {
  readonly mailer: OutboxMailer | undefined;
  readonly onUnknown: 'hold' | 'retry';
  readonly retentionMs: number;
  readonly expiresAfterMs: number;
  readonly backoffMs: (attempt: number) => number;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly maxMessageBytes: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MIB = 1_048_576;
const MAX_KEY_OCTETS = 500;
const MAX_PRIORITY = 100;

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveOutboxOptions(given: OutboxOptions, environment: OutboxEnvironment): ResolvedOutboxOptions {
  const { mailer, onUnknown = 'hold', backoffMs = defaultBackoff(() => environment.random()) } = given;
  // A caller without types may write anything.
  const wanted: string = onUnknown;
  if (wanted !== 'hold' && wanted !== 'retry') {
    throw invalid(
      `onUnknown is ${JSON.stringify(onUnknown)}`,
      "It is 'hold' (at most once) or 'retry' (at least once).",
    );
  }
  if (mailer !== undefined && typeof (mailer as { send?: unknown } | null)?.send !== 'function') {
    throw invalid('mailer has no send()', 'Give a Mailer.');
  }
  if (wanted === 'hold' && mailer?.retry?.onUnknown === 'retry') {
    throw invalid(
      "onUnknown is 'hold', and the mailer itself tries again what may have been delivered",
      "Leave retry.onUnknown out of the Mailer's options, or say onUnknown: 'retry' here too.",
    );
  }
  if (typeof backoffMs !== 'function') throw invalid('backoffMs must be a function', 'It gets 1, 2, ...');
  return {
    mailer,
    onUnknown,
    backoffMs,
    retentionMs: durationOf('retentionMs', given.retentionMs ?? 7 * DAY, 0),
    expiresAfterMs: durationOf('expiresAfterMs', given.expiresAfterMs ?? 5 * DAY, 1),
    leaseMs: durationOf('leaseMs', given.leaseMs ?? 30 * SECOND, 3),
    pollMs: durationOf('pollMs', given.pollMs ?? SECOND, 1),
    maxMessageBytes: durationOf('maxMessageBytes', given.maxMessageBytes ?? 50 * MIB, 1),
  };
}

/** What the caller's function said, if it is a time. */
export function backoffOf({ backoffMs }: ResolvedOutboxOptions, attempt: number): number {
  return durationOf('what backoffMs gave', backoffMs(attempt), 0);
}

/** A minute, doubled to 4 hours, with a fifth of it either way: those that failed together do not come back together. */
function defaultBackoff(random: () => number): (attempt: number) => number {
  return (attempt) => Math.round(Math.min(MINUTE * 2 ** (attempt - 1), 4 * HOUR) * (0.8 + 0.4 * random()));
}

export interface Schedule {
  readonly key: string | undefined;
  readonly priority: number;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolveSchedule(
  given: EnqueueOptions,
  { expiresAfterMs }: ResolvedOutboxOptions,
  nowMs: number,
): Schedule {
  const { key, priority = 0, rcptOptions } = given;
  if (key !== undefined) checkKey(key);
  if (!Number.isInteger(priority) || Math.abs(priority) > MAX_PRIORITY) {
    throw invalid(`priority must be a whole number from -100 to 100, not ${String(priority)}`, 'Higher goes first.');
  }
  if (typeof rcptOptions === 'function') {
    throw invalid('rcptOptions is a function, which cannot be stored', 'Give the parameters themselves.');
  }
  const notBeforeMs = Math.max(nowMs, momentOf('notBefore', given.notBefore) ?? nowMs);
  const expiresAtMs = momentOf('expires', given.expires) ?? notBeforeMs + expiresAfterMs;
  if (expiresAtMs < notBeforeMs) {
    throw invalid('the message expires before its first attempt', 'Let expires be later than now, and than notBefore.');
  }
  return { key, priority, notBeforeMs, expiresAtMs };
}

export interface ResolvedPurge {
  readonly olderThanMs: number;
  readonly states: readonly OutboxState[];
}

export const FINISHED: readonly OutboxState[] = ['sent', 'partial', 'failed', 'cancelled'];
const PURGEABLE: readonly OutboxState[] = [...FINISHED, 'unknown', 'quarantined'];

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function resolvePurge({ olderThanMs = 0, states = FINISHED }: PurgeOptions): ResolvedPurge {
  durationOf('olderThanMs', olderThanMs, 0);
  for (const state of states) {
    if (PURGEABLE.includes(state)) continue;
    throw invalid(
      `entries that are ${state} cannot be purged`,
      `Purge ${PURGEABLE.join(', ')}; cancel the others first.`,
    );
  }
  return { olderThanMs, states };
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw invalid(`${name} must be a whole number above 0, not ${String(value)}`, 'Leave it out for the default.');
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function checkState(state: OutboxState): void {
  if ((OUTBOX_STATES as readonly string[]).includes(state)) return;
  throw invalid(`state is ${JSON.stringify(state)}`, `It is one of ${OUTBOX_STATES.join(', ')}.`);
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string' || key === '')
    throw invalid('key must be a string that is not empty', 'Leave it out for none.');
  if (Buffer.byteLength(key) > MAX_KEY_OCTETS) {
    throw invalid(
      `key has ${String(Buffer.byteLength(key))} octets, and may have ${String(MAX_KEY_OCTETS)}`,
      'Give a hash of it.',
    );
  }
}

function momentOf(name: string, value: Date | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  // Not `instanceof`: the date may come from another realm.
  const given: unknown = value;
  const isDate = Object.prototype.toString.call(given) === '[object Date]';
  const atMs = isDate ? (given as Date).getTime() : given;
  if (typeof atMs === 'number' && Number.isFinite(atMs)) return atMs;
  throw invalid(`${name} is no moment`, 'Give a Date, or milliseconds since the Unix epoch.');
}

/** Throws MessageError, code `ERR_INVALID_OPTION`. */
export function durationOf(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
  throw invalid(
    `${name} must be a number of at least ${String(least)}, not ${String(value)}`,
    'Leave it out for the default.',
  );
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
