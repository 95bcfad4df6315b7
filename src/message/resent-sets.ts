/**
 * The sets of Resent-* fields of a message. One rule: a set holds each once-only name once (RFC 5322 section 3.6.6), so a
 * repeated name begins the next set; the newest set is the topmost.
 */
import type { HeaderSpan } from './header-block.js';

/** Any of these makes the message a resent one. A date or an identifier alone says nothing about who gets it. */
const ENVELOPE_KEYS: ReadonlySet<string> = new Set([
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-bcc',
]);
const ONCE_ONLY_KEYS: ReadonlySet<string> = new Set([...ENVELOPE_KEYS, 'resent-date', 'resent-message-id']);

/** All sets, the topmost first; none when the message was not resent. */
export function resentSets(spans: readonly HeaderSpan[]): readonly (readonly HeaderSpan[])[] {
  const fields = spans.filter(isResent);
  if (!fields.some(({ key }) => ENVELOPE_KEYS.has(key))) return [];
  const sets: HeaderSpan[][] = [];
  let seen = new Set<string>();
  for (const field of fields) {
    const set = sets.at(-1);
    if (set === undefined || seen.has(field.key)) {
      sets.push([field]);
      seen = new Set();
    } else {
      set.push(field);
    }
    if (ONCE_ONLY_KEYS.has(field.key)) seen.add(field.key);
  }
  return sets;
}

/**
 * The newest of several sets: the run of Resent-* fields at the top, up to another field or a repeated name. Undefined when a
 * field behind that run, in front of the next repeated name, could belong to it as well as to the set that follows.
 */
export function newestResentSet(spans: readonly HeaderSpan[]): readonly HeaderSpan[] | undefined {
  const run: HeaderSpan[] = [];
  const seen = new Set<string>();
  let isRunning = true;
  for (const span of spans) {
    if (!isResent(span)) {
      isRunning = run.length === 0;
      continue;
    }
    if (seen.has(span.key)) return run;
    if (!isRunning) return undefined;
    run.push(span);
    if (ONCE_ONLY_KEYS.has(span.key)) seen.add(span.key);
  }
  return run;
}

function isResent({ key }: HeaderSpan): boolean {
  return key.startsWith('resent-');
}
