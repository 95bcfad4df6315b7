/** The parts of the page that only show: states, what comes next, what was said last, domains. */
import { element, svg, type Child } from '../../web/page/dom.js';
import { counted } from '../../web/page/format.js';
import type { DomainJson, LastReplyJson, NextJson, OverviewJson, StateJson } from '../api-types.js';
import { number, people, rate, STATE_MEANINGS, toneOf, WINDOW_WORDS } from '../words.js';
import { moment } from './times.js';

const GROUPS: readonly (readonly [name: string, states: readonly StateJson[]])[] = [
  ['In the queue', ['queued', 'sending', 'deferred']],
  ['For you to decide', ['unknown', 'quarantined']],
  ['Over', ['sent', 'partial', 'failed', 'cancelled']],
];

/** `chosen`: the state whose messages are shown. */
export function stateTiles(
  { counts }: OverviewJson,
  chosen: StateJson | undefined,
  choose: (state: StateJson) => void,
): HTMLElement[] {
  return GROUPS.map(([name, states]) =>
    element(
      'div',
      { class: 'state-group' },
      element('h2', {}, name),
      element(
        'div',
        { class: 'tiles' },
        ...states.map((state) => {
          const count = counts[state];
          const tone = count === 0 ? 'none' : toneOf(state);
          const tile = element(
            'button',
            {
              type: 'button',
              class: `tile ${tone}`,
              'aria-pressed': String(state === chosen),
              title: `${state}: ${STATE_MEANINGS[state]}`,
              'data-key': `state-${state}`,
            },
            element('span', { class: 'tile-count' }, number(count)),
            element('span', { class: 'tile-name' }, state),
          );
          tile.addEventListener('click', () => {
            choose(state);
          });
          return tile;
        }),
      ),
    ),
  );
}

export function nextList(next: readonly NextJson[], open: (id: string) => void): HTMLElement {
  if (next.length === 0) return nothing('Nothing waits for an attempt.');
  return element(
    'ol',
    { class: 'lines' },
    ...next.map(({ id, atMs, attempt, to, subject, said }) =>
      line(id, open, [
        element('span', { class: 'line-when' }, moment(atMs, 'until')),
        element('span', { class: 'line-who', title: to.join('\n') }, people(to)),
        element('span', { class: 'line-side' }, attempt === 1 ? 'first attempt' : `attempt ${number(attempt)}`),
        element(
          'span',
          { class: 'line-more', ...(said === undefined ? {} : { title: said }) },
          said ?? (subject === undefined || subject === '' ? '(no subject)' : subject),
        ),
      ]),
    ),
  );
}

export function replyList(replies: readonly LastReplyJson[], open: (id: string) => void): HTMLElement {
  if (replies.length === 0) return nothing('No attempt has ended yet.');
  return element(
    'ol',
    { class: 'lines' },
    ...replies.map(({ id, atMs, state, address, code, text }) =>
      line(id, open, [
        element('span', { class: 'line-when' }, moment(atMs, 'ago')),
        element('span', { class: 'line-who', title: address }, address),
        element('span', { class: `tag ${toneOf(state)}` }, state),
        element('span', { class: `line-more reply ${replyTone(code)}`, title: text }, text),
      ]),
    ),
  );
}

function replyTone(code: number | undefined): string {
  if (code === undefined) return 'warn';
  return code < 400 ? 'good' : code < 500 ? 'warn' : 'bad';
}

function line(id: string, open: (id: string) => void, parts: readonly Child[]): HTMLElement {
  const made = element('button', { type: 'button', class: 'line-button', 'data-key': `line-${id}` }, ...parts);
  made.addEventListener('click', () => {
    open(id);
  });
  return element('li', {}, made);
}

export function domainTable({ domains, otherDomains, window }: OverviewJson): HTMLElement {
  if (domains.length === 0) return nothing(`Nobody was written to in the last ${WINDOW_WORDS[window.name]}.`);
  const heads = ['Domain', '', 'Per hour', 'Accepted', 'Refused', 'Waiting'];
  const rows = domains.map((domain) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row', title: domain.domain }, domain.domain),
      element('td', { class: 'spark-cell' }, domain.accepted > 0 && spark(domain, WINDOW_WORDS[window.name])),
      cell('Per hour', rate(domain.perHour), 'rate'),
      cell('Accepted', number(domain.accepted)),
      cell('Refused', number(domain.refused), domain.refused > 0 ? 'bad' : ''),
      cell('Waiting', number(domain.waiting), domain.waiting > 0 ? 'waiting' : ''),
    ),
  );
  const others = `and ${counted(otherDomains, 'other domain')}`;
  return element(
    'div',
    {},
    element(
      'table',
      { class: 'domain-table' },
      element('caption', { class: 'hidden-label' }, `Recipients by domain in the last ${WINDOW_WORDS[window.name]}`),
      element('thead', {}, element('tr', {}, ...heads.map((head) => headCell(head)))),
      element('tbody', {}, ...rows),
    ),
    otherDomains > 0 && element('p', { class: 'hint' }, others),
  );
}

function headCell(head: string): HTMLElement {
  return head === ''
    ? element('td', {})
    : element('th', { scope: 'col', class: head === 'Domain' ? '' : 'number' }, head);
}

function cell(head: string, text: string, kind = ''): HTMLElement {
  return element('td', { class: `number ${kind} ${text === '0' ? 'zero' : ''}`.trim(), 'data-head': head }, text);
}

const SPARK = { width: 240, height: 26 } as const;

/** Accepted recipients in equal parts of the window; as high as the domain's own most. */
function spark({ domain, parts, accepted }: DomainJson, window: string): SVGElement {
  const most = Math.max(1, ...parts);
  const step = SPARK.width / parts.length;
  return svg(
    'svg',
    {
      class: 'spark',
      viewBox: `0 0 ${String(SPARK.width)} ${String(SPARK.height)}`,
      preserveAspectRatio: 'none',
      height: String(SPARK.height),
      role: 'img',
      'aria-label': `${domain}: ${number(accepted)} accepted in the last ${window}`,
    },
    svg('line', { class: 'grid base', x1: '0', x2: String(SPARK.width), y1: '25.5', y2: '25.5' }),
    ...parts.flatMap((count, index) =>
      count === 0
        ? []
        : [
            svg('rect', {
              class: 'flow sent',
              x: (index * step + 0.8).toFixed(2),
              y: (SPARK.height - 1 - Math.max(2, (count / most) * (SPARK.height - 2))).toFixed(2),
              width: (step - 1.6).toFixed(2),
              height: Math.max(2, (count / most) * (SPARK.height - 2)).toFixed(2),
            }),
          ],
    ),
  );
}

export function nothing(text: string): HTMLElement {
  return element('p', { class: 'hint' }, text);
}
