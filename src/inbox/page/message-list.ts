/** The list of messages: the newest on top, filtered as one types, walked through with the arrow keys. */
import type { SummaryJson } from '../api-types.js';
import { element } from '../../web/page/dom.js';
import { counted, octets, shortTime, shownAddress } from '../../web/page/format.js';
import { withoutAddresses } from './format.js';
import { hashOf, type View } from './place.js';

export interface ListActions {
  readonly delete: (id: number) => void;
}

export class MessageList {
  readonly #list: HTMLOListElement;
  readonly #actions: ListActions;
  readonly #rows = new Map<number, HTMLLIElement>();
  readonly #messages = new Map<number, SummaryJson>();
  readonly #unread = new Set<number>();
  #filter = '';
  #open: number | undefined;
  #view: View = 'message';

  constructor(list: HTMLOListElement, actions: ListActions) {
    this.#list = list;
    this.#actions = actions;
    list.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
  }

  get size(): number {
    return this.#messages.size;
  }

  get unread(): number {
    return this.#unread.size;
  }

  get shown(): number {
    return this.#list.childElementCount;
  }

  get ids(): readonly number[] {
    return [...this.#messages.keys()];
  }

  /**
   * What the server has, the newest first, in place of what was known before it was asked. Gives the ids that are gone, or that
   * now mean another message: the server may have been started anew.
   */
  reset(messages: readonly SummaryJson[], known: readonly number[]): readonly number[] {
    const received = new Map(messages.map(({ id, receivedAt }) => [id, receivedAt]));
    const gone = known.filter((id) => received.get(id) !== this.#messages.get(id)?.receivedAt);
    this.remove(gone);
    for (const message of [...messages].reverse()) this.add(message, false);
    this.filter(this.#filter);
    return gone;
  }

  add(message: SummaryJson, isNew: boolean): void {
    if (this.#messages.has(message.id)) return;
    this.#messages.set(message.id, message);
    if (isNew) this.#unread.add(message.id);
    const row = rowOf(message, this.#view);
    row.classList.toggle('arrived', isNew);
    row.classList.toggle('unread', isNew);
    this.#rows.set(message.id, row);
    if (this.#fits(message)) this.#list.prepend(row);
    this.#mark();
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row?.contains(document.activeElement) === true) this.#neighbour(row)?.focus();
      row?.remove();
      this.#rows.delete(id);
      this.#messages.delete(id);
      this.#unread.delete(id);
    }
    this.#mark();
  }

  /** Which message is open, and in which view the next one opens. */
  open(id: number | undefined, view: View): void {
    this.#open = id;
    this.#view = view;
    if (id !== undefined) {
      this.#unread.delete(id);
      this.#rows.get(id)?.classList.remove('unread', 'arrived');
    }
    for (const [other, row] of this.#rows) linkOf(row)?.setAttribute('href', hashOf({ id: other, view }));
    this.#mark();
  }

  filter(text: string): void {
    this.#filter = text.trim().toLowerCase();
    const rows = [...this.#messages.values()].filter((message) => this.#fits(message)).sort((a, b) => b.id - a.id);
    this.#list.replaceChildren(...rows.flatMap(({ id }) => this.#rows.get(id) ?? []));
    this.#mark();
  }

  focus(): void {
    (this.#list.querySelector<HTMLAnchorElement>('a[tabindex="0"]') ?? this.#list.querySelector('a'))?.focus();
  }

  #fits({ subject, from, to, preview, envelope }: SummaryJson): boolean {
    if (this.#filter === '') return true;
    const all = [subject, from, to, preview, envelope.from, ...envelope.to];
    return all.some((text) => text.toLowerCase().includes(this.#filter));
  }

  /** One row is in the order of the Tab key: the open one, else the first. */
  #mark(): void {
    const links = [...this.#list.querySelectorAll<HTMLAnchorElement>('a.row')];
    const open = links.find((link) => link.dataset['id'] === String(this.#open));
    for (const link of links) {
      link.setAttribute('tabindex', link === (open ?? links[0]) ? '0' : '-1');
      if (link === open) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  #onKey(event: KeyboardEvent): void {
    const row = event.target instanceof Element ? event.target.closest('li') : null;
    if (row === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const target = this.#targetOf(event.key, row);
    if (target !== undefined) {
      event.preventDefault();
      target.focus();
    } else if (event.key === 'Delete') {
      event.preventDefault();
      this.#actions.delete(Number(linkOf(row)?.dataset['id']));
    }
  }

  #targetOf(key: string, row: Element): HTMLElement | undefined {
    switch (key) {
      case 'ArrowDown':
        return linkOf(row.nextElementSibling);
      case 'ArrowUp':
        return linkOf(row.previousElementSibling);
      case 'Home':
        return linkOf(this.#list.firstElementChild);
      case 'End':
        return linkOf(this.#list.lastElementChild);
      default:
        return undefined;
    }
  }

  #neighbour(row: Element): HTMLElement | undefined {
    return linkOf(row.nextElementSibling) ?? linkOf(row.previousElementSibling);
  }
}

function linkOf(row: Element | null): HTMLAnchorElement | undefined {
  return row?.querySelector<HTMLAnchorElement>('a.row') ?? undefined;
}

function rowOf(message: SummaryJson, view: View): HTMLLIElement {
  const { id, subject, from, envelope, receivedAt, preview } = message;
  const [first = '', ...others] = envelope.to;
  const more = others.length === 0 ? '' : ` +${String(others.length)}`;
  return element(
    'li',
    {},
    element(
      'a',
      { class: 'row', href: hashOf({ id, view }), 'data-id': String(id) },
      element(
        'span',
        { class: 'row-top' },
        element('span', { class: 'row-from' }, from === '' ? shownAddress(envelope.from) : withoutAddresses(from)),
        element('time', { class: 'row-time', datetime: receivedAt }, shortTime(receivedAt, new Date())),
      ),
      element('span', { class: 'row-subject' }, subject === '' ? 'No subject' : subject),
      element('span', { class: 'row-to' }, `to ${first}${more}`),
      preview !== '' && element('span', { class: 'row-preview' }, preview),
      tagsOf(message),
    ),
  );
}

function tagsOf({ leaked, blind, refused, attachments, outcome, octets: size }: SummaryJson): HTMLElement {
  const tag = (text: string, kind = ''): HTMLElement => element('span', { class: `tag ${kind}` }, text);
  return element(
    'span',
    { class: 'row-tags' },
    leaked && tag('Bcc left in', 'bad'),
    outcome === 'dropped' && tag('no answer given', 'bad'),
    refused > 0 && tag(`${String(refused)} refused`, 'warn'),
    blind > 0 && tag(`${String(blind)} blind`, 'note'),
    attachments > 0 && tag(counted(attachments, 'file')),
    tag(octets(size)),
  );
}
