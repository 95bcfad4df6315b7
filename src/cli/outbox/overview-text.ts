/** The overview as people read it on a terminal. Every line has passed the gate for what servers and senders have put into it. */
import {
  ago,
  number,
  people,
  rate,
  STATES,
  until,
  WINDOW_WORDS,
  type OverviewJson,
  type StateJson,
} from '../../outbox-view/index.js';
import { oneLine } from '../one-line.js';
import { sparkline } from './sparkline.js';

const GROUPS: readonly (readonly [name: string, states: readonly StateJson[]])[] = [
  ['In the queue', STATES.slice(0, 3)],
  ['To decide', STATES.slice(3, 5)],
  ['Over', STATES.slice(5)],
];
const DEPTH_WIDTH = 76;
const DOMAIN_WIDTH = 24;

export function overviewText(overview: OverviewJson): string {
  const { store, entries, asOfMs, counts, notes } = overview;
  const lines = [
    `${store}: ${number(entries)} ${entries === 1 ? 'message' : 'messages'}, ${clock(asOfMs)}`,
    '',
    ...GROUPS.map(
      ([name, states]) => `${name.padEnd(14)}${states.map((state) => `${number(counts[state])} ${state}`).join(', ')}`,
    ),
    ...notes.flatMap((note) => ['', `! ${note}`]),
  ];
  if (entries > 0)
    lines.push('', ...depthLines(overview), ...nextLines(overview), ...replyLines(overview), ...domainLines(overview));
  return lines.map((line) => `${oneLine(line).trimEnd()}\n`).join('');
}

function depthLines({ depth, window }: OverviewJson): string[] {
  const most = depth.most === depth.now ? '' : `, at most ${number(depth.most)} at ${clock(depth.mostAtMs)}`;
  const row = sparkline(
    depth.intervals.map(({ most: here }) => here),
    DEPTH_WIDTH,
  );
  const begin = `${WINDOW_WORDS[window.name]} ago`;
  return [
    `Queue depth: ${number(depth.now)} now${most}`,
    `  ${row}`,
    `  ${begin}${'now'.padStart(Math.max(4, row.length - begin.length))}`,
  ];
}

function nextLines({ next, asOfMs, due }: OverviewJson): string[] {
  if (next.length === 0) return [];
  const head = due.count === 0 ? 'Next attempts' : `Next attempts (${number(due.count)} due)`;
  return [
    '',
    head,
    ...table(
      next.map(({ id, atMs, attempt, to, subject, said }) => [
        until(atMs, asOfMs),
        id,
        short(people(to), 40),
        attempt === 1 ? 'first attempt' : `attempt ${number(attempt)}`,
        short(said ?? JSON.stringify(subject ?? ''), 90),
      ]),
    ),
  ];
}

function replyLines({ replies, asOfMs }: OverviewJson): string[] {
  if (replies.length === 0) return [];
  return [
    '',
    'Last replies',
    ...table(
      replies.map(({ id, atMs, state, address, text }) => [
        ago(atMs, asOfMs),
        id,
        short(address, 40),
        state,
        short(text, 90),
      ]),
    ),
  ];
}

function domainLines({ domains, otherDomains, window }: OverviewJson): string[] {
  if (domains.length === 0) return [];
  const rows = domains.map(({ domain, perHour, accepted, refused, waiting, parts }) => [
    short(domain, 40),
    rate(perHour),
    number(accepted),
    number(refused),
    number(waiting),
    sparkline(parts, DOMAIN_WIDTH),
  ]);
  const others = otherDomains === 0 ? [] : [`  and ${number(otherDomains)} more`];
  return [
    '',
    `Recipients by domain, in the last ${WINDOW_WORDS[window.name]}`,
    ...table([['', 'per hour', 'accepted', 'refused', 'waiting', ''], ...rows], [1, 2, 3, 4]),
    ...others,
  ];
}

/** Columns as wide as their widest cell; `right`: those of numbers. */
function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  // What is cut to its width must be as it will be shown.
  const cells = rows.map((row) => row.map(oneLine));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map(
    (row) =>
      `  ${row
        .map((cell, column) =>
          right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')}`,
  );
}

function short(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

/** `Sat 14:48`: no window is longer than a week. */
function clock(ms: number): string {
  return new Date(ms).toLocaleString('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
}
