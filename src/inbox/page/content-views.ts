/** What the message says: its HTML in a frame that can do nothing, its text, its fields, its source. */
import type { MessageJson } from '../api-types.js';
import { fetchSource, pathOf } from './connection.js';
import { button, element } from '../../web/page/dom.js';
import { octets } from '../../web/page/format.js';

/** Of a source, so much is shown; the download has all of it. */
const SHOWN_SOURCE = 512 * 1024;

export function messageView(message: MessageJson): HTMLElement {
  return message.hasHtml ? htmlView(message) : textView(message);
}

function htmlView({ id, hasRemoteContent }: MessageJson): HTMLElement {
  const url = `${pathOf(id)}/html`;
  // No allow-scripts, no allow-same-origin: the headers of the document say the same once more.
  const frame = element('iframe', {
    class: 'frame',
    title: 'The message as HTML',
    sandbox: 'allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
    src: url,
  });
  const view = element('div', { class: 'view html-view' }, frame);
  if (!hasRemoteContent) return view;
  const label = 'Load the remote images of this message';
  const note = element(
    'p',
    { class: 'blocked' },
    element('span', {}, 'Remote content is blocked. Loading it tells the sender that you look. '),
    button(label, () => {
      frame.setAttribute('src', `${url}?images=remote`);
      note.replaceChildren('Remote images are loaded, for this message and until you leave it.');
    }),
  );
  view.prepend(note);
  return view;
}

export function textView({ text, hasText, hasHtml }: MessageJson): HTMLElement {
  if (hasText && text.trim() !== '') return element('div', { class: 'view' }, element('pre', { class: 'text' }, text));
  const why = hasHtml ? 'The message has no text part, only HTML.' : 'The message has no text.';
  return element('p', { class: 'view nothing' }, why);
}

export function headersView({ headers }: MessageJson): HTMLElement {
  if (headers.length === 0)
    return element('p', { class: 'view nothing' }, 'The message has no header fields that can be read.');
  return element(
    'div',
    { class: 'view' },
    element(
      'dl',
      { class: 'headers' },
      ...headers.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  );
}

export function sourceView(message: MessageJson, signal: AbortSignal): HTMLElement {
  const pre = element('pre', { class: 'source', tabindex: '0', 'aria-label': 'Source' }, 'Loading');
  const note = element('p', { class: 'hint' });
  const view = element('div', { class: 'view' }, note, pre);
  fetchSource(message.id, signal).then(
    (source) => {
      pre.textContent = source.slice(0, SHOWN_SOURCE);
      note.textContent =
        source.length > SHOWN_SOURCE
          ? `The first ${octets(SHOWN_SOURCE)} of ${octets(message.octets)}; download the .eml for all of it.`
          : `${message.octets.toLocaleString('en')} octets, as they arrived`;
    },
    (error: unknown) => {
      if (!signal.aborted) pre.textContent = error instanceof Error ? error.message : String(error);
    },
  );
  return view;
}
