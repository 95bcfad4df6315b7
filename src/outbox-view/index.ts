/** An outbox to look at, on a terminal or on a page. No entry of the package: `posthaste outbox` is. */
export type {
  DomainJson,
  EntriesJson,
  EntryJson,
  IntervalJson,
  LastReplyJson,
  NextJson,
  OverviewJson,
  StateJson,
  WindowName,
} from './api-types.js';
export { OutboxPage, type OutboxPageOptions } from './outbox-page.js';
export type { OutboxSource } from './source.js';
export { Tally } from './tally.js';
export { isWindowName, WINDOW_NAMES } from './windows.js';
export { ago, lastWords, number, people, rate, span, STATE_MEANINGS, STATES, until, WINDOW_WORDS } from './words.js';
