/**
 * Queue depth over time, and what left meanwhile. The same is there in words, as a slider that reads one interval after the other, and
 * as a table.
 */
import { element, svg } from '../../web/page/dom.js';
import type { IntervalJson, OverviewJson } from '../api-types.js';
import { number, span, WINDOW_WORDS } from '../words.js';
import { countMarks, timeMarks } from './scale.js';
import { clockTime, weekday } from './times.js';

const LEFT = 44;
const RIGHT = 10;
const TOP = 8;
const DEPTH_HEIGHT = 150;
const GAP = 18;
const FLOW_HEIGHT = 44;
const AXIS = 24;
const HEIGHT = TOP + DEPTH_HEIGHT + GAP + FLOW_HEIGHT + AXIS;
const DAY_MS = 86_400_000;
const LEAVINGS = ['sent', 'failed', 'other'] as const;

type Depth = Pick<OverviewJson, 'depth' | 'window' | 'asOfMs'>;

export class DepthChart {
  readonly figure: HTMLElement;
  readonly #stage = element('div', { class: 'stage' });
  readonly #slider = element('div', { class: 'slider', role: 'slider', tabindex: '0', 'aria-label': 'One interval' });
  readonly #reading = element('p', { class: 'reading', 'aria-hidden': 'true' });
  readonly #per = element('span', { class: 'per' });
  readonly #table = element('details', { class: 'as-table' }, element('summary', {}, 'As a table'));
  #data: Depth | undefined;
  /** The interval that is read; undefined: the whole. */
  #at: number | undefined;
  #width = 0;

