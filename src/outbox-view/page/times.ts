/** Moments that are shown by how far away they are. One rule: they go on by themselves, so that nothing is drawn anew for the time alone. */
import { element } from '../../web/page/dom.js';
import { longTime } from '../../web/page/format.js';
import { ago, until } from '../words.js';

const FORMS = { ago, until } as const;

export function moment(atMs: number, form: keyof typeof FORMS, label = ''): HTMLTimeElement {
  const iso = new Date(atMs).toISOString();
  const made = element('time', { datetime: iso, title: longTime(iso), 'data-at': String(atMs), 'data-form': form });
  if (label !== '') made.dataset['label'] = label;
  write(made);
  return made;
}

export function refreshMoments(): void {
  for (const one of document.querySelectorAll<HTMLTimeElement>('time[data-at]')) write(one);
}

function write(one: HTMLTimeElement): void {
  const { at, form, label } = one.dataset;
  const words = (form === 'until' ? FORMS.until : FORMS.ago)(Number(at), Date.now());
  const text = label === undefined ? words : `${label} ${words}`;
  if (one.textContent !== text) one.textContent = text;
}

/** `09:30`; of another day `Mon 09:30`. */
export function clockTime(ms: number, now = new Date()): string {
  const then = new Date(ms);
  const time = then.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return then.toDateString() === now.toDateString() ? time : `${weekday(ms)} ${time}`;
}

export function weekday(ms: number): string {
  return new Date(ms).toLocaleDateString(undefined, { weekday: 'short' });
}
