/** The open message: its head, its views as tabs, its files. */
import type { AttachmentJson, MessageJson } from '../api-types.js';
import { RequestError } from '../../web/page/ask.js';
import { fetchMessage, pathOf } from './connection.js';
import { headersView, messageView, sourceView, textView } from './content-views.js';
import { button, element, type Child } from '../../web/page/dom.js';
import { envelopeView } from './envelope-view.js';
import { counted, longTime, octets, shownAddress } from '../../web/page/format.js';
import { hashOf, type View } from './place.js';
import { sessionView } from './session-view.js';

export interface ReaderActions {
  readonly delete: (id: number) => void;
}

const NAMES: Readonly<Record<View, string>> = {
  message: 'Message',
  text: 'Text',
  envelope: 'Envelope',
  session: 'Session',
  headers: 'Headers',
  source: 'Source',
};

export class Reader {
  readonly #pane: HTMLElement;
  readonly #actions: ReaderActions;
  #message: MessageJson | undefined;
  #view: View = 'message';
  #loading = new AbortController();

  constructor(pane: HTMLElement, actions: ReaderActions) {
    this.#pane = pane;
    this.#actions = actions;
  }

  get openId(): number | undefined {
    return this.#message?.id;
  }

  close(content: HTMLElement | undefined): void {
    this.#loading.abort();
    this.#message = undefined;
    this.#pane.replaceChildren(...(content === undefined ? [] : [content]));
  }

  async open(id: number, view: View): Promise<void> {
    if (this.#message?.id === id && this.#view === view) return;
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    if (this.#message?.id === id) {
      this.#show(this.#message, view, true);
      return;
    }
    this.#message = undefined;
    this.#pane.replaceChildren(skeleton());
    this.#pane.setAttribute('aria-busy', 'true');
    try {
      const message = await fetchMessage(id, signal);
      this.#message = message;
      this.#show(message, view, false);
      this.#pane.scrollTop = 0;
    } catch (error) {
      if (!signal.aborted) this.#pane.replaceChildren(failure(error));
    } finally {
      if (!signal.aborted) this.#pane.removeAttribute('aria-busy');
    }
  }

  /** It was deleted while it was open. */
  gone(ids: readonly number[]): boolean {
    const { openId } = this;
    if (openId === undefined || !ids.includes(openId)) return false;
    this.close(undefined);
    return true;
  }

  #show(message: MessageJson, view: View, wasOpen: boolean): void {
    this.#view = view;
    const shown = view === 'text' && !message.hasHtml ? 'message' : view;
    const tabs = this.#tabs(message, shown);
    const panel = element(
      'div',
      { class: 'panel', role: 'tabpanel', id: 'panel', 'aria-labelledby': `tab-${shown}` },
      this.#content(message, shown),
    );
    const hadFocus = document.activeElement?.getAttribute('role') === 'tab';
    this.#pane.replaceChildren(this.#head(message), tabs, panel);
    if (wasOpen && hadFocus) document.getElementById(`tab-${shown}`)?.focus();
  }

  #content(message: MessageJson, view: View): HTMLElement {
    switch (view) {
      case 'message':
        return messageView(message);
      case 'text':
        return textView(message);
      case 'envelope':
        return envelopeView(message);
      case 'session':
        return sessionView(message);
      case 'headers':
        return headersView(message);
      case 'source':
        return sourceView(message, this.#loading.signal);
    }
  }

