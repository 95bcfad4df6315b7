/** What was said, and when: the picture, and below it every line with its time. */
import type { LineJson, MessageJson } from '../api-types.js';
import { element, type Child } from '../../web/page/dom.js';
import { counted, octets } from '../../web/page/format.js';
import { milliseconds } from './format.js';
import { sessionPicture } from './picture.js';

export function sessionView({ transcript }: MessageJson): HTMLElement {
  const { opening, lines, ordinal, leftOut } = transcript;
  const earlier = ordinal - 1;
  return element(
    'div',
    { class: 'view session-view' },
    sessionPicture(transcript),
    element(
      'ol',
      { class: 'lines', 'aria-label': 'What client and server said' },
      ...opening.map(lineOf),
      earlier > 0 && element('li', { class: 'gap' }, `${counted(earlier, 'earlier message')} on the same connection`),
      ...lines.map(lineOf),
      leftOut > 0 && element('li', { class: 'gap' }, `${counted(leftOut, 'more line')} not kept`),
    ),
  );
}

function lineOf({ by, text, atMs, endMs, octets: size, packet }: LineJson): HTMLElement {
  const said: Child =
    size === undefined
      ? element('code', {}, text)
      : element('em', {}, `${octets(size)} of content, in ${milliseconds((endMs ?? atMs) - atMs)}`);
  return element(
    'li',
    { class: `line ${by}` },
    element('span', { class: 'line-time' }, milliseconds(atMs)),
    element('span', { class: 'line-by' }, by === 'client' ? 'C' : 'S'),
    element('span', { class: 'line-text' }, said),
    packet !== undefined &&
      element('span', { class: 'line-packet', title: 'the packet that brought it' }, `#${String(packet)}`),
  );
}
