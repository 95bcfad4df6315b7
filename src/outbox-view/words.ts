/** Times and states as people read them, on the terminal and on the page alike. Pure. */
import type { EntryJson, ReplyJson, StateJson, WindowName } from './api-types.js';

/** In the order in which they are shown: what moves, what needs somebody, what is over. */
export const STATES: readonly StateJson[] = [
  'queued',
  'sending',
  'deferred',
  'unknown',
  'quarantined',
  'sent',
  'partial',
  'failed',
  'cancelled',
];

export const STATE_MEANINGS: Readonly<Record<StateJson, string>> = {
  queued: 'waits for its first attempt',
  sending: 'a process has it in hand',
  deferred: 'waits for another attempt',
  unknown: 'may have arrived or not; somebody has to decide',
  quarantined: 'cannot be read',
  sent: 'everybody was accepted',
  partial: 'some were accepted, the rest is over',
  failed: 'nobody was accepted, and it is over',
  cancelled: 'was given up',
};

export const WINDOW_WORDS: Readonly<Record<WindowName, string>> = {
  '1h': 'hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `45 s`, `12 min`, `3 h`, `2 days`: the largest unit that is there at least twice, or once exactly. */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 100 * SECOND) return `${String(Math.round(whole / SECOND))} s`;
  if (whole < 100 * MINUTE) return `${String(Math.round(whole / MINUTE))} min`;
  if (whole < 48 * HOUR) return `${String(Math.round(whole / HOUR))} h`;
  return `${String(Math.round(whole / DAY))} days`;
}

/** `in 4 min`, `due for 12 s`, `now`. */
export function until(atMs: number, nowMs: number): string {
  const ms = atMs - nowMs;
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `in ${span(ms)}` : `due for ${span(-ms)}`;
}

/** `12 s ago`, `now`. */
export function ago(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  return ms < SECOND ? 'now' : `${span(ms)} ago`;
}

/** `1,234`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `0`, `0.4`, `12`, `1,200`, per hour. */
export function rate(perHour: number): string {
  if (perHour === 0) return '0';
  return perHour < 10 ? perHour.toFixed(1) : number(Math.round(perHour));
}

/** `bob@example.org`, `bob@example.org and 2 more`. */
export function people(addresses: readonly string[]): string {
  const [first = 'nobody', ...others] = addresses;
  return others.length === 0 ? first : `${first} and ${number(others.length)} more`;
}

/** `550 5.1.1 no such user`, in one line. */
export function replyWords({ code, text }: ReplyJson): string {
  return `${String(code)} ${inOneLine(text)}`.trimEnd();
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

export interface LastWords {
  readonly address: string;
  readonly code?: number;
  readonly text: string;
}

/** What the last attempt came to: of those who did not get it, else of the last who did; undefined before the first attempt. */
export function lastWords({ state, recipients, envelope, failure: lastFailure }: EntryJson): LastWords | undefined {
  // What went wrong once does not matter to what went well since.
  const failure = state === 'sent' ? undefined : lastFailure;
  const open = recipients.find(({ status }) => status !== 'accepted') ?? recipients[0];
  const address = open?.address ?? envelope.to[0] ?? '';
  if (failure?.reply !== undefined) return { address, code: failure.reply.code, text: replyWords(failure.reply) };
  // A refusal is better said by the one who was refused; anything else happened before anybody was asked.
  if (failure !== undefined && failure.delivery !== 'refused') return { address, text: inOneLine(failure.message) };
  const answered = recipients.filter(({ reply }) => reply !== undefined);
  const one = answered.find(({ status }) => status !== 'accepted') ?? answered.at(-1);
  if (one?.reply !== undefined) return { address: one.address, code: one.reply.code, text: replyWords(one.reply) };
  return failure === undefined ? undefined : { address, text: inOneLine(failure.message) };
}

/** Good, for a while, for good, or not known: how a reply, or a state, is to be taken. */
export type Tone = 'good' | 'warn' | 'bad' | 'note' | 'plain';

export function toneOf(state: StateJson): Tone {
  switch (state) {
    case 'sent':
      return 'good';
    case 'deferred':
    case 'partial':
      return 'warn';
    case 'failed':
    case 'quarantined':
      return 'bad';
    case 'unknown':
      return 'note';
    case 'queued':
    case 'sending':
    case 'cancelled':
      return 'plain';
  }
}

/** What may be asked of an entry: to be tried at once, for those whom it has not reached. */
export function mayRetry(state: StateJson): boolean {
  return state !== 'sending' && state !== 'sent' && state !== 'quarantined';
}

/** Whether a retry may bring it to somebody twice. */
export function isRetryRisky({ recipients }: EntryJson): boolean {
  return recipients.some(({ status }) => status === 'unknown');
}

export function mayCancel(state: StateJson): boolean {
  return state === 'deferred' || state === 'queued' || state === 'unknown';
}
