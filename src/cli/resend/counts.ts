/** What became of the messages of a run, in numbers, and the words for them. Every message is counted once. */
import type { ExitName } from '../exit-codes.js';
import type { Marks } from './journal-records.js';
import { MARKS } from './journal-records.js';

export interface Counts {
  /** All that were met, those that no recipient could be found for included. */
  messages: number;
  /** Everybody got it, in this run. */
  sent: number;
  /** Somebody got it, and somebody was refused. */
  partlySent: number;
  /** Nobody got it, for good. */
  refused: number;
  /** Somebody may get it from another run: a 4xx, no connection, the end of this run. */
  putOff: number;
  unknown: number;
  /** Decided in an earlier run. */
  skipped: number;
  /** Files and messages that could not be read or are wrong. */
  bad: number;
  sizeBytes: number;
}

export type Kind = Exclude<keyof Counts, 'messages' | 'sizeBytes'>;

export function newCounts(): Counts {
  return { messages: 0, sent: 0, partlySent: 0, refused: 0, putOff: 0, unknown: 0, skipped: 0, bad: 0, sizeBytes: 0 };
}

/** How a message with these marks is counted. */
export function kindOf(marks: Marks): Kind {
  if (marks.includes(MARKS.unknown)) return 'unknown';
  if (marks.includes(MARKS.later) || marks.includes(MARKS.untried)) return 'putOff';
  if (!marks.includes(MARKS.refused)) return 'sent';
  return marks.includes(MARKS.accepted) ? 'partlySent' : 'refused';
}

/** What a message with these marks alone would end the run with. */
export function exitOfMarks(marks: Marks): ExitName {
  switch (kindOf(marks)) {
    case 'unknown':
      return 'may-be-delivered';
    case 'putOff':
      return 'try-again';
    case 'partlySent':
    case 'refused':
      return 'recipient-refused';
    case 'sent':
    case 'skipped':
    case 'bad':
      return 'ok';
  }
}

const WORDS: readonly (readonly [Kind, string])[] = [
  ['sent', 'sent'],
  ['partlySent', 'sent to some of their recipients'],
  ['refused', 'refused'],
  ['putOff', 'put off'],
  ['unknown', 'may have been delivered'],
  ['skipped', 'done before'],
  ['bad', 'could not be sent at all'],
];

/** `12 messages in 3 s: 10 sent, 2 refused; 1.2 MB`. Of a probe: `accepted`, because nothing was sent. */
export function countsText(counts: Counts, seconds: number, probe = false): string {
  const parts = WORDS.filter(([kind]) => counts[kind] > 0).map(
    ([kind, words]) =>
      `${number(counts[kind])} ${probe ? words.replace('sent to', 'accepted for').replace('sent', 'accepted') : words}`,
  );
  const what = parts.length === 0 ? 'nothing was sent' : parts.join(', ');
  const noun = counts.messages === 1 ? 'message' : 'messages';
  return `${number(counts.messages)} ${noun} in ${duration(seconds)}: ${what}; ${bytes(counts.sizeBytes)}`;
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}

export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds).toFixed(0)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${String(hours)}:${two(minutes)}:${two(whole % 60)} h`
    : `${String(minutes)}:${two(whole % 60)} min`;
}
