/** The picture of a session: two lanes, and in each the time in which it was that side's turn. Beside it stands the same in words. */
import type { TranscriptJson } from '../api-types.js';
import { element, svg } from '../../web/page/dom.js';
import { counted } from '../../web/page/format.js';
import { milliseconds } from './format.js';
import { linesOfTransaction, timelineOf, type Mark, type Timeline, type Turn } from './timeline.js';

const LANE = { client: 34, server: 88 } as const;
const BAR_HEIGHT = 16;
const HEIGHT = 132;
const LEFT = 58;
const RIGHT = 14;
/** Narrower bars are widened, so that what was quick does not vanish. */
const LEAST_WIDTH = 1.5;
const MAX_ARROWS = 120;

const TURNS: readonly (readonly [turn: Turn, label: string])[] = [
  ['client', 'server waited for the client'],
  ['content', 'client sent the message'],
  ['server', 'client waited for the server'],
];

export function sessionPicture(transcript: TranscriptJson): HTMLElement {
  const isFirst = transcript.ordinal <= 1;
  const own = linesOfTransaction(transcript.lines);
  const timeline = timelineOf(isFirst ? [...transcript.opening, ...own] : own, isFirst ? 0 : (own[0]?.atMs ?? 0));
  const stage = element('div', { class: 'stage' });
  const draw = (): void => {
    stage.replaceChildren(drawn(timeline, Math.max(280, Math.floor(stage.clientWidth))));
  };
  new ResizeObserver(draw).observe(stage);
  return element('figure', { class: 'picture' }, stage, caption(timeline));
}

function caption({ sums }: Timeline): HTMLElement {
  return element(
    'figcaption',
    { class: 'legend' },
    ...TURNS.map(([turn, label]) =>
      element(
        'span',
        { class: `key ${turn}` },
        element('span', { class: 'swatch', 'aria-hidden': 'true' }),
        element('strong', {}, milliseconds(sums[turn])),
        ` ${label}`,
      ),
    ),
  );
}

function drawn(timeline: Timeline, width: number): SVGSVGElement {
  const { fromMs, toMs, spans, marks, sums } = timeline;
  const scale = (width - LEFT - RIGHT) / Math.max(toMs - fromMs, 0.001);
  const x = (ms: number): number => LEFT + (ms - fromMs) * scale;
  const whole = milliseconds(toMs - fromMs);
  const words = TURNS.map(([turn, label]) => `${label} ${milliseconds(sums[turn])}`).join(', ');
  return svg(
    'svg',
    {
      viewBox: `0 0 ${String(width)} ${String(HEIGHT)}`,
      width: String(width),
      height: String(HEIGHT),
      role: 'img',
      'aria-label': `Session of ${whole}: ${words}`,
    },
    ...(['client', 'server'] as const).flatMap((side) => [
      svg('line', { class: 'lane', ...from(LEFT, LANE[side]), ...to(width - RIGHT, LANE[side]) }),
      svg('text', { class: 'lane-name', x: '0', y: String(LANE[side] + 4) }, side === 'client' ? 'Client' : 'Server'),
    ]),
    ...marks.slice(0, MAX_ARROWS).map((mark) => arrow(mark, x(mark.atMs))),
    ...spans.map(({ turn, fromMs: begin, toMs: end }) => {
      const lane = turn === 'server' ? LANE.server : LANE.client;
      return svg(
        'rect',
        {
          class: `turn ${turn}`,
          x: x(begin).toFixed(2),
          y: String(lane - BAR_HEIGHT / 2),
          width: Math.max(LEAST_WIDTH, (end - begin) * scale).toFixed(2),
          height: String(BAR_HEIGHT),
          rx: '2',
        },
        svg('title', {}, `${milliseconds(end - begin)}: ${TURNS.find(([name]) => name === turn)?.[1] ?? ''}`),
      );
    }),
    ...ticks(timeline, width, x),
  );
}

/** From the one who speaks to the other. */
function arrow({ by, atMs, texts }: Mark, at: number): SVGElement {
  const down = by === 'client';
  const edge = BAR_HEIGHT / 2 + 3;
  const begin = down ? LANE.client + edge : LANE.server - edge;
  const end = down ? LANE.server - edge : LANE.client + edge;
  const head = down ? -5 : 5;
  const name = down ? `${counted(texts.length, 'line')} in one packet` : counted(texts.length, 'reply', 'replies');
  const where = at.toFixed(2);
  return svg(
    'g',
    { class: `arrow ${by}` },
    svg('title', {}, `${milliseconds(atMs)}: ${name}\n${texts.map((text) => text.split('\n')[0] ?? '').join('\n')}`),
    svg('path', {
      d: `M${where} ${String(begin)}V${String(end)}m-3 ${String(head)}l3 ${String(-head)}l3 ${String(head)}`,
    }),
  );
}

function ticks({ fromMs, toMs }: Timeline, width: number, x: (ms: number) => number): SVGElement[] {
  const whole = toMs - fromMs;
  if (whole <= 0) return [];
  const wanted = Math.max(2, Math.floor((width - LEFT - RIGHT) / 110));
  const step = niceStep(whole / wanted);
  const made: SVGElement[] = [];
  for (let ms = 0; ms <= whole && made.length < 24; ms += step) {
    const at = x(fromMs + ms);
    made.push(
      svg('line', { class: 'tick', ...from(at, HEIGHT - 24), ...to(at, HEIGHT - 19) }),
      svg(
        'text',
        {
          class: 'tick-name',
          x: at.toFixed(1),
          y: String(HEIGHT - 6),
          'text-anchor': ms === 0 ? 'start' : at > width - 30 ? 'end' : 'middle',
        },
        ms === 0 ? '0' : tickName(ms),
      ),
    );
  }
  return made;
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

function tickName(ms: number): string {
  return ms >= 1000 ? `${String(Number((ms / 1000).toPrecision(3)))} s` : `${String(Number(ms.toPrecision(3)))} ms`;
}

function from(x: number, y: number): { x1: string; y1: string } {
  return { x1: x.toFixed(2), y1: y.toFixed(2) };
}

function to(x: number, y: number): { x2: string; y2: string } {
  return { x2: x.toFixed(2), y2: y.toFixed(2) };
}
