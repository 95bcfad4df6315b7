/**
 * The lines of a journal, and what they say together about each message: for each recipient one mark, the last word about it. A
 * line that says anything else is damage, and damage is never passed over.
 */
import type { RecipientResult } from '../../index.js';

/** What a run was asked for: another server or other recipients are another run. */
export interface RunFacts {
  /** The URL of the server without user, password and options. */
  readonly server: string;
  /** The Resent-* fields that are put in front; null: the envelope comes from the messages. */
  readonly resent: Readonly<Record<string, readonly string[]>> | null;
}

export const JOURNAL = 'posthaste resend';

export type JournalRecord =
  | (RunFacts & { readonly type: 'run'; readonly journal: typeof JOURNAL; readonly version: 1; readonly at: string })
  /** The content is about to leave for the recipients with these indexes. */
  | {
      readonly type: 'intent';
      readonly id: string;
      readonly at: string;
      readonly file: string;
      readonly from: string;
      readonly to: readonly string[];
      readonly asked: readonly number[];
    }
  /** What became of the recipients that were tried; `of`: how many the envelope has. */
  | {
      readonly type: 'done';
      readonly id: string;
      readonly at: string;
      readonly of: number;
      readonly recipients: readonly RecordedRecipient[];
    }
  /** The file is about to leave the archive. */
  | { readonly type: 'moving'; readonly id: string; readonly at: string; readonly path: string; readonly to: string };

export interface RecordedRecipient {
  readonly index: number;
  readonly address: string;
  readonly mark: Mark;
  readonly reply?: string;
}

/** One letter per recipient, in the order of the envelope. */
export type Marks = string;

export const MARKS = {
  /** Nobody was asked, or nothing left. */
  untried: '-',
  accepted: 'a',
  /** Refused for now. */
  later: 'l',
  /** Refused for good. */
  refused: 'r',
  /** It may have been delivered. */
  unknown: 'u',
} as const;

export type Mark = (typeof MARKS)[keyof typeof MARKS];

const KNOWN_MARKS: ReadonlySet<unknown> = new Set(Object.values(MARKS));

export function markOf({ status, reply }: RecipientResult): Mark {
  switch (status) {
    case 'accepted':
      return MARKS.accepted;
    case 'unknown':
      return MARKS.unknown;
    case 'not-sent':
      return MARKS.untried;
    case 'refused':
      return reply !== undefined && reply.code < 500 ? MARKS.later : MARKS.refused;
  }
}

export function withMarks(marks: Marks, indexes: readonly number[], mark: (position: number) => Mark): Marks {
  const letters = Array.from(marks);
  indexes.forEach((index, position) => (letters[index] = mark(position)));
  return letters.join('');
}

/** No message has more recipients. */
const MOST_RECIPIENTS = 1_000_000;

/** A line as a record; undefined when it is none. */
export function readRecord(line: string): JournalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return isRecord(value as Readonly<Record<string, unknown>>) ? (value as JournalRecord) : undefined;
}

function isRecord(record: Readonly<Record<string, unknown>>): boolean {
  const { type, id } = record;
  if (type === 'run') return record['journal'] === JOURNAL && typeof record['server'] === 'string';
  if (typeof id !== 'string') return false;
  if (type === 'intent') {
    const { to, asked } = record;
    return Array.isArray(to) && Array.isArray(asked) && asked.every((index) => isIndex(index, to.length));
  }
  if (type === 'done') {
    const { of, recipients } = record;
    if (!isIndex(of, MOST_RECIPIENTS) || !Array.isArray(recipients)) return false;
    return recipients.every((recipient) => isRecorded(recipient, of));
  }
  return type === 'moving' && typeof record['path'] === 'string' && typeof record['to'] === 'string';
}

function isRecorded(value: unknown, of: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { index, mark } = value as Partial<Record<keyof RecordedRecipient, unknown>>;
  return isIndex(index, of) && KNOWN_MARKS.has(mark);
}

function isIndex(value: unknown, below: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < below;
}
