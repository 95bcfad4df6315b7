/** A message of the outbox as people read it: in a line, or whole. */
import { ago, lastWords, people, STATE_MEANINGS, until, type EntryJson } from '../../outbox-view/index.js';
import { oneLine } from '../one-line.js';
import { replyText } from '../report.js';
import type { OutboxEntry } from '../../outbox/index.js';

const STATE_WIDTH = 11;
const WHEN_WIDTH = 14;

/** `ID  STATE  WHEN  TO  "SUBJECT"  LAST REPLY`. */
export function entryLine(entry: EntryJson, nowMs: number): string {
  const { id, state, envelope, subject } = entry;
  const said = lastWords(entry)?.text;
  const parts = [
    id,
    state.padEnd(STATE_WIDTH),
    whenOf(entry, nowMs).padEnd(WHEN_WIDTH),
    people(envelope.to),
    JSON.stringify(subject ?? ''),
    ...(said === undefined ? [] : [said]),
  ];
  return `${oneLine(parts.join('  '))}\n`;
}

/** Everything that is known but the content. */
export function entryText(entry: OutboxEntry, nowMs: number): string {
  const { id, state, envelope, failure, recipients, attempts } = entry;
  const facts: (readonly [name: string, value: string | undefined])[] = [
    ['State', `${state}: ${STATE_MEANINGS[state]}`],
    ['Subject', entry.subject],
    ['From', envelope.from === '' ? '<>' : envelope.from],
    ['Key', entry.key],
    ['Message-ID', entry.messageId],
    ['Size', `${entry.sizeBytes.toLocaleString('en-US')} octets`],
    ['Priority', entry.priority === 0 ? undefined : String(entry.priority)],
    ['Attempts', String(attempts)],
    ['Enqueued', moment(entry.enqueuedAtMs)],
    ['Last tried', moment(entry.attemptedAtMs)],
    [
      'Next',
      entry.nextAttemptAtMs === undefined ? undefined : `${iso(entry.nextAttemptAtMs)} (${whenOf(entry, nowMs)})`,
    ],
    ['Over', moment(entry.finishedAtMs)],
    ['Until', moment(entry.expiresAtMs)],
    ['Last fault', failure === undefined ? undefined : `${failure.message} (${failure.code})`],
  ];
  const lines = [
    id,
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)}${value}`])),
    '  Recipients',
    ...recipients.map(
      ({ address, status, reply }) =>
        `    ${status.padEnd(10)}${address}${reply === undefined ? '' : `  ${replyText(reply)}`}`,
    ),
  ];
  return lines.map((line) => `${oneLine(line).trimEnd()}\n`).join('');
}

function whenOf(
  { state, nextAttemptAtMs, finishedAtMs, attemptedAtMs, enqueuedAtMs }: EntryJson,
  nowMs: number,
): string {
  if (state === 'queued' || state === 'deferred') return until(nextAttemptAtMs ?? enqueuedAtMs, nowMs);
  return state === 'sending' ? 'now' : ago(finishedAtMs ?? attemptedAtMs ?? enqueuedAtMs, nowMs);
}

function moment(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