  constructor() {
    this.figure = element('figure', { class: 'chart' }, this.#reading, this.#stage, legend(this.#per), this.#table);
    new ResizeObserver(() => {
      if (this.#stage.clientWidth !== this.#width) this.#draw();
    }).observe(this.#stage);
    this.#slider.addEventListener('pointermove', (event) => {
      this.#read(this.#indexAt(event.offsetX));
    });
    this.#slider.addEventListener('pointerleave', () => {
      this.#read(undefined);
    });
    this.#slider.addEventListener('blur', () => {
      this.#read(undefined);
    });
    this.#slider.addEventListener('keydown', (event) => {
      this.#key(event);
    });
    this.#table.addEventListener('toggle', () => {
      this.#fillTable();
    });
  }

  show(data: Depth): void {
    const isSameWindow =
      data.window.fromMs === this.#data?.window.fromMs && data.window.name === this.#data.window.name;
    if (isSameWindow && JSON.stringify(data.depth) === JSON.stringify(this.#data?.depth)) return;
    if (!isSameWindow) this.#at = undefined;
    this.#data = data;
    this.#per.textContent = `per ${span(data.window.intervalMs)}:`;
    this.#draw();
    this.#fillTable();
  }

  #draw(): void {
    if (this.#data === undefined) return;
    this.#width = this.#stage.clientWidth;
    if (this.#width === 0) return;
    this.#stage.replaceChildren(drawn(this.#data, Math.max(240, this.#width)), this.#slider);
    this.#read(this.#at);
  }

  /** Moves the mark and the words; `undefined` says the whole. */
  #read(index: number | undefined): void {
    const intervals = this.#data?.depth.intervals ?? [];
    const interval = index === undefined ? undefined : intervals[index];
    this.#at = interval === undefined ? undefined : index;
    this.#reading.textContent = interval === undefined ? this.#sum() : this.#words(interval);
    const last = intervals.length - 1;
    const now = index ?? last;
    this.#slider.setAttribute('aria-valuemin', '0');
    this.#slider.setAttribute('aria-valuemax', String(Math.max(0, last)));
    this.#slider.setAttribute('aria-valuenow', String(Math.max(0, now)));
    const spoken = interval ?? intervals[last];
    this.#slider.setAttribute('aria-valuetext', spoken === undefined ? '' : this.#words(spoken));
    const mark = this.#stage.querySelector('.mark');
    if (mark === null || this.#data === undefined) return;
    mark.toggleAttribute('hidden', interval === undefined);
    if (interval === undefined) return;
    const step = (this.#width - LEFT - RIGHT) / Math.max(1, intervals.length);
    mark.setAttribute('x', (LEFT + (index ?? 0) * step).toFixed(2));
    mark.setAttribute('width', Math.max(1, step).toFixed(2));
  }

  #words({ atMs, most, came, sent, failed, other }: IntervalJson): string {
    const { window, asOfMs } = this.#data ?? { window: undefined, asOfMs: 0 };
    const endMs = Math.min(atMs + (window?.intervalMs ?? 0), Math.max(asOfMs, atMs));
    const flow = flowWords({ came, sent, failed, other });
    return `${clockTime(atMs)} to ${clockTime(endMs)}: at most ${number(most)} at once${flow === '' ? '' : `; ${flow}`}`;
  }

  #sum(): string {
    if (this.#data === undefined) return '';
    const { depth, window } = this.#data;
    const flow = flowWords(sumOf(depth.intervals));
    return `In the last ${WINDOW_WORDS[window.name]}: ${flow === '' ? 'nothing came and nothing left' : flow}`;
  }

  #indexAt(x: number): number | undefined {
    const count = this.#data?.depth.intervals.length ?? 0;
    const index = Math.floor((x / Math.max(1, this.#slider.clientWidth)) * count);
    return index >= 0 && index < count ? index : undefined;
  }

  #key(event: KeyboardEvent): void {
    const last = (this.#data?.depth.intervals.length ?? 0) - 1;
    const at = this.#at ?? last;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: this.#at === undefined ? last : at + 1,
      ArrowUp: at + 1,
      PageDown: at - 10,
      PageUp: at + 10,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#read(Math.min(last, Math.max(0, to)));
  }

  /** Only while it is open: it is long. */
  #fillTable(): void {
    this.#table.querySelector('.table-scroll')?.remove();
    if (!this.#table.open || this.#data === undefined) return;
    const rows = [...this.#data.depth.intervals]
      .reverse()
      .map(({ atMs, most, came, sent, failed, other }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, clockTime(atMs)),
          ...[most, came, sent, failed, other].map((value) => element('td', {}, number(value))),
        ),
      );
    const names = ['From', 'At most', 'Came', 'Sent', 'Failed', 'Other'];
    const head = element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name)));
    const table = element(
      'table',
      {},
      element('caption', { class: 'hidden-label' }, 'Queue depth, and what came and left, by interval'),
      element('thead', {}, head),
      element('tbody', {}, ...rows),
    );
    this.#table.append(
      element(
        'div',
        { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Queue depth as a table' },
        table,
      ),
    );
  }
}

type Flow = Pick<IntervalJson, 'came' | 'sent' | 'failed' | 'other'>;

function sumOf(intervals: readonly IntervalJson[]): Flow {
  const sum = { came: 0, sent: 0, failed: 0, other: 0 };
  for (const interval of intervals) for (const name of Object.keys(sum) as (keyof Flow)[]) sum[name] += interval[name];
  return sum;
}

function flowWords({ came, sent, failed, other }: Flow): string {
  const parts = [
    [came, 'came'],
    [sent, 'sent'],
    [failed, 'failed'],
    [other, 'cancelled or unknown'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${number(count)} ${word}`)
    .join(', ');
}

/** `per`: how long the intervals are, in front of what is counted in each. */
function legend(per: HTMLElement): HTMLElement {
  const key = (name: string, label: string): HTMLElement =>
    element('span', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), label);
  return element(
    'p',
    { class: 'legend' },
    key('depth', 'waiting or in hand, the most at once'),
    element(
      'span',
      { class: 'flows' },
      per,
      key('sent', 'sent'),
      key('failed', 'failed'),
      key('other', 'cancelled or unknown'),
    ),
  );
}

function drawn({ depth, window }: Depth, width: number): SVGSVGElement {
  const { intervals } = depth;
  const step = (width - LEFT - RIGHT) / Math.max(1, intervals.length);
  const x = (index: number): number => LEFT + index * step;
  const flowBottom = TOP + DEPTH_HEIGHT + GAP + FLOW_HEIGHT;
  const depthMarks = countMarks(depth.most, 4);
  const depthTop = depthMarks.at(-1) ?? 1;
  const y = (value: number): number => TOP + DEPTH_HEIGHT * (1 - value / depthTop);
  const flowMost = Math.max(1, ...intervals.map(({ sent, failed, other }) => sent + failed + other));
  const words =
    `Queue depth over the last ${WINDOW_WORDS[window.name]}: ${number(depth.now)} now, ` +
    `at most ${number(depth.most)}${depth.most > 0 ? ` at ${clockTime(depth.mostAtMs)}` : ''}`;
  const path = intervals.map(({ most }, index) => `H${x(index).toFixed(1)}V${y(most).toFixed(1)}`).join('');
  const line = `M${x(0).toFixed(1)} ${y(intervals[0]?.most ?? 0).toFixed(1)}${path}H${x(intervals.length).toFixed(1)}`;
  const base = y(0).toFixed(1);
  return svg(
    'svg',
    {
      viewBox: `0 0 ${String(width)} ${String(HEIGHT)}`,
      width: String(width),
      height: String(HEIGHT),
      role: 'img',
      'aria-label': words,
    },
    ...depthMarks.map((mark) => gridLine(y(mark), width, number(mark), mark === 0)),
    svg('rect', { class: 'mark', y: String(TOP), width: '1', height: String(flowBottom - TOP), hidden: true }),
    svg('path', { class: 'depth-area', d: `${line}V${base}H${x(0).toFixed(1)}Z` }),
    svg('path', { class: 'depth-line', d: line }),
    gridLine(flowBottom, width, '', true),
    svg('text', { class: 'axis-name', x: String(LEFT - 8), y: String(flowBottom - FLOW_HEIGHT + 9) }, number(flowMost)),
    ...intervals.flatMap((interval, index) => bars(interval, x(index), step, flowBottom, flowMost)),
    ...timeAxis(window, width),
  );
}

function gridLine(at: number, width: number, name: string, isBase: boolean): SVGElement {
  return svg(
    'g',
    {},
    svg('line', {
      class: isBase ? 'grid base' : 'grid',
      x1: String(LEFT),
      x2: String(width - RIGHT),
      y1: at.toFixed(1),
      y2: at.toFixed(1),
    }),
    svg('text', { class: 'axis-name', x: String(LEFT - 8), y: (at + 4).toFixed(1) }, name),
  );
}

/** What left in one interval, stacked. */
function bars(interval: IntervalJson, x: number, step: number, bottom: number, most: number): SVGElement[] {
  let at = bottom;
  return LEAVINGS.filter((name) => interval[name] > 0).map((name) => {
    const height = Math.max(1.5, (interval[name] / most) * FLOW_HEIGHT);
    at -= height;
    return svg('rect', {
      class: `flow ${name}`,
      x: (x + step * 0.14).toFixed(2),
      y: at.toFixed(2),
      width: Math.max(1, step * 0.72).toFixed(2),
      height: height.toFixed(2),
    });
  });
}

function timeAxis({ fromMs, toMs, name }: OverviewJson['window'], width: number): SVGElement[] {
  const plot = width - LEFT - RIGHT;
  const offsetMs = -new Date(fromMs).getTimezoneOffset() * 60_000;
  return timeMarks(fromMs, toMs, Math.floor(plot / 64), offsetMs).map((ms) => {
    const at = LEFT + ((ms - fromMs) / (toMs - fromMs)) * plot;
    const isMidnight = (ms + offsetMs) % DAY_MS === 0;
    const text = name === '7d' || isMidnight ? weekday(ms) : clockTime(ms, new Date(ms));
    const anchor = at < LEFT + 20 ? 'start' : at > width - RIGHT - 20 ? 'end' : 'middle';
    return svg('text', { class: 'time-name', x: at.toFixed(1), y: String(HEIGHT - 6), 'text-anchor': anchor }, text);
  });
}