  #tabs(message: MessageJson, shown: View): HTMLElement {
    const views = (Object.keys(NAMES) as View[]).filter((view) => view !== 'text' || message.hasHtml);
    const tabs = views.map((view) =>
      element(
        'a',
        {
          role: 'tab',
          id: `tab-${view}`,
          href: hashOf({ id: message.id, view }),
          'aria-selected': view === shown ? 'true' : 'false',
          'aria-controls': 'panel',
          tabindex: view === shown ? '0' : '-1',
        },
        NAMES[view],
        view === 'envelope' && message.leaked && element('span', { class: 'alarm', title: 'a Bcc field arrived' }, '!'),
      ),
    );
    const list = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views of the message' }, ...tabs);
    list.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const at = tabs.findIndex((tab) => tab === document.activeElement);
      const next = tabs[(at + step + tabs.length) % tabs.length];
      next?.focus();
      next?.click();
    });
    return list;
  }

  #head(message: MessageJson): HTMLElement {
    const { id, subject, from, to, cc, date, receivedAt, envelope } = message;
    return element(
      'header',
      { class: 'head' },
      element(
        'div',
        { class: 'actions' },
        element('a', { class: 'back', href: '#/' }, 'All messages'),
        element('a', { class: 'quiet', href: `${pathOf(id)}.eml`, download: true }, 'Download .eml'),
        button(
          'Delete',
          () => {
            this.#actions.delete(id);
          },
          { class: 'quiet danger' },
        ),
      ),
      element('h2', { class: 'subject' }, subject === '' ? 'No subject' : subject),
      element(
        'dl',
        { class: 'people' },
        ...pair('From', from === '' ? shownAddress(envelope.from) : from),
        ...pair('To', to === '' ? 'nobody is named' : to),
        ...(cc === '' ? [] : pair('Cc', cc)),
        ...pair('Arrived', arrivedText(receivedAt, date)),
      ),
      this.#strip(message),
      ...warningsOf(message),
      filesOf(message),
    );
  }

  /** The envelope in one line: what the fields do not tell. */
  #strip(message: MessageJson): HTMLElement {
    const { envelope, refused, blind, leaked, outcome, octets: size, client } = message;
    const part = (text: string, kind = ''): HTMLElement => element('span', { class: `tag ${kind}` }, text);
    return element(
      'p',
      { class: 'strip' },
      part(counted(envelope.to.length, 'recipient')),
      blind > 0 && part(`${String(blind)} blind`, 'note'),
      refused > 0 && part(`${String(refused)} refused`, 'warn'),
      leaked && part('Bcc left in', 'bad'),
      outcome === 'dropped' && part('connection cut before the answer', 'bad'),
      client.user !== '' && part(`login ${client.user}`),
      part(octets(size)),
    );
  }
}

function arrivedText(receivedAt: string, date: string): string {
  const arrived = longTime(receivedAt);
  const apart = date === '' ? Number.NaN : Math.abs(Date.parse(receivedAt) - Date.parse(date));
  return apart > 120_000 ? `${arrived}; the message is dated ${longTime(date)}` : arrived;
}

function pair(name: string, value: string): HTMLElement[] {
  return [element('dt', {}, name), element('dd', {}, value)];
}

function warningsOf({ warnings }: MessageJson): Child[] {
  if (warnings.length === 0) return [];
  const list = element('ul', {}, ...warnings.map(({ message }) => element('li', {}, message)));
  const title = counted(warnings.length, 'warning');
  return [element('details', { class: 'warnings' }, element('summary', {}, title), list)];
}

function filesOf({ id, files }: MessageJson): Child {
  if (files.length === 0) return undefined;
  return element('ul', { class: 'files', 'aria-label': 'Attachments' }, ...files.map((file) => fileOf(id, file)));
}

function fileOf(id: number, { index, filename, contentType, octets: size, isInline }: AttachmentJson): HTMLElement {
  const name = filename === '' ? 'without a name' : filename;
  return element(
    'li',
    {},
    element(
      'a',
      { class: 'file', href: `${pathOf(id)}/attachments/${String(index)}`, download: true },
      element('span', { class: 'file-name' }, name),
      element('span', { class: 'file-facts' }, `${contentType}, ${octets(size)}${isInline ? ', inline' : ''}`),
    ),
  );
}

export function state(title: string, text: string, ...more: readonly Child[]): HTMLElement {
  return element('div', { class: 'state' }, element('h2', {}, title), element('p', {}, text), ...more);
}

function failure(error: unknown): HTMLElement {
  if (error instanceof RequestError) {
    const title = error.status === 404 ? 'This message is gone' : 'The message cannot be shown';
    return state(title, error.hint === '' ? error.message : error.hint);
  }
  return state('The inbox does not answer', 'The page tries again as soon as it does.');
}

function skeleton(): HTMLElement {
  const bars = ['wide', 'half', 'third', 'block'].map((size) => element('span', { class: `bone ${size}` }));
  return element('div', { class: 'skeleton', role: 'status', 'aria-label': 'Loading the message' }, ...bars);
}
